"""Many new records at once, with the same history as one by one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, update
from sqlmodel import Session

from db.access.gate import current_deed
from db.access.history import as_json, change_rows, tracked_columns, write_changes
from db.kernel.record import Record, uuid7

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
    names = tracked_columns(table)
    ids: list[UUID] = []
    for start in range(0, len(rows), CHUNK):
        full = [
            {
                **defaults,
                "id": uuid7(),
                "created_at": deed.at,
                "updated_at": deed.at,
                "row_version": 1,
                **row,
            }
            for row in rows[start : start + CHUNK]
        ]
        session.connection().execute(insert(table), full)
        write_changes(
            session,
            (
                change_rows(
                    deed.id,
                    table.name,
                    row["id"],
                    "create",
                    None,
                    {n: as_json(row.get(n)) for n in names},
                )
                for row in full
            ),
        )
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
    told = []
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}  # rows that change the same columns go in one statement
    for record, values in changes:
        new = {name: value for name, value in values.items() if as_json(getattr(record, name)) != as_json(value)}
        if not new:
            continue
        before = {name: as_json(getattr(record, name)) for name in new}
        after = {name: as_json(value) for name, value in new.items()}
        told.append(change_rows(deed.id, table.name, record.id, "update", before, after))
        stamped = {**new, "updated_at": deed.at, "row_version": record.row_version + 1}
        row = {f"b_{name}": value for name, value in stamped.items()} | {"b_id": record.id}
        alike.setdefault(tuple(stamped), []).append(row)
    for names, rows in alike.items():
        wanted = {name: bindparam(f"b_{name}", type_=table.c[name].type) for name in names}
        session.connection().execute(update(table).where(table.c.id == bindparam("b_id")).values(wanted), rows)
    write_changes(session, told)
    return len(told)
