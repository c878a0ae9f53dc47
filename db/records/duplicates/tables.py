"""Pairs of records that are likely the same, and those of which somebody said that they are not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from db.kernel.record import Instant, Record, plain, uuid7


class DuplicatePair(SQLModel, table=True):
    """Two records that the last search found likely the same; `score` in thousandths."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("kind", "one_id", "other_id"),
        Index("duplicate_pair_by_score", "kind", "score", "id"),
    )
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    kind: str = plain(nullable=False)
    one_id: UUID = plain(nullable=False)
    other_id: UUID = plain(nullable=False)
    score: int = plain(nullable=False)
    reasons: list[Any] = plain(sa_type=JSON, default_factory=list)
    found_at: datetime = plain(sa_type=Instant, nullable=False)


class NoDuplicate(Record, table=True):
    """Somebody said that two records are not the same; they are not proposed again."""

    __tablename__ = "no_duplicate"
    __table_args__ = (
        UniqueConstraint("kind", "one_id", "other_id"),
        CheckConstraint("one_id <> other_id", name="no_duplicate_two"),
    )
    kind: str = plain(nullable=False)
    one_id: UUID = plain(nullable=False)
    other_id: UUID = plain(nullable=False)
