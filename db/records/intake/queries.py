"""What an import needs to know of the records it touched."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel import Session, SQLModel, col

from db.access.gate import readable
from db.kernel.record import Record
from db.records.kinds.rules import KINDS
from db.records.notes.tables import Note

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
def ids_in_use(session: Session, table: Table, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return which records others point to: rows of any table by a foreign key, and notes."""
    kinds = [kind.kind for kind in KINDS.values() if kind.table == table.name]
    pointing = [
        column
        for other in SQLModel.metadata.tables.values()
        for column in other.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]
    found: set[UUID] = set()
    for start in range(0, len(ids), CHUNK):
        chunk = list(ids[start : start + CHUNK])
        for column in pointing:
            found.update(session.connection().execute(select(column).where(column.in_(chunk)).distinct()).scalars())
        notes = select(col(Note.record_id)).where(col(Note.kind).in_(kinds), col(Note.record_id).in_(chunk))
        found.update(session.scalars(notes))
    return frozenset(found)
