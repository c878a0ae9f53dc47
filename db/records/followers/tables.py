"""Who follows which record."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from db.kernel.record import Instant, plain


class Follower(SQLModel, table=True):
    """A person who wants to know what changes on a record."""

    __tablename__ = "follower"
    user_id: UUID = plain(primary_key=True, foreign_key="user_account.id")
    kind: str = plain(primary_key=True)
    record_id: UUID = plain(primary_key=True, index=True)
    since: datetime = plain(sa_type=Instant, nullable=False)
