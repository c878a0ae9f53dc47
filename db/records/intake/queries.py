"""What an import needs to know of the records it touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.tables import Change, ChangeValue, Deed
from db.kernel.record import Record
from db.records.intake.rules import Left
from db.records.intake.tables import ImportDeed, ImportLeft
from db.records.kinds.rules import KINDS
from db.records.notes.tables import Note
from db.records.relations.queries import pointers

CHUNK = 500


@readable("records.read")
def locked_records(session: Session, record: type[Record], ids: Sequence[UUID]) -> dict[UUID, Record]:
    """Return records by id, as they are now, locked for the rest of the transaction."""
    found: dict[UUID, Record] = {}
    for start in range(0, len(ids), CHUNK):
        wanted = select(record).where(col(record.id).in_(list(ids[start : start + CHUNK]))).order_by(col(record.id))
        rows = session.scalars(wanted.with_for_update().execution_options(populate_existing=True))
        found.update({row.id: row for row in rows})
    return found


@readable("records.read")
def uses_of(session: Session, table: Table, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the tables of which rows point to records: by a foreign key, and notes; nothing for those not in use."""
    kinds = [kind.kind for kind in KINDS.values() if kind.table == table.name]
    found: dict[UUID, set[str]] = {}
    for start in range(0, len(ids), CHUNK):
        chunk = list(ids[start : start + CHUNK])
        for one in pointers(table.name):
            used = select(one.record).select_from(one.rows).where(one.record.in_(chunk)).distinct()
            for record_id in session.connection().execute(used).scalars():
                found.setdefault(record_id, set()).add(one.table.name)
        notes = select(col(Note.record_id)).where(col(Note.kind).in_(kinds), col(Note.record_id).in_(chunk))
        for record_id in session.scalars(notes.distinct()):
            found.setdefault(record_id, set()).add("note")
    return {record_id: sorted(tables) for record_id, tables in found.items()}


@dataclass(frozen=True)
class Since:
    """What somebody did to a record after an import had written it."""

    who: str
    at: datetime
    action: str
    operation: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@readable("records.read")
def deeds_since(session: Session, *, import_id: UUID, table: str, ids: Sequence[UUID]) -> dict[UUID, list[Since]]:
    """Return what happened to records since an import last wrote them, oldest first.

    Nothing is known of imports that were made before their deeds were noted.
    """
    own = set(session.scalars(select(col(ImportDeed.deed_id)).where(col(ImportDeed.import_id) == import_id)))
    found: dict[UUID, list[Since]] = {}
    for start in range(0, len(ids) if own else 0, CHUNK):
        wanted = (
            select(Change, Deed, ChangeValue)
            .join(Deed, col(Deed.id) == col(Change.deed_id))
            .outerjoin(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
            .where(col(Change.record_kind) == table, col(Change.record_id).in_(list(ids[start : start + CHUNK])))
        )
        for change, deed, values in session.execute(wanted.order_by(col(Change.id))):
            later = found.setdefault(change.record_id, [])
            if deed.id in own:
                later.clear()
                continue
            before, after = (values.before or {}, values.after or {}) if values else ({}, {})
            later.append(Since(deed.actor_name, deed.at, deed.action, change.operation, before, after))
    return found


def import_of_deed(session: Session, *, deed_id: UUID) -> UUID | None:
    """Return the import that a deed belongs to, if it is one's."""
    found = session.get(ImportDeed, deed_id)
    return found.import_id if found is not None else None


def left_by(session: Session, *, import_id: UUID, most: int) -> list[Left]:
    """Return what undoing an import left as it is, in the order in which it was found."""
    wanted = select(ImportLeft).where(col(ImportLeft.import_id) == import_id).order_by(col(ImportLeft.id)).limit(most)
    return [
        Left(one.record_id, one.name, one.message_id, one.params, one.table, one.field)
        for one in session.scalars(wanted)
    ]
