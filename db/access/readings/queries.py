"""The log of readings of sensitive data, for those who watch over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from db.access.gate import readable
from db.access.readings.tables import AccessLog


@dataclass(frozen=True)
class Reading:
    """One reading: who, of which record, which fields (none: the whole record), when and through what."""

    id: UUID
    at: datetime
    actor_name: str
    via: str
    through: str
    record_kind: str
    record_id: UUID
    fields: tuple[str, ...]


@readable("access.read_access_log")
def readings(
    session: Session,
    *,
    actor_id: UUID | None = None,
    record: tuple[str, UUID] | None = None,
    after: tuple[datetime, UUID] | None = None,
    most: int = 50,
) -> Sequence[Reading]:
    """Return readings, newest first: all, one person’s, or of one record; `after` is the last of the page before."""
    wanted = select(AccessLog).order_by(col(AccessLog.at).desc(), col(AccessLog.id).desc()).limit(most)
    if actor_id is not None:
        wanted = wanted.where(AccessLog.actor_id == actor_id)
    if record is not None:
        wanted = wanted.where(AccessLog.record_kind == record[0], AccessLog.record_id == record[1])
    if after is not None:
        at, last = after
        wanted = wanted.where(or_(col(AccessLog.at) < at, and_(col(AccessLog.at) == at, col(AccessLog.id) < last)))
    return [
        Reading(row.id, row.at, row.actor_name, row.via, row.through, row.record_kind, row.record_id, tuple(row.fields))
        for row in session.exec(wanted)
    ]
