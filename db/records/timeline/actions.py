"""Writing the story of a record, in the deed that it tells of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.record import uuid7
from db.records.relations.queries import relatives
from db.records.timeline.tables import TimelineEntry, TimelineLink


@dataclass(frozen=True)
class Told:
    """One line to be written. `happened_at` is when it happened, which may lie before the deed (an import)."""

    kind: str
    record_id: UUID
    icon: str
    message_id: str
    happened_at: datetime
    params: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    origin_kind: str | None = None
    origin_id: UUID | None = None


@gate("records.write_note")
def add_entries(session: Session, *, entries: Sequence[Told], by: Actor, at: datetime) -> None:
    """Write many lines at once."""
    _write(session, [_row(entry, by) for entry in entries])


@gate("records.write_note")
def add_entry(
    session: Session,
    *,
    kind: str,
    record_id: UUID,
    icon: str,
    message_id: str,
    by: Actor,
    at: datetime,
    params: dict[str, Any] | None = None,
    text: str = "",
    origin: tuple[str, UUID] | None = None,
) -> None:
    """Write one line into the story of a record."""
    origin_kind, origin_id = origin or (None, None)
    told = Told(
        kind,
        record_id,
        icon,
        message_id,
        at,
        params or {},
        text,
        origin_kind,
        origin_id,
    )
    _write(session, [_row(told, by)])


@gate("records.write_note")
def tell_also_on(
    session: Session,
    *,
    source: tuple[str, UUID],
    target: tuple[str, UUID],
    by: Actor,
    at: datetime,
) -> int:
    """Show the story of one record on another's page as well; return how many lines are new there."""
    past = select(col(TimelineEntry.id), col(TimelineEntry.at)).where(
        col(TimelineEntry.kind) == source[0], col(TimelineEntry.record_id) == source[1]
    )
    there = select(col(TimelineLink.entry_id)).where(
        col(TimelineLink.kind) == target[0], col(TimelineLink.record_id) == target[1]
    )
    known = set(session.scalars(there))
    links = [
        _link(entry_id, target, at) for entry_id, at in session.connection().execute(past) if entry_id not in known
    ]
    if links:
        session.connection().execute(insert(TimelineLink), links)
    return len(links)


@gate("records.write_note")
def remove_told(
    session: Session, *, origin: tuple[str, UUID], places: Sequence[tuple[str, UUID]], by: Actor, at: datetime
) -> None:
    """Remove the lines about something (an e-mail) from the story of records to which it no longer belongs."""
    for kind, record_id in places:
        theirs = (
            col(TimelineEntry.kind) == kind,
            col(TimelineEntry.record_id) == record_id,
            col(TimelineEntry.origin_kind) == origin[0],
            col(TimelineEntry.origin_id) == origin[1],
        )
        links = delete(TimelineLink).where(col(TimelineLink.entry_id).in_(select(col(TimelineEntry.id)).where(*theirs)))
        session.connection().execute(links)
        session.connection().execute(delete(TimelineEntry).where(*theirs))


@gate("records.write_note")
def remove_timeline(session: Session, *, kind: str, record_ids: Sequence[UUID], by: Actor, at: datetime) -> None:
    """Remove the story of records that an undone import had made."""
    for start in range(0, len(record_ids), 500):
        chunk = list(record_ids[start : start + 500])
        theirs = (col(TimelineEntry.kind) == kind, col(TimelineEntry.record_id).in_(chunk))
        links = delete(TimelineLink).where(col(TimelineLink.entry_id).in_(select(col(TimelineEntry.id)).where(*theirs)))
        session.connection().execute(links)
        session.connection().execute(delete(TimelineEntry).where(*theirs))


def _write(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write lines, and where else each is told: on the records that its own record points to."""
    if not rows:
        return
    session.connection().execute(insert(TimelineEntry), rows)
    links = []
    for kind in {row["kind"] for row in rows}:
        of_kind = [row for row in rows if row["kind"] == kind]
        others = relatives(session, kind=kind, record_ids=[row["record_id"] for row in of_kind])
        links += [_link(row["id"], other, row["at"]) for row in of_kind for other in others.get(row["record_id"], [])]
    if links:
        session.connection().execute(insert(TimelineLink), links)


def _link(entry_id: UUID, target: tuple[str, UUID], at: datetime) -> dict[str, Any]:
    return {"entry_id": entry_id, "kind": target[0], "record_id": target[1], "at": at}


def _row(told: Told, by: Actor) -> dict[str, Any]:
    row = {name: value for name, value in vars(told).items() if name != "happened_at"}
    return {**row, "id": uuid7(), "at": told.happened_at, "by_name": by.name}
