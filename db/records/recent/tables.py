"""What each person used last, so that it is found first."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from db.kernel.record import Instant, personal, plain


class RecentUse(SQLModel, table=True):
    """One thing that a person used: `lead:<id>`, `page:/pistes`, `action:new_lead`."""

    __tablename__ = "recent_use"
    __table_args__ = (Index("recent_use_of_person", "user_id", "at"),)
    user_id: UUID = plain(primary_key=True, foreign_key="user_account.id")
    target: str = personal(primary_key=True)
    at: datetime = plain(sa_type=Instant, nullable=False)
