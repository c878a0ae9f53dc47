"""Who did what when, with before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from db.access.evidence.hashing import SEALING
from db.access.gate import readable
from db.access.tables import Change, ChangeValue, Deed

CHANGES_PER_DEED = 12


@dataclass(frozen=True)
class ChangeFacts:
    """What a deed did to one record; both sides are None once the values were erased."""

    kind: str
    record_id: UUID
    operation: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True)
class DeedFacts:
    """One deed; `changes` holds the first of `change_count`."""

    id: UUID
    at: datetime
    action: str
    actor_id: UUID | None
    actor_name: str
    via: str
    change_count: int
    changes: tuple[ChangeFacts, ...]


@dataclass(frozen=True)
class DeedFilter:
    """Which deeds are wanted: by whom, on which record or kind of record, in which period (exclusive end)."""

    actor_id: UUID | None = None
    kind: str = ""
    record_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@readable("access.read_names")
def newest_deed(session: Session) -> UUID | None:
    """Return the id of the newest deed: while it stays the same, nobody has changed a record."""
    wanted = select(Deed.id).where(Deed.action != SEALING)
    return session.exec(wanted.order_by(col(Deed.id).desc()).limit(1)).first()


@readable("access.read_history")
def deed_page(
    session: Session, *, wanted: DeedFilter, after: tuple[datetime, UUID] | None = None, most: int = 50
) -> Sequence[DeedFacts]:
    """Return deeds, newest first; `after` is instant and id of the last one of the page before."""
    query = select(Deed).order_by(col(Deed.at).desc(), col(Deed.id).desc()).limit(most)
    for condition in _conditions(wanted):
        query = query.where(condition)
    if after is not None:
        query = query.where(or_(col(Deed.at) < after[0], and_(col(Deed.at) == after[0], col(Deed.id) < after[1])))
    return _facts(session, session.exec(query).all(), kind=wanted.kind, record_id=wanted.record_id)


def record_deeds(session: Session, *, kind: str, record_id: UUID, most: int = 100) -> Sequence[DeedFacts]:
    """Return what was done to one record, newest first; areas offer it under the permission to read that record."""
    wanted = DeedFilter(kind=kind, record_id=record_id)
    return deed_page(session, wanted=wanted, most=most)


@readable("access.read_history")
def recorded_kinds(session: Session) -> Sequence[str]:
    """Return the kinds of record that have a history."""
    return sorted(session.exec(select(Change.record_kind).distinct()))


def _conditions(wanted: DeedFilter) -> list[Any]:
    found: list[Any] = [Deed.action != SEALING]
    if wanted.actor_id is not None:
        found.append(Deed.actor_id == wanted.actor_id)
    if wanted.since is not None:
        found.append(col(Deed.at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(Deed.at) < wanted.until)
    if wanted.kind or wanted.record_id is not None:
        found.append(_touches(wanted))
    return found


def _touches(wanted: DeedFilter) -> Any:
    """Return the condition that a deed touched the record (or a record of the kind)."""
    changed = select(Change.deed_id).where(Change.record_kind == wanted.kind)
    if wanted.record_id is not None:
        changed = changed.where(Change.record_id == wanted.record_id)
    return col(Deed.id).in_(changed)


def _facts(session: Session, deeds: Sequence[Deed], *, kind: str, record_id: UUID | None) -> list[DeedFacts]:
    ids = [deed.id for deed in deeds]
    counts = _counts(session, ids)
    return [
        DeedFacts(
            id=deed.id,
            at=deed.at,
            action=deed.action,
            actor_id=deed.actor_id,
            actor_name=deed.actor_name,
            via=deed.via,
            change_count=counts.get(deed.id, 0),
            changes=_changes(session, deed.id, kind=kind, record_id=record_id),
        )
        for deed in deeds
    ]


def _counts(session: Session, ids: list[UUID]) -> dict[UUID, int]:
    counted = select(Change.deed_id, func.count()).where(col(Change.deed_id).in_(ids)).group_by(col(Change.deed_id))
    return dict(session.exec(counted).all())


def _changes(session: Session, deed_id: UUID, *, kind: str, record_id: UUID | None) -> tuple[ChangeFacts, ...]:
    """Return the first changes of a deed, only those of one record when that is what was asked for."""
    query = (
        select(Change, ChangeValue)
        .outerjoin(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(Change.deed_id == deed_id)
        .order_by(col(Change.id))
        .limit(CHANGES_PER_DEED)
    )
    if record_id is not None:
        query = query.where(Change.record_kind == kind, Change.record_id == record_id)
    return tuple(
        ChangeFacts(
            kind=change.record_kind,
            record_id=change.record_id,
            operation=change.operation,
            before=values.before if values else None,
            after=values.after if values else None,
        )
        for change, values in session.exec(query)
    )
