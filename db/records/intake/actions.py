"""Remembering what an import did to records of any table, and undoing it, inside the deed of the owning area."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, insert, select
from sqlmodel import Session, col

from db.access.gate import current_deed, gate
from db.access.history import from_json
from db.access.rules import Actor
from db.kernel.record import Record, uuid7
from db.records.intake.queries import deeds_since, locked_records, uses_of
from db.records.intake.rules import OUT_OF_REACH, PORTION, Left, Touched, Undone
from db.records.intake.tables import ImportDeed, ImportedRecord, ImportLeft
from db.records.intake.telling import Telling
from db.records.undo.rules import UNDOERS

CHUNK = 500


@gate("documents.receive")
def remember_touched(
    session: Session, *, import_id: UUID, table: str, touched: Sequence[Touched], by: Actor, at: datetime
) -> None:
    """Keep what the import did; of a record that it touched twice, the first before-values stay."""
    note_deed(session, import_id=import_id, by=by, at=at)
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


@gate("documents.receive")
def note_deed(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> None:
    """Note that the deed being done belongs to an import."""
    deed = current_deed(session)
    if session.get(ImportDeed, deed.id) is None:
        session.add(ImportDeed(deed_id=deed.id, import_id=import_id))
        session.flush()


@gate("documents.receive")
def keep_left(session: Session, *, import_id: UUID, left: Sequence[Left], by: Actor, at: datetime) -> None:
    """Keep what undoing an import left as it is."""
    rows = [
        {
            "id": uuid7(),
            "import_id": import_id,
            "table": one.table,
            "record_id": one.record_id,
            "name": one.name,
            "field": one.column,
            "message_id": one.message_id,
            "params": dict(one.params),
        }
        for one in left
    ]
    if rows:
        session.connection().execute(insert(ImportLeft), rows)


@dataclass(frozen=True)
class Taking:
    """How an area takes back records of one table: its own ways to remove, to restore and to name them."""

    record: type[Record]
    remove: Callable[[Sequence[Any]], None]
    restore: Callable[[Sequence[tuple[Any, dict[str, Any]]]], None]
    named: Callable[[Any], str]
    reaches: Callable[[Any], bool] = lambda _: True
    keeps: Callable[[Any], str] = lambda _: ""  # why the area itself lets a record stay (French), "" if it does not

    @property
    def table(self) -> Table:
        """Return the table of the records."""
        return self.record.__table__  # type: ignore[attr-defined, no-any-return]


@gate("crm.undo_import")
def undo_touched(
    session: Session, *, import_id: UUID, taking: Taking, most: int = PORTION, by: Actor, at: datetime
) -> Undone:
    """Remove records of one table that an import made and give back the values of those it changed, at most so many.

    What was touched, used, merged or removed since is left and named, field by field, with who did it and when.
    """
    mine = [col(ImportedRecord.import_id) == import_id, col(ImportedRecord.record_table) == taking.table.name]
    first = select(ImportedRecord).where(*mine).order_by(col(ImportedRecord.record_id)).limit(most)
    marks = session.scalars(first).all() if most else []
    done = _take_back(session, import_id, marks, taking)
    for start in range(0, len(marks), CHUNK):
        ids = [mark.record_id for mark in marks[start : start + CHUNK]]
        session.connection().execute(delete(ImportedRecord).where(*mine, col(ImportedRecord.record_id).in_(ids)))
    waiting = session.scalar(select(func.count()).select_from(ImportedRecord).where(*mine)) or 0
    return replace(done, dealt=len(marks), waiting=waiting)


def _take_back(session: Session, import_id: UUID, marks: Sequence[ImportedRecord], taking: Taking) -> Undone:
    records = locked_records(session, taking.record, [mark.record_id for mark in marks])
    used = uses_of(session, taking.table, [mark.record_id for mark in marks if mark.operation == "create"])
    moved = [mark.record_id for mark in marks if _is_moved(mark, records.get(mark.record_id))]
    since = deeds_since(session, import_id=import_id, table=taking.table.name, ids=moved)
    going: list[Any] = []
    returning: list[tuple[Any, dict[str, Any]]] = []
    left: list[Left] = []
    for mark in marks:
        found = records.get(mark.record_id)
        told = Telling(taking.table.name, mark.record_id, since.get(mark.record_id, []))
        if found is None:
            left += told.gone()
        elif not taking.reaches(found):
            left.append(told.whole("", OUT_OF_REACH))
        elif why := taking.keeps(found):
            left.append(told.whole(taking.named(found), why))
        elif mark.operation == "create" and (mark.record_id in used or _is_moved(mark, found)):
            left.append(told.created(taking.named(found), used.get(mark.record_id, [])))
        elif mark.operation == "create":
            going.append(found)
        else:
            values, stays = told.updated(taking.named(found), mark, found, _together(taking.table.name))
            left += stays
            returning += [(found, from_json(taking.record, values))] if values else []
    taking.remove(going)
    taking.restore(returning)
    return Undone(len(going), len(returning), left)


def _is_moved(mark: ImportedRecord, found: Record | None) -> bool:
    return found is None or found.row_version != mark.row_version


def _together(table: str) -> tuple[frozenset[str], ...]:
    return UNDOERS[table].together if table in UNDOERS else ()
