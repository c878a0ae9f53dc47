"""What an import did to each record, so that it can be undone row by row."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import SQLModel

from db.kernel.record import personal, plain, uuid7


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


class ImportDeed(SQLModel, table=True):
    """One deed by which an import wrote records: the history leads from it to the import."""

    __tablename__ = "import_deed"
    deed_id: UUID = plain(primary_key=True, foreign_key="deed.id")
    import_id: UUID = plain(nullable=False, index=True)


class ImportLeft(SQLModel, table=True):
    """One record (or one field of it) that undoing an import left as it is, and why."""

    __tablename__ = "import_left"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    import_id: UUID = plain(nullable=False, index=True)
    table: str = plain(nullable=False)
    record_id: UUID = plain(nullable=False)
    name: str = personal(nullable=False)
    field: str = plain(nullable=False)
    message_id: str = plain(nullable=False)
    params: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)
