"""What in the schema points to records of a kind: foreign keys and pairs of kind and id, whichever area has them."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Index, Table, UniqueConstraint, Uuid
from sqlmodel import SQLModel

from db.kernel.guards import GUARDS, AppendOnly, FrozenWhen
from db.kernel.record import Record
from db.records.kinds.rules import kind_called
from db.records.merging.rules import STAYS
from db.records.undo.queries import record_class


@dataclass(frozen=True)
class Reference:
    """A column that points to records: by foreign key, or (with `kind_column`) together with the kind."""

    table: str
    column: str
    kind_column: str = ""

    @property
    def rows(self) -> Table:
        """Return the table."""
        return SQLModel.metadata.tables[self.table]

    def points_to(self, kind: str, record_id: UUID) -> ColumnElement[bool]:
        """Return the condition that a row points to a record."""
        found: ColumnElement[bool] = self.rows.c[self.column] == record_id
        return found & (self.rows.c[self.kind_column] == kind) if self.kind_column else found

    @property
    def record(self) -> type[Record] | None:
        """Return the class of the table's rows when history keeps them."""
        return record_class(self.table) if self.table in _tracked() else None

    def unique_sets(self) -> list[tuple[str, ...]]:
        """Return the columns that, together with this one, no two rows share."""
        sets = [tuple(column.name for column in self.rows.primary_key)]
        for one in (*self.rows.constraints, *self.rows.indexes):
            if isinstance(one, UniqueConstraint) or (isinstance(one, Index) and one.unique):
                sets.append(tuple(column.name for column in one.columns))
        sets += [(column.name,) for column in self.rows.c if column.unique]
        return [each for each in dict.fromkeys(sets) if self.column in each]


@cache
def _tracked() -> frozenset[str]:
    names: set[str] = set()
    waiting: list[type[Any]] = [Record]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            names.add(str(getattr(kind, "__tablename__", "")))
            waiting.append(kind)
    return frozenset(names)


def references_to(kind: str) -> list[Reference]:
    """Return every column that follows a record of a kind when it becomes part of another.

    What names it by an identity is not among them: the identities are.
    """
    own = kind_called(kind).table
    found = []
    for name in sorted(SQLModel.metadata.tables):
        table = SQLModel.metadata.tables[name]
        for column in table.c:
            if f"{name}.{column.name}" in STAYS:
                continue
            if any(key.column.table.name == own for key in column.foreign_keys):
                found.append(Reference(name, column.name))
            elif (kind_column := kind_column_of(table, column)) and not is_frozen(name, column.name):
                found.append(Reference(name, column.name, kind_column))
    return found


def is_frozen(table: str, column: str) -> bool:
    """Test if the database refuses to change a column of rows that are posted, closed or only ever added.

    What such a row names as its origin is history: the address of a merged record leads on from there.
    """
    guards = [one for one in GUARDS if isinstance(one, AppendOnly | FrozenWhen) and one.table == table]
    return any(column not in one.free for one in guards)


def kind_column_of(table: Table, column: Column[Any]) -> str:
    """Return the column that says of which kind the record is that a column names; "" when it is no such pair.

    `record_id` goes with `kind` or `record_kind`, any other `x_id` with `x_kind`.
    """
    if not isinstance(column.type, Uuid) or column.foreign_keys or not column.name.endswith("_id"):
        return ""
    stem = column.name.removesuffix("_id")
    names = [f"{stem}_kind", *(["kind"] if stem == "record" else [])]
    return next((one for one in names if one in table.c), "")
