"""Rows that may leave for an analyst's notebook, table by table, already without what she may not read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlmodel import Session, SQLModel

from db.access.gate import readable
from db.access.reach import within_reach
from db.access.rules import Actor, may, may_see_field
from db.records.custom_fields.queries import fields_for
from db.records.custom_fields.rules import CustomField, FieldType, told, value_of
from db.reporting.extracts.rules import BELONGING, CUSTOM, OWNER, TABLES, ColumnRule, as_cell, copied_columns, pseudonym

CHUNK = 2000


@dataclass(frozen=True)
class Extract:
    """One table of an analyst's copy; `rows` must be read while the session is open."""

    table: str
    columns: Sequence[str]
    left_out: Sequence[str]
    rows: Iterator[tuple[Any, ...]]


@readable("workspace.open_notebook")
def extracts(session: Session, *, key: bytes, by: Actor) -> Iterator[Extract]:
    """Yield each table that the actor may read. `key` makes the pseudonyms of personal values."""
    for name, permission in TABLES.items():
        table = SQLModel.metadata.tables.get(name)
        needed = {permission, *(TABLES[owning] for owning in BELONGING.get(name, {}).values())}
        if table is not None and all(may(by, one) for one in needed):
            yield _extract(session, table, key, by)


def readable_fields(session: Session, *, kind: str, by: Actor) -> list[CustomField]:
    """Return the added fields that the actor may read and that say nothing about a person."""
    return [field for field in fields_for(session, kind=kind, by=by) if not field.personal]


def _extract(session: Session, table: Table, key: bytes, by: Actor) -> Extract:
    seen = [column for column in table.columns if may_see_field(by, table.name, column.name)]
    copied = copied_columns([(column.name, column.info) for column in seen])
    fields = fields_for(session, kind=table.name, by=by) if CUSTOM in table.columns else []
    names = [rule.name for rule in copied] + [f"custom_{field.key}" for field in fields]
    kept = {rule.name for rule in copied} | ({CUSTOM} if fields else set())
    left_out = [column.name for column in table.columns if column.name not in kept]
    return Extract(table.name, names, left_out, _rows(session, table, copied, fields, key, by))


def _rows(
    session: Session, table: Table, copied: Sequence[ColumnRule], fields: Sequence[CustomField], key: bytes, by: Actor
) -> Iterator[tuple[Any, ...]]:
    read = [table.c[rule.name] for rule in copied] + ([table.c[CUSTOM]] if fields else [])
    wanted = (
        select(*read)
        .where(*_reached(table, by))
        .order_by(*table.primary_key.columns)
        .execution_options(yield_per=CHUNK)
    )
    hidden = [rule.is_personal for rule in copied]
    for row in session.connection().execute(wanted):
        cells = [
            pseudonym(key, value) if secret else as_cell(value) for value, secret in zip(row, hidden, strict=False)
        ]
        yield (*cells, *(_added(row[-1], fields, key) if fields else ()))


def _reached(table: Table, by: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions that keep to the records that the analyst reaches, and to what belongs to those."""
    permission = TABLES[table.name]
    if OWNER in table.columns:
        return within_reach(by, permission, table.c[OWNER])
    conditions: list[ColumnElement[bool]] = []
    for column, owning in BELONGING.get(table.name, {}).items():
        owned = SQLModel.metadata.tables[owning]
        narrowed = within_reach(by, TABLES[owning], owned.c[OWNER])
        if narrowed:
            conditions.append(table.c[column].in_(select(owned.c.id).where(*narrowed)))
    return conditions


def _added(custom: Mapping[str, Any] | None, fields: Sequence[CustomField], key: bytes) -> Iterator[Any]:
    for field in fields:
        value = (custom or {}).get(field.key)
        if field.type is FieldType.AMOUNT:
            value = told(value_of(field, value))
        yield pseudonym(key, value) if field.personal else as_cell(value)
