"""Browsers that are signed in, and how often somebody tried."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from db.kernel.record import Instant, personal, plain, secret, uuid7


class SignInSession(SQLModel, table=True):
    """A browser of a person. The cookie holds a random token, the database only its hash."""

    __tablename__ = "sign_in_session"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    token_hash: str = secret(nullable=False, unique=True)
    waits_for_code: bool = plain(default=False, nullable=False)  # the password was right, the second factor is to come
    device: str = personal(nullable=False)
    address: str = personal(nullable=False)
    opened_at: datetime = plain(sa_type=Instant, nullable=False)
    last_seen_at: datetime = plain(sa_type=Instant, nullable=False)
    fresh_until: datetime | None = plain(sa_type=Instant, default=None)
    ended_at: datetime | None = plain(sa_type=Instant, default=None)


class SignInAttempt(SQLModel, table=True):
    """Failures in a row of one account, address or second factor (`key` is a hash)."""

    __tablename__ = "sign_in_attempt"
    key: str = plain(primary_key=True)
    failures: int = plain(default=0, nullable=False)
    last_at: datetime = plain(sa_type=Instant, nullable=False, index=True)
