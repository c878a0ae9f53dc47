"""Changing many records in one deed: what can be done is done, what is refused is told, record by record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.gate import current_deed
from db.access.rules import Actor, may_see_field, reaches_owner
from db.kernel.errors import BusinessError, NotAllowed, NotFound


@dataclass(frozen=True)
class Change:
    """What is to happen to one record: a verb of its list, with values. Without a version, whatever it is now."""

    record_id: UUID
    values: Mapping[str, Any]
    verb: str = "edit"
    expected_version: int | None = None


@dataclass(frozen=True)
class Refused:
    """A record that stayed as it was, and why."""

    record_id: UUID
    message_id: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Changed:
    """What one deed did."""

    deed_id: UUID
    done: tuple[UUID, ...]
    refused: tuple[Refused, ...]


def each(session: Session, changes: Sequence[Change], apply: Callable[[Change], None]) -> Changed:
    """Apply changes one by one, each whole or not at all.

    Raises: BusinessError: nothing at all could be done; the first refusal.
    """
    done: list[UUID] = []
    refused: list[Refused] = []
    first: BusinessError | None = None
    for change in changes:
        try:
            with session.begin_nested():
                apply(change)
                session.flush()
        except BusinessError as refusal:
            first = first or refusal
            refused.append(Refused(change.record_id, refusal.message_id, refusal.params))
        else:
            done.append(change.record_id)
    if first is not None and not done:
        raise first
    return Changed(current_deed(session).id, tuple(done), tuple(refused))


def check_reach(by: Actor, permission: str, owner_id: UUID | None) -> None:
    """Refuse a record whose owner the actor does not reach.

    Raises: NotAllowed.
    """
    if not reaches_owner(by, permission, owner_id):
        raise NotAllowed("Vos droits ne s’étendent pas à cette fiche.")


def check_fields_seen(by: Actor, table: str, names: Sequence[str]) -> None:
    """Refuse to change a field that the actor may not see.

    Raises: NotFound.
    """
    for name in names:
        if not may_see_field(by, table, name):
            raise NotFound("Le champ « {key} » n’existe pas.", key=name)
