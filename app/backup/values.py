"""Column values as JSON and back, exact and independent of the kind of database."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, ColumnElement, Date, LargeBinary, Numeric, Text, cast
from sqlalchemy.types import TypeEngine, Uuid

from db.kernel.record import Instant, Scaled

Convert = Callable[[Any], Any]


def selected(column: Column[Any]) -> ColumnElement[Any]:
    """Return how a column is read: JSON as its text, so that the JSON `null` and an absent value stay two things."""
    return cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column


def writer(column: Column[Any]) -> Convert:
    """Return what turns a value of this column into JSON."""
    kind = column.type
    if isinstance(kind, LargeBinary):
        return lambda value: b64encode(value).decode()
    if isinstance(kind, Instant | Date):
        return lambda value: value.isoformat()
    if isinstance(kind, Scaled | Numeric | Uuid):
        return str
    return _same


def reader(kind: TypeEngine[Any]) -> Convert:
    """Return what turns JSON back into a value of this type."""
    if isinstance(kind, JSON):
        return json.loads
    if isinstance(kind, LargeBinary):
        return b64decode
    if isinstance(kind, Instant):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Scaled | Numeric):
        return Decimal
    if isinstance(kind, Uuid):
        return UUID
    return _same


def _same(value: Any) -> Any:
    return value
