"""Leading what hangs on one record to another; rows that history does not keep are remembered."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Table, Uuid, and_, delete, insert, or_, select, update
from sqlmodel import Session, col

from db.access.bulk import update_rows
from db.access.history import as_json
from db.access.rules import Actor
from db.kernel.record import Centimes, Instant, Record
from db.records.kinds.rules import KINDS
from db.records.merging.references import Reference, references_to
from db.records.merging.rules import DOUBLES, NAMED, CannotMerge
from db.records.merging.tables import MovedReference

CHUNK = 200
Pair = tuple[str, UUID, UUID]  # kind, from, to


def move_tracked(session: Session, pair: Pair) -> None:
    """Lead the rows that history keeps to the other record.

    Raises: CannotMerge: both have one where only one may be.
    """
    for reference in references_to(pair[0]):
        record = reference.record
        if record is not None:
            _move_records(session, reference, record, pair)


def _move_records(session: Session, reference: Reference, record: type[Record], pair: Pair) -> None:
    kind, gone, kept = pair
    wanted: Any = select(record).where(reference.points_to(kind, gone)).order_by(reference.rows.c.id)
    rows: Sequence[Any] = session.scalars(wanted.with_for_update()).all()
    doubles = [(row, twin) for row in rows if (twin := _twin(session, reference, _values(row), kept)) is not None]
    for row, twin in doubles:
        _drop_double(session, reference, row, session.get_one(record, twin["id"]))
    is_double = {row.id for row, _ in doubles}
    moving = [row for row in rows if row.id not in is_double]
    update_rows(session, record, [(row, {reference.column: kept}) for row in moving])
    for row in moving:
        session.expire(row)


def _values(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _twin(session: Session, reference: Reference, row: Any, kept: UUID) -> Any:
    """Return the row that says of the record that is kept what this one says of the other; None when there is none."""
    table = reference.rows
    for columns in reference.unique_sets():
        others = {name: row[name] for name in columns if name != reference.column}
        if any(value is None for value in others.values()):
            continue
        same = and_(table.c[reference.column] == kept, *(table.c[name] == value for name, value in others.items()))
        found = session.connection().execute(select(table).where(same)).mappings().first()
        if found is not None:
            return found
    return None


def _drop_double(session: Session, reference: Reference, row: Any, twin: Any) -> None:
    described = next((one for one in KINDS.values() if one.table == reference.table), None)
    if described is not None:
        raise CannotMerge(
            "Les deux fiches ont chacune leur « {label} », et une seule est permise : « {one} » et « {other} ».",
            label=described.label,
            one=str(getattr(row, "name", "")),
            other=str(getattr(twin, "name", "")),
        )
    gain = DOUBLES.get(reference.table)
    for name, value in (gain(twin, row) if gain else {}).items():
        setattr(twin, name, value)
    session.delete(row)
    session.flush()


def move_untracked(session: Session, pair: Pair, *, deed_id: UUID) -> None:
    """Lead the rows that history does not keep to the other record, and remember which."""
    kind, gone, kept = pair
    for reference in references_to(kind):
        if reference.record is not None:
            continue
        table, theirs = reference.rows, reference.points_to(kind, gone)
        rows = session.connection().execute(select(table).where(theirs)).mappings().all()
        if not rows:
            continue
        doubles = _doubles(session, reference, rows, kind, kept)
        gone_keys = {_key(reference, row) for row in doubles}
        for row in doubles:
            session.connection().execute(delete(table).where(_is(reference, row)))
        session.connection().execute(update(table).where(theirs).values({reference.column: kept}))
        moving = [row for row in rows if _key(reference, row) not in gone_keys]
        _remember(session, reference, deed_id, moving, doubles)


def _doubles(session: Session, reference: Reference, rows: Sequence[Any], kind: str, kept: UUID) -> list[Any]:
    """Return the rows that say what a row of the record that is kept says already, where only one may."""
    table, found = reference.rows, dict[tuple[Any, ...], Any]()
    for columns in reference.unique_sets():
        others = [name for name in columns if name != reference.column]
        wanted = select(*(table.c[name] for name in columns)).where(reference.points_to(kind, kept))
        said = {_said(row, others) for row in session.connection().execute(wanted).mappings()}
        found |= {_key(reference, row): row for row in rows if None not in (of := _said(row, others)) and of in said}
    return list(found.values())


def _said(row: Any, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _remember(
    session: Session, reference: Reference, deed_id: UUID, moving: Sequence[Any], doubles: Sequence[Any]
) -> None:
    names = [column.name for column in reference.rows.primary_key]
    session.add(
        MovedReference(
            deed_id=deed_id,
            table_name=reference.table,
            column_name=reference.column,
            keys=[{name: as_json(row[name]) for name in names} for row in moving],
            doubles=[{name: as_json(value) for name, value in row.items()} for row in doubles],
        )
    )
    session.flush()


def move_back(session: Session, pair: Pair, *, deed_id: UUID) -> None:
    """Lead rows back to the record that stands on its own again, those that are still where the merge put them."""
    kind, gone, kept = pair
    moved = session.scalars(select(MovedReference).where(col(MovedReference.deed_id) == deed_id)).all()
    known = {(one.table, one.column): one for one in references_to(kind)}
    for memory in moved:
        reference = known.get((memory.table_name, memory.column_name))
        if reference is not None:
            _lead_back(session, reference, memory, gone=gone, kept=kept)
        session.delete(memory)
    session.flush()


def _lead_back(session: Session, reference: Reference, memory: MovedReference, *, gone: UUID, kept: UUID) -> None:
    table = reference.rows
    there = [_typed(reference, key) | {reference.column: kept} for key in memory.keys]
    for start in range(0, len(there), CHUNK):
        found = or_(*(_are(table, values) for values in there[start : start + CHUNK]))
        session.connection().execute(update(table).where(found).values({reference.column: gone}))
    for row in memory.doubles:
        session.connection().execute(insert(table).values(_typed(reference, row)))


def _key(reference: Reference, row: Any) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in reference.rows.primary_key)


def _is(reference: Reference, row: Any) -> Any:
    return _are(reference.rows, {column.name: row[column.name] for column in reference.rows.primary_key})


def _are(table: Table, values: dict[str, Any]) -> Any:
    return and_(*(table.c[name] == value for name, value in values.items()))


def _typed(reference: Reference, values: dict[str, Any]) -> dict[str, Any]:
    """Return values as their columns keep them, from JSON."""
    return {name: _value(reference.rows.c[name].type, value) for name, value in values.items()}


def _value(of_type: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(of_type, Uuid):
        return UUID(value)
    if isinstance(of_type, Centimes):
        return Decimal(value)
    if isinstance(of_type, Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(of_type, Date) else value


def tell_renamed(session: Session, kind: str, identity_ids: Sequence[UUID], *, by: Actor, at: datetime) -> None:
    """Let areas bring in step what they derive from the name behind identities."""
    for one in NAMED:
        if one.kind == kind and identity_ids:
            one.renamed(session, identity_ids, by=by, at=at)
