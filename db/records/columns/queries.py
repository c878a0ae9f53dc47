"""The columns of a kind's table, read from the table itself: types, what must be filled, where they point."""

from functools import cache

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, Numeric, String, Table
from sqlmodel import SQLModel

from db.kernel.record import Centimes, Instant, Scaled
from db.records.columns.rules import ColumnFacts, ValueType
from db.records.kinds.rules import kind_called

PEOPLE = "user_account"


@cache
def columns_of(kind: str) -> dict[str, ColumnFacts]:
    """Return the columns of a kind's table by name.

    Raises: NotFound: there is no such kind.
    """
    table = SQLModel.metadata.tables[kind_called(kind).table]
    filled = {column.name for column in table.c if _must_be_filled(table, column)}
    return {column.name: _facts(column, column.name in filled) for column in table.c}


def _facts(column: Column[object], required: bool) -> ColumnFacts:
    points_to = next((key.column.table.name for key in column.foreign_keys), "")
    return ColumnFacts(column.name, _type_of(column, points_to), required, points_to, column.info.get("privacy", ""))


def _must_be_filled(table: Table, column: Column[object]) -> bool:
    """Test if the database refuses a row without the value: a check that it is not empty, or no null and no default."""
    checks = [str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint)]
    if f"{column.name} <> ''" in checks:
        return True
    has_default = column.default is not None or column.server_default is not None
    return not column.nullable and not has_default and bool(column.foreign_keys)


def _type_of(column: Column[object], points_to: str) -> ValueType:
    if points_to:
        return ValueType.PERSON if points_to == PEOPLE else ValueType.RECORD
    if column.name in (ValueType.EMAIL, ValueType.PHONE):
        return ValueType(column.name)
    by_type = (
        (Centimes, ValueType.AMOUNT),
        (Scaled, ValueType.NUMBER),
        (Instant, ValueType.INSTANT),
        (Date, ValueType.DATE),
        (Boolean, ValueType.YES_NO),
        (Integer, ValueType.NUMBER),
        (Numeric, ValueType.NUMBER),
        (String, ValueType.TEXT),
    )
    return next((found for one, found in by_type if isinstance(column.type, one)), ValueType.OTHER)
