"""Who read sensitive data of which record, when and through what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import SQLModel

from db.kernel.guards import AppendOnly, guard
from db.kernel.record import Instant, personal, plain, uuid7


class AccessLog(SQLModel, table=True):
    """One reading of one record's sensitive fields (or of a whole record that is sensitive: no fields)."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index("access_log_of_record", "record_kind", "record_id", "at"),
        Index("access_log_by_actor", "actor_id", "at"),
    )
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    at: datetime = plain(sa_type=Instant, nullable=False, index=True)
    actor_id: UUID | None = plain(default=None)
    actor_name: str = personal(nullable=False)
    via: str = plain(nullable=False)  # screen, api, job, cli, notebook
    through: str = plain(nullable=False)  # record, history, export
    record_kind: str = plain(nullable=False)
    record_id: UUID = plain(nullable=False)
    fields: list[Any] = plain(sa_type=JSON, default_factory=list)


guard(AppendOnly("access_log"))
