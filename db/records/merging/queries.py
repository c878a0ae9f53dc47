"""Two records side by side, what would move, and where a merged record went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.policy.rules import TABLES
from db.access.rules import Actor, check_may, may, may_see_field, reaches_owner
from db.kernel.errors import NotFound
from db.records.custom_fields.queries import fields_for
from db.records.kinds.rules import kind_called
from db.records.merging.references import references_to
from db.records.merging.rules import CUSTOM, CUSTOM_PREFIX, CannotMerge, is_empty, merger_of
from db.records.merging.tables import MergedRecord
from db.records.reach.queries import OWNER
from db.records.relations.queries import identity_column, pointers
from db.records.relations.rules import IDENTITIES
from db.records.undo.queries import record_class

MOST_STEPS = 50
UNCOUNTED = frozenset({"timeline_link", "search_entry", "message"})  # follow silently


@dataclass(frozen=True)
class Side:
    """One of two records: what hangs on it, by table."""

    record_id: UUID
    name: str
    row_version: int
    created_at: datetime
    values: Mapping[str, Any]
    hanging: Mapping[str, int]


@dataclass(frozen=True)
class Comparison:
    """Two records side by side. `fields` are those that differ or say something; `keeps` is the one to keep."""

    kind: str
    sides: tuple[Side, Side]
    fields: tuple[str, ...]
    differing: frozenset[str]
    keeps: UUID
    problem: str = ""
    problem_params: Mapping[str, Any] | None = None


@readable("records.merge")
def comparison(session: Session, *, kind: str, record_ids: Sequence[UUID], by: Actor) -> Comparison:
    """Return two records side by side, with what hangs on each and why they could not become one.

    Raises: NotFound: one of them is out of reach.
    """
    merger = merger_of(kind)
    if len(record_ids) != 2 or len(set(record_ids)) != 2:
        raise CannotMerge("Choisissez deux fiches différentes.")
    records = [reached_record(session, kind=kind, record_id=one, by=by) for one in record_ids]
    names = [one for one in merger.fields if may_see_field(by, kind_called(kind).table, one)]
    keys = [CUSTOM_PREFIX + one.key for one in fields_for(session, kind=kind, by=by)] if _has_custom(records[0]) else []
    sides = [_side(session, kind, record, [*names, *keys]) for record in records]
    told = [name for name in (*names, *keys) if any(not is_empty(side.values[name]) for side in sides)]
    differing = frozenset(name for name in told if sides[0].values[name] != sides[1].values[name])
    problem = None
    try:
        merger.check(session, *records)
    except CannotMerge as refusal:
        problem = refusal
    return Comparison(
        kind,
        (_seen(sides[0], by), _seen(sides[1], by)),
        tuple(told),
        differing,
        max(sides, key=_weight).record_id,
        problem.message_id if problem else "",
        problem.params if problem else None,
    )


def _weight(side: Side) -> tuple[int, int, float]:
    """Return what speaks for keeping a record: what hangs on it, what it says, its age."""
    filled = sum(not is_empty(value) for value in side.values.values())
    return sum(side.hanging.values()), filled, -side.created_at.timestamp()


def _seen(side: Side, by: Actor) -> Side:
    """Return a side without counts of what the person may not read."""
    hidden = {table for table, one in TABLES.items() if not may(by, one.read)}
    return replace(side, hanging={table: count for table, count in side.hanging.items() if table not in hidden})


def _has_custom(record: Any) -> bool:
    return hasattr(record, CUSTOM)


def _side(session: Session, kind: str, record: Any, names: Sequence[str]) -> Side:
    custom = getattr(record, CUSTOM, None) or {}
    values = {
        name: custom.get(name.removeprefix(CUSTOM_PREFIX)) if name.startswith(CUSTOM_PREFIX) else getattr(record, name)
        for name in names
    }
    hanging = hanging_on(session, kind=kind, record_id=record.id)
    return Side(record.id, record.name, record.row_version, record.created_at, values, hanging)


def hanging_on(session: Session, *, kind: str, record_id: UUID) -> dict[str, int]:
    """Return how many rows of each table point to a record; those that only follow silently are left out."""
    found: dict[str, int] = {}
    own = kind_called(kind).table
    pointing: list[tuple[str, Any, Any]]
    pointing = [(one.table, one.rows, one.points_to(kind, record_id)) for one in references_to(kind)]
    pointing += [(one.table.name, one.rows, one.record == record_id) for one in pointers(own) if one.by_identity]
    for name, rows, condition in pointing:
        if name in UNCOUNTED or name == IDENTITIES.get(own):
            continue
        count = session.connection().execute(select(func.count()).select_from(rows).where(condition)).scalar_one()
        if count:
            found[name] = found.get(name, 0) + count
    return found


def reached_record(session: Session, *, kind: str, record_id: UUID, by: Actor, lock: bool = False) -> Any:
    """Return a record that the person may change.

    Raises: NotAllowed: not this kind. NotFound: it does not exist, went elsewhere, or is out of her reach.
    """
    described = kind_called(kind)
    check_may(by, described.edit)
    table = record_class(described.table)
    record: Any = session.get(table, record_id, with_for_update=lock or None, populate_existing=lock)
    if record is None:
        went = winner_of(session, kind=kind, record_id=record_id)
        if went is not None:
            raise NotFound("Cette fiche a été fusionnée entre-temps avec une autre.")
        raise NotFound("Cette fiche n’existe pas ou plus.")
    owner = getattr(record, OWNER, None)
    if hasattr(record, OWNER) and not reaches_owner(by, described.edit, owner):
        raise NotFound("Cette fiche n’existe pas ou plus.")
    return record


def identities_of(session: Session, *, kind: str, record_id: UUID, lock: bool = False) -> list[UUID]:
    """Return the ids under which what is posted names a record: its own, and those of records merged into it."""
    record = identity_column(kind_called(kind).table)
    if record is None:
        return []
    wanted = select(record.table.c.id).where(record == record_id).order_by(record.table.c.id)
    return list(session.connection().execute(wanted.with_for_update() if lock else wanted).scalars())


@readable("records.open")
def record_after_merges(session: Session, *, kind: str, record_id: UUID) -> UUID | None:
    """Return the record into which another was merged; None when it was not."""
    return winner_of(session, kind=kind, record_id=record_id)


def winner_of(session: Session, *, kind: str, record_id: UUID) -> UUID | None:
    """Return where a merged record is now, through as many merges as there were."""
    found, current = None, record_id
    for _ in range(MOST_STEPS):
        wanted = select(col(MergedRecord.winner_id)).where(
            col(MergedRecord.kind) == kind, col(MergedRecord.loser_id) == current, col(MergedRecord.undone).is_(False)
        )
        further = session.scalars(wanted.order_by(col(MergedRecord.at).desc()).limit(1)).first()
        if further is None:
            return found
        found = current = further
    return found
