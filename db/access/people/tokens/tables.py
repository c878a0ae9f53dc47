"""Keys with which programs act as a person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import SQLModel

from db.kernel.record import Instant, plain, secret, uuid7


class ApiToken(SQLModel, table=True):
    """A key of a program: never more than its person may do, and only the permissions in `scopes`."""

    __tablename__ = "api_token"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    token_hash: str = secret(nullable=False, unique=True)
    label: str = plain(nullable=False)
    scopes: list[str] = plain(sa_type=JSON, nullable=False)
    made_at: datetime = plain(sa_type=Instant, nullable=False)
    expires_at: datetime = plain(sa_type=Instant, nullable=False)
    revoked_at: datetime | None = plain(sa_type=Instant, default=None)
