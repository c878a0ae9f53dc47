"""Where merged records went, and which untracked rows moved with them (history keeps the tracked ones)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import SQLModel

from db.kernel.record import Instant, personal, plain, uuid7


class MergedRecord(SQLModel, table=True):
    """A record that became part of another; while `undone` it stands on its own again."""

    __tablename__ = "merged_record"
    __table_args__ = (Index("merged_record_of", "kind", "loser_id"),)
    deed_id: UUID = plain(primary_key=True, foreign_key="deed.id")
    kind: str = plain(nullable=False)
    loser_id: UUID = plain(nullable=False)
    winner_id: UUID = plain(nullable=False, index=True)
    name: str = personal(nullable=False)
    at: datetime = plain(sa_type=Instant, nullable=False)
    undone: bool = plain(default=False, nullable=False)


class MovedReference(SQLModel, table=True):
    """Rows of one table that a merge led to the record that is kept: their keys, and what would have been double."""

    __tablename__ = "moved_reference"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    deed_id: UUID = plain(foreign_key="merged_record.deed_id", nullable=False, index=True)
    table_name: str = plain(nullable=False)
    column_name: str = plain(nullable=False)
    keys: list[Any] = personal(sa_type=JSON, default_factory=list)
    doubles: list[Any] = personal(sa_type=JSON, default_factory=list)
