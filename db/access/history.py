"""The session writes one change per record and deed; the sealer chains them; `verify` finds what was altered.

The digest of a change is the sha256 of its salt and canonical values, so that values can be erased and the chain
still holds.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from hashlib import sha256
from itertools import repeat
from operator import is_, itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Date, Table, Uuid, event, inspect
from sqlmodel import Session

from db.access.tables import Deed
from db.kernel.record import Instant, Record, Scaled, identities


class WriteWithoutDeed(RuntimeError):
    """A tracked record was written outside an action: a mistake in the code, never the user's."""


_text: Callable[[str], str] = json.encoder.encode_basestring
_pieces = json.encoder.c_make_encoder(None, None, _text, None, ":", ",", True, False, True)  # type: ignore[attr-defined]
_KEPT_AS_IT_IS = frozenset({str, int, float, bool, type(None)})
_WRITTEN: dict[type, Callable[[Any], str]] = {  # what is looked up before the kinds are tried one by one
    UUID: str,
    Decimal: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
}


def canonical(values: Any) -> str:
    """Return the one text of a value that hashes are taken of: keys in their order, no spaces, no escaped letters."""
    return "".join(_pieces(values, 0))


def as_json(value: Any) -> Any:
    """Return a value as JSON keeps it: exact, and the same on both databases."""
    if type(value) in _KEPT_AS_IT_IS:
        return value
    if type(value) in _WRITTEN:
        return _WRITTEN[type(value)](value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value


def from_json(kind: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON keeps them in the types of a record's columns; what it lacks is left out."""
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return {name: _from_json(table.c[name].type, value) for name, value in values.items() if name in table.c}


def _from_json(type_: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(type_, Instant):
        return datetime.fromisoformat(value)
    if isinstance(type_, Date):
        return date.fromisoformat(value)
    if isinstance(type_, Scaled):
        return Decimal(value)
    return UUID(value) if isinstance(type_, Uuid) else value


@cache
def tracked_columns(table: Table) -> tuple[str, ...]:
    """Return the columns whose values belong in the history (no secrets, no bookkeeping)."""
    return tuple(
        column.name
        for column in table.columns
        if column.info.get("privacy") != "secret" and column.info.get("tracked", True)
    )


def digest_of(salt: str, kind: str, record_id: str, operation: str, before: Any, after: Any) -> str:
    """Return the digest of one change."""
    return _digest(salt, kind, record_id, operation, canonical(before), canonical(after))


def _digest(salt: str, kind: str, record_id: str, operation: str, before: str, after: str) -> str:
    """Return the digest of a change whose sides are canonical texts already."""
    content = f"{salt}[{_text(kind)},{_text(record_id)},{_text(operation)},{before},{after}]"
    return sha256(content.encode()).hexdigest()


class Changed(NamedTuple):
    """What a deed does to one record: both sides as canonical texts, "null" for one that does not exist."""

    kind: str
    record_id: UUID
    operation: str
    before: str
    after: str


OF_CHANGE = ("change", ("id", "deed_id", "record_kind", "record_id", "operation", "digest"))
OF_VALUE = ("change_value", ("change_id", "salt", "before", "after"))
PORTION = 100  # rows of one statement on SQLite


def change_rows(deed_id: UUID, changes: Sequence[Changed]) -> tuple[list[str], list[str]]:
    """Return what is written to `change` and to `change_value` about changes, one row after the other.

    Identities are hexadecimal. They are made for all changes at once, and kept in two flat lists: nothing else is made.
    """
    chance, deed = os.urandom(8 * len(changes)).hex(), deed_id.hex
    of_change: list[str] = []
    of_value: list[str] = []
    starts = range(0, len(chance), 16)
    for number, start, (kind, key, operation, before, after) in zip(
        identities(len(changes)), starts, changes, strict=True
    ):
        salt, own, record = chance[start : start + 16], f"{number:032x}", f"{key.int:032x}"
        content = f'{salt}["{kind}","{_dashed(record)}","{operation}",{before},{after}]'
        of_change += (own, deed, kind, record, operation, sha256(content.encode()).hexdigest())
        of_value += (own, salt, before, after)
    return of_change, of_value


def _dashed(number: str) -> str:
    """Return an identity as it is usually written, from its hexadecimal number."""
    return f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:]}"


def write_changes(session: Session, deed_id: UUID, changes: Sequence[Changed]) -> None:
    """Insert many changes and their values at once, past the layers that would look at each value again."""
    if not changes:
        return
    session.info.setdefault("touched", set()).update({one.kind for one in changes})
    connection = session.connection()
    write = _copy if connection.dialect.name == "postgresql" else _insert
    for (table, names), values in zip((OF_CHANGE, OF_VALUE), change_rows(deed_id, changes), strict=True):
        write(connection, table, names, values)


def _insert(connection: Connection, table: str, names: Sequence[str], values: Sequence[str]) -> None:
    """Write rows to SQLite, many in one statement."""
    row, size = f"({', '.join('?' * len(names))})", PORTION * len(names)
    into = f"insert into {table} ({', '.join(names)}) values "
    for start in range(0, len(values), size):
        part = tuple(values[start : start + size])
        connection.exec_driver_sql(into + ", ".join([row] * (len(part) // len(names))), part)


def _copy(connection: Connection, table: str, names: Sequence[str], values: Sequence[str]) -> None:
    """Send rows of texts to PostgreSQL in one stream; a text of JSON has no raw tab or line end, only backslashes."""
    lines = ["\t".join(values[start : start + len(names)]) for start in range(0, len(values), len(names))]
    given = "\n".join(lines).replace("\\", "\\\\") + "\n"
    into = f"copy {table} ({', '.join(names)}) from stdin"
    with connection.connection.cursor() as cursor, cursor.copy(into) as stream:  # type: ignore[attr-defined]
        stream.write(given)


def note_creations(session: Session, deed: Deed, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the history of rows of one table that a deed inserts."""
    texts = texts_of(rows, sorted(tracked_columns(table)))
    created = [Changed(table.name, row["id"], "create", "null", told) for row, told in zip(rows, texts, strict=True)]
    write_changes(session, deed.id, created)


def texts_of(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """Return the canonical text of some values of each row, column by column; the names are in their order.

    All rows have the same keys. What is one value in all of them is put into words once.
    """
    columns: list[Iterable[str]] = []
    fixed = ""  # what all rows have in common between two columns that differ
    for number, name in enumerate(names):
        head = f'{"," if number else ""}"{name}":'
        values = list(map(itemgetter(name), rows)) if name in rows[0] else [None] * len(rows)
        if values[-1] is values[0] and all(map(is_, values, repeat(values[0]))):
            fixed += head + _value_text(values[0])
            continue
        head, fixed = fixed + head, ""
        columns.append([head + _text_of(one) for one in values])
    last = fixed + "}"
    return (
        ["{" + "".join(parts) + last for parts in zip(*columns, strict=True)] if columns else ["{" + last] * len(rows)
    )


def _text_of(value: Any) -> str:
    """Return the canonical text of one value, the commonest kinds first."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is UUID:
        return f'"{_dashed(f"{value.int:032x}")}"'
    return str(value) if kind is int else _value_text(value)


def _value_text(value: Any) -> str:
    return "null" if value is None else canonical(as_json(value))


def note_changes(session: Session, deed: Deed, changes: Sequence[Changed]) -> None:
    """Write the history of rows that a deed changes."""
    write_changes(session, deed.id, changes)


def _values(instance: Record, names: Iterable[str]) -> dict[str, Any]:
    return {name: as_json(getattr(instance, name)) for name in names}


def _difference(instance: Record, names: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both sides of what was set since the record was read, where it differs."""
    before, after = {}, {}
    state: Any = inspect(instance)
    attributes = state.attrs
    for name in (name for name in names if name in state.committed_state):
        past = attributes[name].history
        if past.has_changes():
            old = as_json(past.deleted[0]) if past.deleted else None
            new = as_json(getattr(instance, name))
            if old != new:
                before[name], after[name] = old, new
    return before, after


def _stamp(session: Session, *_: Any) -> None:
    deed: Deed | None = session.info.get("deed")
    touched = [obj for obj in (*session.new, *session.dirty, *session.deleted) if isinstance(obj, Record)]
    if not touched:
        return
    if deed is None:
        raise WriteWithoutDeed(f"{type(touched[0]).__name__} written outside an action")
    pairs = session.info.setdefault("changes", [])
    for obj in touched:
        table: Table = type(obj).__table__  # type: ignore[attr-defined]
        names = tracked_columns(table)
        if obj in session.new:
            obj.created_at, obj.updated_at = obj.created_at or deed.at, deed.at
            _apply_defaults(obj, table)
            pairs.append(Changed(table.name, obj.id, "create", "null", canonical(_values(obj, names))))
        elif obj in session.deleted:
            pairs.append(Changed(table.name, obj.id, "delete", canonical(_values(obj, names)), "null"))
        elif session.is_modified(obj):
            before, after = _difference(obj, names)
            obj.updated_at, obj.row_version = deed.at, obj.row_version + 1
            if after:
                pairs.append(Changed(table.name, obj.id, "update", canonical(before), canonical(after)))


def _apply_defaults(obj: Record, table: Table) -> None:
    for column in table.columns:
        if getattr(obj, column.name) is None and column.default is not None and column.default.is_scalar:
            setattr(obj, column.name, column.default.arg)  # type: ignore[attr-defined]


def _write(session: Session, *_: Any) -> None:
    pairs: list[Changed] = session.info.pop("changes", [])
    if pairs:
        note_changes(session, session.info["deed"], pairs)


event.listen(Session, "before_flush", _stamp)
event.listen(Session, "after_flush", _write)
