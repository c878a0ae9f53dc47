"""Which records a record points to, and what names a record by an id that outlives merges."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, FromClause, Table, select
from sqlmodel import Session, SQLModel

from db.records.relations.rules import IDENTITIES, RELATIONS

CHUNK = 500
Place = tuple[str, UUID]  # kind and id of a record


def relatives(session: Session, *, kind: str, record_ids: Sequence[UUID]) -> dict[UUID, list[Place]]:
    """Return where the story of each record is told as well; records that stand alone are absent."""
    found: dict[UUID, list[Place]] = {}
    ids = sorted(set(record_ids))
    for relation in (one for one in RELATIONS if one.kind == kind):
        table = SQLModel.metadata.tables[relation.table]
        source, target = table.c[relation.source], table.c[relation.target]
        identities = _identities_of(target)
        record = target if identities is None else identities[1]
        wanted = select(source, record) if identities is None else select(source, record).join(identities[0])
        for start in range(0, len(ids), CHUNK):
            part = wanted.where(source.in_(ids[start : start + CHUNK]), target.is_not(None))
            for record_id, other in session.connection().execute(part):
                places = found.setdefault(record_id, [])
                if (relation.to, other) not in places:
                    places.append((relation.to, other))
    return found


def _identities_of(column: Column[UUID]) -> tuple[Table, Column[UUID]] | None:
    """Return the table of identities that a column points to, and its column of records; None: it names a record."""
    for table, name in IDENTITIES.items():
        identities = SQLModel.metadata.tables[name]
        if any(key.column.table is identities for key in column.foreign_keys):
            return identities, identities.c[f"{table}_id"]
    return None


def identity_column(table: str) -> Column[UUID] | None:
    """Return the column that says which record of a table an identity is today; None: the table has no identities."""
    name = IDENTITIES.get(table)
    return SQLModel.metadata.tables[name].c[f"{table}_id"] if name else None


@dataclass(frozen=True)
class Pointer:
    """A foreign key to records: `record` says which one a row of `rows` means, by itself or by an identity."""

    table: Table
    record: Column[UUID]
    rows: FromClause
    by_identity: bool = False


def pointers(table: str) -> list[Pointer]:
    """Return what points to records of a table; their identities stand behind what names them by these."""
    record = identity_column(table)
    identities = None if record is None else record.table
    found = []
    for other in SQLModel.metadata.sorted_tables:
        for key in (key for column in other.c for key in column.foreign_keys):
            if key.column.table.name == table and other is not identities:
                found.append(Pointer(other, key.parent, other))
            elif record is not None and key.column.table is identities:
                rows = other.join(record.table, record.table.c.id == key.parent)
                found.append(Pointer(other, record, rows, by_identity=True))
    return found
