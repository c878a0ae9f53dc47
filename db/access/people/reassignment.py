"""What a person who leaves hands over: areas above register their records here, so that this one need not know them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlmodel import Session

from db.access.gate import readable
from db.access.rules import Actor
from db.kernel.errors import NotAllowed


class Reassign(Protocol):
    """Gives all records of one kind to another person; returns how many."""

    def __call__(self, session: Session, *, from_user: UUID, to_user: UUID, by: Actor, at: datetime) -> int: ...


@dataclass(frozen=True)
class Belongings:
    """One kind of record that belongs to people."""

    label: str  # French plural, for the page: "pistes"
    count: Callable[[Session, UUID], int]
    reassign: Reassign


@dataclass(frozen=True)
class HandOver:
    """How many records of one kind a person has."""

    kind: str
    label: str
    count: int


class NobodyTakesOver(NotAllowed):
    """Records would belong to somebody who is not there any more."""


BELONGINGS: dict[str, Belongings] = {}


def register_belongings(kind: str, *, label: str, count: Callable[[Session, UUID], int], reassign: Reassign) -> None:
    """Say that records of a kind belong to people (called at import, beside the area's actions)."""
    BELONGINGS[kind] = Belongings(label, count, reassign)


@readable("access.manage_users")
def belongings_of(session: Session, *, user_id: UUID) -> list[HandOver]:
    """List what a person would hand over, by kind."""
    return [HandOver(kind, what.label, what.count(session, user_id)) for kind, what in sorted(BELONGINGS.items())]


def reassign_everything(
    session: Session, *, from_user: UUID, to_user: UUID | None, by: Actor, at: datetime
) -> dict[str, int]:
    """Give everything of one person to another; return how many records by kind.

    Raises:
        NobodyTakesOver: there is something to give and nobody to take it.
    """
    waiting = [found for found in belongings_of(session, user_id=from_user) if found.count]
    if waiting and to_user is None:
        what = ", ".join(f"{found.count} {found.label}" for found in waiting)
        raise NobodyTakesOver("Choisissez qui reprend : {what}.", what=what)
    if to_user is None:
        return {}
    return {
        found.kind: BELONGINGS[found.kind].reassign(session, from_user=from_user, to_user=to_user, by=by, at=at)
        for found in waiting
    }
