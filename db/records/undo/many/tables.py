"""What an undoing in portions left as it was, and why."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import SQLModel

from db.kernel.record import personal, plain, uuid7


class UndoConflict(SQLModel, table=True):
    """One field (or a whole row: no field) that a job could not bring back; `message_id` is French with places."""

    __tablename__ = "undo_conflict"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    job_id: UUID = plain(foreign_key="job.id", nullable=False, index=True)
    table: str = plain(nullable=False)
    record_id: UUID = plain(nullable=False)
    name: str = personal(nullable=False)
    field: str = plain(nullable=False)
    message_id: str = plain(nullable=False)
    params: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)
