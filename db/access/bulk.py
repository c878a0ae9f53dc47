"""Many new records at once, with the same history as one by one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, update
from sqlmodel import Session

from db.access.gate import current_deed
from db.access.history import Changed, as_json, canonical, note_changes, note_creations
from db.kernel.record import Record, uuid7s

CHUNK = 500


def insert_rows(session: Session, kind: type[Record], rows: Sequence[dict[str, Any]]) -> list[UUID]:
    """Insert rows of one table in the deed that is being done; return their ids in order.

    Every row must have the same keys; `id`, the time stamps and scalar column defaults are filled in.
    """
    deed = current_deed(session)
    table: Table = kind.__table__  # type: ignore[attr-defined]
    defaults = {
        column.name: getattr(column.default, "arg", None)
        for column in table.columns
        if column.default is not None and column.default.is_scalar
    }
    ids: list[UUID] = []
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        common = {**defaults, "created_at": deed.at, "updated_at": deed.at, "row_version": 1}
        full = [{**common, "id": row_id, **row} for row_id, row in zip(uuid7s(len(part)), part, strict=True)]
        session.connection().execute(insert(table), full)
        note_creations(session, deed, table, full)
        ids += [row["id"] for row in full]
    return ids


def update_rows(
    session: Session,
    kind: type[Record],
    changes: Sequence[tuple[Record, dict[str, Any]]],
) -> int:
    """Update loaded records of one table in the deed that is being done; return how many really changed.

    The loaded objects are expired by the caller (they keep their old values here).
    """
    deed = current_deed(session)
    table: Table = kind.__table__  # type: ignore[attr-defined]
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}  # the columns that change → one row per record
    noted: list[Changed] = []
    for record, values in changes:
        new, before, after = _difference(record, values)
        if new:
            bound = {f"new_{name}": value for name, value in new.items()}
            stamp = {"of_id": record.id, "new_updated_at": deed.at, "new_row_version": record.row_version + 1}
            alike.setdefault(tuple(new), []).append(bound | stamp)
            noted.append(Changed(table.name, record.id, "update", canonical(before), canonical(after)))
    for names, rows in alike.items():
        written = {
            name: bindparam(f"new_{name}", type_=table.c[name].type) for name in (*names, "updated_at", "row_version")
        }
        session.connection().execute(update(table).where(table.c.id == bindparam("of_id")).values(written), rows)
    for start in range(0, len(noted), CHUNK):
        note_changes(session, deed, noted[start : start + CHUNK])
    return len(noted)


def _difference(record: Record, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return what really changes, as Python values and as history keeps both sides."""
    new, before, after = {}, {}, {}
    for name, value in values.items():
        old, fresh = as_json(getattr(record, name)), as_json(value)
        if old != fresh:
            new[name], before[name], after[name] = value, old, fresh
    return new, before, after
