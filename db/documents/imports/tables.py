"""Imports of files, and what was refused in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from db.documents.imports.rules import ImportState
from db.kernel.record import Instant, Record, Said, personal, plain, uuid7

_STATES = ", ".join(f"'{state.value}'" for state in ImportState)


class ImportBatch(Record, table=True):
    """One file being read into one kind of record. `cursor` rows are dealt with."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="import_batch_state"),
        CheckConstraint(
            "state <> 'done' or rows_in = created_rows + updated_rows + refused_rows", name="import_batch_balance"
        ),
        CheckConstraint("cursor = created_rows + updated_rows + refused_rows", name="import_batch_cursor"),
    )
    kind: str = plain(nullable=False)
    file_id: UUID = plain(foreign_key="received_file.id", nullable=False)
    owner_id: UUID | None = plain(default=None, index=True)
    state: str = plain(default=ImportState.UPLOADED.value, nullable=False)
    options: dict[str, Any] = plain(sa_type=JSON, default_factory=dict)  # sheet, header_line
    summary: dict[str, Any] = plain(sa_type=JSON, default_factory=dict, tracked=False)
    columns: list[Any] = personal(sa_type=JSON, default_factory=list, tracked=False)  # with sample values
    fingerprint: str = plain(default="", nullable=False, index=True)
    plan: dict[str, Any] = plain(sa_type=JSON, default_factory=dict)
    checked: dict[str, Any] | None = plain(sa_type=JSON, default=None, tracked=False)  # what the dry run found
    job_id: UUID | None = plain(default=None)
    fields_made: list[Any] = plain(sa_type=JSON, default_factory=list)
    rows_in: int = plain(default=0, nullable=False)
    cursor: int = plain(default=0, nullable=False, tracked=False)
    created_rows: int = plain(default=0, nullable=False, tracked=False)
    updated_rows: int = plain(default=0, nullable=False, tracked=False)
    unchanged_rows: int = plain(default=0, nullable=False, tracked=False)  # of the updated ones
    refused_rows: int = plain(default=0, nullable=False, tracked=False)
    began_at: datetime | None = plain(sa_type=Instant, default=None)
    ended_at: datetime | None = plain(sa_type=Instant, default=None)
    problem: str = plain(sa_type=Said, default="", nullable=False)
    undone_at: datetime | None = plain(sa_type=Instant, default=None)
    undo_result: dict[str, Any] | None = personal(sa_type=JSON, default=None)  # counts; also while it is under way
    undo_permission: str | None = plain(default=None)  # with it others than the owner may look at it and undo it


class ColumnMapping(Record, table=True):
    """What was decided for the columns of files with the same headers; everybody in the firm is proposed it."""

    __tablename__ = "column_mapping"
    __table_args__ = (UniqueConstraint("kind", "fingerprint"),)
    kind: str = plain(nullable=False)
    fingerprint: str = plain(nullable=False)
    plan: dict[str, Any] = plain(sa_type=JSON, default_factory=dict, tracked=False)
    used_at: datetime = plain(sa_type=Instant, nullable=False, tracked=False)
    used_by: str = personal(default="", nullable=False, tracked=False)


class ImportFinding(SQLModel, table=True):
    """What is wrong with one cell of a file; of the dry run (`is_dry`) or of the import itself."""

    __tablename__ = "import_finding"
    __table_args__ = (Index("import_finding_in_order", "import_id", "is_dry", "line", "id"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    import_id: UUID = plain(foreign_key="import_batch.id", nullable=False)
    is_dry: bool = plain(nullable=False)
    line: int = plain(nullable=False)
    column: str = plain(nullable=False)
    value: str = personal(nullable=False)
    reason: str = personal(sa_type=Said, nullable=False)
