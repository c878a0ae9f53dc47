"""Answers that are kept for requests that may come again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import SQLModel

from db.kernel.record import Instant, personal, plain, uuid7


class IdempotencyKey(SQLModel, table=True):
    """One request of one person under one key; without a status it is being carried out."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("user_id", "key"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    user_id: UUID = plain(nullable=False)
    key: str = plain(nullable=False)
    request: str = plain(nullable=False)  # its fingerprint
    at: datetime = plain(sa_type=Instant, nullable=False, index=True)
    status: int | None = plain(default=None)
    headers: dict[str, str] = plain(sa_type=JSON, default_factory=dict)
    body: bytes = personal(default=b"", nullable=False)
