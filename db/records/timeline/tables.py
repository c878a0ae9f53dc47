"""What happened to a record, in words, newest first on its page; and on whose pages besides."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import SQLModel

from db.kernel.record import Instant, personal, plain, uuid7


class TimelineEntry(SQLModel, table=True):
    """One line of a record's story. `message_id` is the French sentence, `params` fill its places."""

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("timeline_of_record", "kind", "record_id", "at"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    kind: str = plain(nullable=False)
    record_id: UUID = plain(nullable=False)
    at: datetime = plain(sa_type=Instant, nullable=False)
    icon: str = plain(nullable=False)
    message_id: str = plain(nullable=False)
    params: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)
    text: str = personal(default="", nullable=False)  # what a person wrote, never translated
    by_name: str = personal(nullable=False)
    origin_kind: str | None = plain(default=None)
    origin_id: UUID | None = plain(default=None)


class TimelineLink(SQLModel, table=True):
    """A record besides its own on which a line is told; `at` is the line's, so that stories are read in one order."""

    __tablename__ = "timeline_link"
    __table_args__ = (Index("timeline_link_of_record", "kind", "record_id", "at"),)
    entry_id: UUID = plain(primary_key=True, foreign_key="timeline_entry.id")
    kind: str = plain(primary_key=True)
    record_id: UUID = plain(primary_key=True)
    at: datetime = plain(sa_type=Instant, nullable=False)
