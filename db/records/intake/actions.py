"""Remembering what an import did to records of any table, and undoing it, inside the deed of the owning area."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, insert, select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.record import Record
from db.records.intake.queries import ids_in_use, locked_records
from db.records.intake.rules import IN_USE, TOUCHED, Left, Touched, Undone, value_from
from db.records.intake.tables import ImportedRecord

CHUNK = 500


@gate("documents.receive")
def remember_touched(
    session: Session, *, import_id: UUID, table: str, touched: Sequence[Touched], by: Actor, at: datetime
) -> None:
    """Keep what the import did; of a record that it touched twice, the first before-values stay."""
    known = _known(session, import_id, table, [one.record_id for one in touched])
    fresh = []
    for one in touched:
        mark = known.get(one.record_id)
        if mark is None:
            fresh.append(_row(import_id, table, one))
            continue
        mark.row_version = one.row_version
        if mark.operation == "update":
            mark.before = {**(one.before or {}), **(mark.before or {})}
    session.flush()
    if fresh:
        session.connection().execute(insert(ImportedRecord), fresh)


def _known(session: Session, import_id: UUID, table: str, ids: list[UUID]) -> dict[UUID, ImportedRecord]:
    known: dict[UUID, ImportedRecord] = {}
    for start in range(0, len(ids), CHUNK):
        wanted = select(ImportedRecord).where(
            col(ImportedRecord.import_id) == import_id,
            col(ImportedRecord.record_table) == table,
            col(ImportedRecord.record_id).in_(ids[start : start + CHUNK]),
        )
        known.update({mark.record_id: mark for mark in session.scalars(wanted)})
    return known


def _row(import_id: UUID, table: str, one: Touched) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "record_table": table,
        "record_id": one.record_id,
        "operation": "create" if one.before is None else "update",
        "row_version": one.row_version,
        "before": None if one.before is None else dict(one.before),
    }


@gate("crm.undo_import")
def undo_touched(
    session: Session,
    *,
    import_id: UUID,
    record: type[Record],
    remove: Callable[[Sequence[Any]], None],
    restore: Callable[[Sequence[tuple[Any, dict[str, Any]]]], None],
    named: Callable[[Any], str],
    by: Actor,
    at: datetime,
) -> Undone:
    """Remove the records of one table that an import made and give back the values of those it changed.

    Those touched or used since are left and named. `remove` and `restore` are the area's own.
    """
    table: Table = record.__table__  # type: ignore[attr-defined]
    wanted = select(ImportedRecord).where(
        col(ImportedRecord.import_id) == import_id, col(ImportedRecord.record_table) == table.name
    )
    marks = session.scalars(wanted.order_by(col(ImportedRecord.record_id))).all()
    removed, restored, left = 0, 0, []
    for start in range(0, len(marks), CHUNK):
        chunk = marks[start : start + CHUNK]
        records = locked_records(session, record, [mark.record_id for mark in chunk])
        made = [mark.record_id for mark in chunk if mark.operation == "create"]
        used = ids_in_use(session, table, made)
        going, returning = [], []
        for mark in chunk:
            found = records.get(mark.record_id)
            if found is None:
                continue
            if found.row_version != mark.row_version or found.id in used:
                why = TOUCHED if found.row_version != mark.row_version else IN_USE
                left.append(Left(found.id, named(found), why))
            elif mark.operation == "create":
                going.append(found)
            else:
                returning.append((found, _typed(table, mark.before or {})))
        remove(going)
        restore(returning)
        removed, restored = removed + len(going), restored + len(returning)
    gone = delete(ImportedRecord).where(
        col(ImportedRecord.import_id) == import_id, col(ImportedRecord.record_table) == table.name
    )
    session.connection().execute(gone)
    return Undone(removed, restored, left)


def _typed(table: Table, before: dict[str, Any]) -> dict[str, Any]:
    return {name: value_from(value, table.c[name].type.python_type) for name, value in before.items()}
