"""The session writes one change per record and deed; the sealer chains them; `verify` finds what was altered.

The digest of a change is the sha256 of its salt and canonical values, so that values can be erased and the chain
still holds.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, Table, Uuid, event, inspect
from sqlmodel import Session

from db.access.tables import Deed
from db.kernel.record import Centimes, Instant, Record, uuid7


class WriteWithoutDeed(RuntimeError):
    """A tracked record was written outside an action: a mistake in the code, never the user's."""


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
_KEPT_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def canonical(values: Any) -> str:
    """Return the one text of a value that hashes are taken of."""
    return _encode(values)


def as_json(value: Any) -> Any:
    """Return a value as JSON keeps it: exact, and the same on both databases."""
    if type(value) in _KEPT_AS_IT_IS:
        return value
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
    if isinstance(type_, Centimes):
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
    content = f"{salt}[{_encode(kind)},{_encode(record_id)},{_encode(operation)},{before},{after}]"
    return hashlib.sha256(content.encode()).hexdigest()


class ChangeRow(NamedTuple):
    """A row of `change` and its row of `change_value`; both sides are canonical texts."""

    id: UUID
    deed_id: UUID
    kind: str
    record_id: UUID
    operation: str
    digest: str
    salt: str
    before: str
    after: str


def change_rows(deed_id: UUID, kind: str, record_id: UUID, operation: str, before: Any, after: Any) -> ChangeRow:
    """Return what is written about the change of one record."""
    salt, old, new = os.urandom(8).hex(), _encode(before), _encode(after)
    digest = _digest(salt, kind, str(record_id), operation, old, new)
    return ChangeRow(uuid7(), deed_id, kind, record_id, operation, digest, salt, old, new)


INTO_CHANGE = "insert into change (id, deed_id, record_kind, record_id, operation, digest)"
INTO_VALUE = "insert into change_value (change_id, salt, before, after)"
POSTGRESQL = f"""
with given as (
    select * from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[],
                         %s::text[]) as one (id, deed_id, kind, record_id, operation, digest, salt, before, after)
), noted as ({INTO_CHANGE} select id, deed_id, kind, record_id, operation, digest from given)
{INTO_VALUE} select id, salt, before::json, after::json from given
"""


def write_changes(session: Session, rows: Sequence[ChangeRow]) -> None:
    """Insert many changes and their values at once, past the layers that would look at each value again."""
    if not rows:
        return
    session.info.setdefault("touched", set()).update(row.kind for row in rows)
    connection = session.connection()
    if connection.dialect.name == "postgresql":  # one statement, whose texts may be of any length
        connection.exec_driver_sql(POSTGRESQL, tuple(list(column) for column in zip(*rows, strict=True)))
        return
    of_change = [(r.id.hex, r.deed_id.hex, r.kind, r.record_id.hex, r.operation, r.digest) for r in rows]
    connection.exec_driver_sql(f"{INTO_CHANGE} values (?, ?, ?, ?, ?, ?)", of_change)
    of_value = [(r.id.hex, r.salt, r.before, r.after) for r in rows]
    connection.exec_driver_sql(f"{INTO_VALUE} values (?, ?, ?, ?)", of_value)


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
            pairs.append(change_rows(deed.id, table.name, obj.id, "create", None, _values(obj, names)))
        elif obj in session.deleted:
            pairs.append(change_rows(deed.id, table.name, obj.id, "delete", _values(obj, names), None))
        elif session.is_modified(obj):
            before, after = _difference(obj, names)
            obj.updated_at, obj.row_version = deed.at, obj.row_version + 1
            if after:
                pairs.append(change_rows(deed.id, table.name, obj.id, "update", before, after))


def _apply_defaults(obj: Record, table: Table) -> None:
    for column in table.columns:
        if getattr(obj, column.name) is None and column.default is not None and column.default.is_scalar:
            setattr(obj, column.name, column.default.arg)  # type: ignore[attr-defined]


def _write(session: Session, *_: Any) -> None:
    pairs = session.info.pop("changes", [])
    write_changes(session, pairs)


event.listen(Session, "before_flush", _stamp)
event.listen(Session, "after_flush", _write)
