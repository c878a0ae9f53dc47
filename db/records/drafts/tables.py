"""What people typed into a form and have not saved yet."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import SQLModel

from db.kernel.record import Instant, personal, plain, uuid7


class FormDraft(SQLModel, table=True):
    """One person's unsaved form of one record (`record_key` its id, or `new…`); `seen` is the change it began from."""

    __tablename__ = "form_draft"
    __table_args__ = (UniqueConstraint("owner_id", "kind", "record_key"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    owner_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    kind: str = plain(nullable=False)
    record_key: str = plain(nullable=False)
    seen: str = plain(default="", nullable=False)
    saved_at: datetime = plain(sa_type=Instant, nullable=False, index=True)
    values: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)
