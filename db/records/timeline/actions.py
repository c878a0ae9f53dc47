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
from db.records.timeline.tables import TimelineEntry


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
    rows = [_row(entry, by) for entry in entries]
    if rows:
        session.connection().execute(insert(TimelineEntry), rows)


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
    session.connection().execute(insert(TimelineEntry), [_row(told, by)])


@gate("records.write_note")
def carry_timeline(
    session: Session,
    *,
    source: tuple[str, UUID],
    target: tuple[str, UUID],
    by: Actor,
    at: datetime,
) -> int:
    """Repeat the story of one record in that of another, as its origin; return how many lines."""
    past = select(TimelineEntry).where(col(TimelineEntry.kind) == source[0], col(TimelineEntry.record_id) == source[1])
    rows = [
        {
            **entry.model_dump(exclude={"id"}),
            "id": uuid7(),
            "kind": target[0],
            "record_id": target[1],
            "origin_kind": source[0],
            "origin_id": source[1],
        }
        for entry in session.scalars(past)
    ]
    if rows:
        session.connection().execute(insert(TimelineEntry), rows)
    return len(rows)


@gate("records.write_note")
def remove_timeline(session: Session, *, kind: str, record_ids: Sequence[UUID], by: Actor, at: datetime) -> None:
    """Remove the story of records that an undone import had made."""
    for start in range(0, len(record_ids), 500):
        chunk = list(record_ids[start : start + 500])
        gone = delete(TimelineEntry).where(col(TimelineEntry.kind) == kind, col(TimelineEntry.record_id).in_(chunk))
        session.connection().execute(gone)


def _row(told: Told, by: Actor) -> dict[str, Any]:
    row = {name: value for name, value in vars(told).items() if name != "happened_at"}
    return {**row, "id": uuid7(), "at": told.happened_at, "by_name": by.name}
