"""Fields that the company added, and the typed index of their values (the values themselves are JSON on the record)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import SQLModel

from db.kernel.record import Instant, Record, personal, plain
from db.records.custom_fields.rules import REFINES, FieldType

_TYPES = ", ".join(f"'{kind.value}'" for kind in FieldType if kind not in REFINES)


class CustomFieldDefinition(Record, table=True):
    """One field that the company added to a kind of record.

    `type` is what the value is kept as, `refinement` what it is more closely (an amount, a long text).
    """

    __tablename__ = "custom_field"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint(f"type in ({_TYPES})", name="custom_field_type"),
        CheckConstraint("label <> ''", name="custom_field_label"),
    )
    kind: str = plain(nullable=False)
    key: str = plain(nullable=False)
    label: str = plain(nullable=False)
    type: str = plain(nullable=False)
    choices: list[Any] = plain(sa_type=JSON, default_factory=list)
    personal: bool = plain(default=False, nullable=False)
    permission: str = plain(nullable=False)
    feature: bool = plain(default=True, nullable=False)
    sensitive: bool = plain(default=False, nullable=False, sa_column_kwargs={"server_default": text("false")})
    position: int = plain(default=0, nullable=False)
    refinement: str = plain(default="", nullable=False, sa_column_kwargs={"server_default": ""})
    label_en: str = plain(default="", nullable=False, sa_column_kwargs={"server_default": ""})
    label_de: str = plain(default="", nullable=False, sa_column_kwargs={"server_default": ""})
    required: bool = plain(default=False, nullable=False, sa_column_kwargs={"server_default": text("false")})
    record_group: str = plain(default="", nullable=False, sa_column_kwargs={"server_default": ""})
    retired_at: datetime | None = plain(sa_type=Instant, default=None)


class CustomValue(SQLModel, table=True):
    """What lists filter and sort custom fields by; rebuilt from the record's JSON at any time.

    `record_number` is the record's `search_number`: sets of whole numbers are met faster than sets of ids.
    """

    __tablename__ = "custom_value"
    __table_args__ = (
        Index("custom_value_by_text", "field_id", "text_order", "record_id", "record_number"),
        Index("custom_value_by_number", "field_id", "number", "record_id", "record_number"),
    )
    record_id: UUID = plain(primary_key=True)
    field_id: UUID = plain(primary_key=True, foreign_key="custom_field.id")
    record_number: int = plain(nullable=False)
    text_order: str = personal(nullable=False)
    number: float | None = personal(default=None)
