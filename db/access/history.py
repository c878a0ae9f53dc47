"""The session writes one change per record and deed; the sealer chains them; `verify` finds what was altered.

The digest of a change is the sha256 of its salt and canonical values, so that values can be erased and the chain
still holds.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Table, event, insert, inspect
from sqlmodel import Session

from db.access.tables import Change, ChangeValue, Deed
from db.kernel.record import Record, uuid7


class WriteWithoutDeed(RuntimeError):
    """A tracked record was written outside an action: a mistake in the code, never the user's."""


def canonical(values: Any) -> str:
    """Return the one text of a value that hashes are taken of."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def as_json(value: Any) -> Any:
    """Return a value as JSON keeps it: exact, and the same on both databases."""
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


def tracked_columns(table: Table) -> list[str]:
    """Return the columns whose values belong in the history (no secrets, no bookkeeping)."""
    return [
        column.name
        for column in table.columns
        if column.info.get("privacy") != "secret" and column.info.get("tracked", True)
    ]


def digest_of(salt: str, kind: str, record_id: str, operation: str, before: Any, after: Any) -> str:
    """Return the digest of one change."""
    content = canonical([kind, record_id, operation, before, after])
    return hashlib.sha256((salt + content).encode()).hexdigest()


def change_rows(
    deed_id: UUID, kind: str, record_id: UUID, operation: str, before: Any, after: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows of `change` and `change_value` for one record."""
    salt = os.urandom(8).hex()
    digest = digest_of(salt, kind, str(record_id), operation, before, after)
    change_id = uuid7()
    return (
        {
            "id": change_id,
            "deed_id": deed_id,
            "record_kind": kind,
            "record_id": record_id,
            "operation": operation,
            "digest": digest,
        },
        {"change_id": change_id, "salt": salt, "before": before, "after": after},
    )


def write_changes(session: Session, pairs: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Insert the rows of many changes at once."""
    made = list(pairs)
    if not made:
        return
    session.info.setdefault("touched", set()).update(change["record_kind"] for change, _ in made)
    session.connection().execute(insert(Change), [change for change, _ in made])
    session.connection().execute(insert(ChangeValue), [value for _, value in made])


def _values(instance: Record, names: list[str]) -> dict[str, Any]:
    return {name: as_json(getattr(instance, name)) for name in names}


def _difference(instance: Record, names: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = {}, {}
    attributes = inspect(instance).attrs
    for name in names:
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
