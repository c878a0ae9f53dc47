"""What an import did to each lead, so that it can be undone row by row."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import SQLModel

from db.kernel.record import personal, plain


class ImportedLead(SQLModel, table=True):
    """One lead that an import made or changed. `row_version` is the lead's right after; later means touched since."""

    __tablename__ = "imported_lead"
    __table_args__ = (CheckConstraint("operation in ('create', 'update')", name="imported_lead_operation"),)
    import_id: UUID = plain(primary_key=True)
    lead_id: UUID = plain(primary_key=True, index=True)
    operation: str = plain(nullable=False)
    row_version: int = plain(nullable=False)
    before: dict[str, Any] | None = personal(sa_type=JSON, default=None)
