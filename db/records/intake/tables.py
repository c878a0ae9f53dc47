"""What an import did to each record, so that it can be undone row by row."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import SQLModel

from db.kernel.record import personal, plain


class ImportedRecord(SQLModel, table=True):
    """One record that an import made or changed; a `row_version` later than this one means touched since."""

    __tablename__ = "imported_record"
    __table_args__ = (CheckConstraint("operation in ('create', 'update')", name="imported_record_operation"),)
    import_id: UUID = plain(primary_key=True)
    record_table: str = plain(primary_key=True)
    record_id: UUID = plain(primary_key=True, index=True)
    operation: str = plain(nullable=False)
    row_version: int = plain(nullable=False)
    before: dict[str, Any] | None = personal(sa_type=JSON, default=None)
