"""Links with which a person chooses a new password."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from db.kernel.record import Instant, plain, secret, uuid7


class ResetLink(SQLModel, table=True):
    """A link that was given out once: good once, and not for long; only the hash of its token is kept."""

    __tablename__ = "reset_link"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    token_hash: str = secret(nullable=False, unique=True)
    made_at: datetime = plain(sa_type=Instant, nullable=False)
    expires_at: datetime = plain(sa_type=Instant, nullable=False)
    used_at: datetime | None = plain(sa_type=Instant, default=None)
