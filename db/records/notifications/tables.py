"""What people were told, how they want to be told, and the digests that left."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import SQLModel

from db.kernel.record import Centimes, Instant, personal, plain, uuid7


class Message(SQLModel, table=True):
    """One thing told to one person; `shown_from` is after her quiet time, `in_app` and `in_digest` are her choice."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("user_id", "once", name="told_once"),
        Index("message_of_person", "user_id", "read_at", "shown_from"),
        Index("message_for_digest", "in_digest", "digest_id"),
    )
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    topic: str = plain(nullable=False)
    once: str = plain(nullable=False)
    at: datetime = plain(sa_type=Instant, nullable=False)
    shown_from: datetime = plain(sa_type=Instant, nullable=False)
    message_id: str = personal(nullable=False)
    params: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)
    kind: str = plain(default="", nullable=False)
    record_id: UUID | None = plain(default=None)
    address: str = plain(default="", nullable=False)
    amount: Decimal | None = plain(sa_type=Centimes, default=None)
    in_app: bool = plain(default=True, nullable=False)
    in_digest: bool = plain(default=False, nullable=False)
    digest_id: UUID | None = plain(default=None)
    read_at: datetime | None = plain(sa_type=Instant, default=None)


class MessageChoice(SQLModel, table=True):
    """How a person wants to be told about a topic."""

    __tablename__ = "message_choice"
    user_id: UUID = plain(primary_key=True, foreign_key="user_account.id")
    topic: str = plain(primary_key=True)
    way: str = plain(nullable=False)


class MessageHours(SQLModel, table=True):
    """When a person is told, and up to when what she follows was looked at."""

    __tablename__ = "message_hours"
    user_id: UUID = plain(primary_key=True, foreign_key="user_account.id")
    digest_at: int | None = plain(default=None)
    quiet_from: int | None = plain(default=None)
    quiet_to: int | None = plain(default=None)
    followed_until: datetime | None = plain(sa_type=Instant, default=None)


class Digest(SQLModel, table=True):
    """One e-mail a day at most; one that was begun and not ended is not sent again."""

    __tablename__ = "message_digest"
    __table_args__ = (UniqueConstraint("user_id", "day", name="one_digest_a_day"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    day: date = plain(nullable=False)
    made_at: datetime = plain(sa_type=Instant, nullable=False)
    begun_at: datetime | None = plain(sa_type=Instant, default=None)
    sent_at: datetime | None = plain(sa_type=Instant, default=None)
    problem: str = plain(default="", nullable=False)
