"""Tickets that were issued. Only their hash is kept."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from db.kernel.record import Instant, plain, secret


class Ticket(SQLModel, table=True):
    """A ticket of one person for one purpose; `session_id` is the browser session that asked for it."""

    __tablename__ = "ticket"
    digest: str = secret(primary_key=True)
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    session_id: UUID | None = plain(default=None)
    purpose: str = plain(nullable=False)
    subject: str = plain(nullable=False)
    expires_at: datetime = plain(sa_type=Instant, nullable=False, index=True)
    used_at: datetime | None = plain(sa_type=Instant, default=None)
