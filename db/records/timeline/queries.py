"""The story of a record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.records.timeline.tables import TimelineEntry


@dataclass(frozen=True)
class TimelineLine:
    """One line of the story, still to be put into the reader's language."""

    at: datetime
    icon: str
    message_id: str
    params: dict[str, Any]
    text: str
    by_name: str
    origin_kind: str | None
    origin_id: UUID | None


@readable("records.read")
def timeline(session: Session, *, kind: str, record_id: UUID, limit: int = 200) -> list[TimelineLine]:
    """Return the newest lines of a record's story, newest first."""
    wanted = (
        select(TimelineEntry)
        .where(col(TimelineEntry.kind) == kind, col(TimelineEntry.record_id) == record_id)
        .order_by(col(TimelineEntry.at).desc(), col(TimelineEntry.id).desc())
        .limit(limit)
    )
    return [
        TimelineLine(
            e.at,
            e.icon,
            e.message_id,
            e.params,
            e.text,
            e.by_name,
            e.origin_kind,
            e.origin_id,
        )
        for e in session.scalars(wanted)
    ]
