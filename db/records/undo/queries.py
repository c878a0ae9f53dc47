"""What undoing a deed would do, field by field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, String, Table, cast, func, select
from sqlmodel import Session, SQLModel, col

from db.access.gate import ACTIONS, readable
from db.access.history import as_json, tracked_columns
from db.access.rules import Actor, may, may_see_field, reaches_owner
from db.access.tables import Change, ChangeValue, Deed
from db.kernel.errors import NotFound
from db.kernel.record import Record
from db.records.intake.queries import import_of_deed
from db.records.kinds.rules import KINDS, kind_called
from db.records.reach.queries import reached
from db.records.relations.queries import pointers
from db.records.undo.added import key_by_key, moment
from db.records.undo.rules import (
    INVERSES,
    MOST_CHANGES,
    MOVING,
    NEVER,
    UNDOERS,
    Kept,
    LegalInverse,
    Step,
    Undoer,
    UndoPlan,
    without_halves,
)

TOUCHED = "{who} a changé cette valeur le {when} : elle reste."
RECORD_TOUCHED = "{who} a modifié cette fiche depuis, le {when}."
NO_RIGHT = "Vos droits ne permettent pas d’annuler cet acte."
NO_INVERSE = "Ce qui est comptabilisé ou envoyé ne s’annule pas."
AS_A_WHOLE = "Un import s’annule d’un coup, depuis sa page."
TOO_MANY = "Cet acte a changé {count} fiches : son annulation se fait en arrière-plan, fiche par fiche."
IN_PARTS = "records.undo.many.undo_part"
Row = tuple[str, UUID]  # table and id
OWN_COLUMNS = {"kind", "record_id"}


@readable("records.undo")
def undo_plan(session: Session, *, deed_id: UUID, by: Actor) -> UndoPlan:
    """Return what undoing a deed would do, and what would stay and why.

    Raises: NotFound: there is no such deed.
    """
    deed = session.get(Deed, deed_id)
    if deed is None:
        raise NotFound("Cet acte n’existe pas.")
    refused = refusal(session, deed, by)
    if refused is not None and refused[0] == NO_RIGHT:  # and not even what was done, nor by whom, is told
        return UndoPlan(deed_id, "", "", deed.at, blocked=NO_RIGHT)
    plan = UndoPlan(deed_id, deed.action, deed.actor_name, deed.at)
    of_import = import_of_deed(session, deed_id=deed_id)
    if of_import is not None:
        return replace(plan, blocked=AS_A_WHOLE, inverse=inverse_of(session, "import_batch", of_import))
    if refused is not None:
        return replace(plan, blocked=refused[0], blocked_params=refused[1])
    many = _count(session, deed_id)
    if many > MOST_CHANGES and root_deed(session, deed).action not in MOVING:
        return replace(plan, many=many, blocked=TOO_MANY, blocked_params={"count": many})
    moving = MOVING.get(root_deed(session, deed).action)
    for change, values in _changes(session, deed_id):
        undoer = _undoer(change, moving)
        if undoer is None:
            instead = inverse_of(session, change.record_kind, change.record_id)
            return replace(plan, steps=(), kept=(), blocked="Cet acte ne s’annule pas.", inverse=instead)
        inverse = None if moving else inverse_of(session, change.record_kind, change.record_id)
        if inverse is not None:
            return replace(plan, blocked=NO_INVERSE, inverse=inverse)
        steps, kept = what_of(session, change, values, undoer, by, besides=deed_id)
        plan = replace(plan, steps=plan.steps + steps, kept=plan.kept + kept)
    is_whole = any(step.operation != "update" for step in plan.steps) or any(not one.column for one in plan.kept)
    if deed.action in MOVING:
        is_whole = plan.steps[:1] == () or plan.steps[0].operation != "delete"  # what went last comes first, or nothing
    if is_whole and plan.kept:  # a record and what hangs on it come back together or not at all
        first = plan.kept[0]
        return replace(plan, steps=(), blocked=first.message_id, blocked_params=first.params)
    if not plan.steps and not plan.kept:
        return replace(plan, blocked="Cet acte n’a rien changé qui se laisse annuler.")
    return plan


def inverse_of(session: Session, table: str, record_id: UUID) -> LegalInverse | None:
    """Return what the law wants instead of undoing what was done to a row; None while it is neither posted nor sent."""
    asked = INVERSES.get(table)
    return asked(session, record_id) if asked is not None else None


@readable("records.open")
def may_be_removed(session: Session, *, kind: str, record_id: UUID, by: Actor) -> bool:
    """Test if a record's page offers to remove it: the person may edit it, and it is neither posted nor sent."""
    table = kind_called(kind).table
    undoer = UNDOERS.get(table)
    record = session.get(record_class(table), record_id) if undoer is not None and may(by, undoer.edit) else None
    if undoer is None or record is None or inverse_of(session, table, record_id) is not None:
        return False
    return not undoer.owner or reaches_owner(by, undoer.edit, getattr(record, undoer.owner))


def root_deed(session: Session, deed: Deed) -> Deed:
    """Return the deed at the beginning of a row of undoings: what was done first, then undone, redone and so on."""
    while deed.undoes is not None:
        earlier = session.get(Deed, deed.undoes)
        if earlier is None:
            break
        deed = earlier
    return deed


def _undoer(change: Change, moving: str | None) -> Undoer | None:
    """Return how a row comes back; rows that were only led elsewhere need no right beyond that of leading them."""
    known = UNDOERS.get(change.record_kind)
    if moving is None or (known is not None and change.operation != "update"):
        return known
    return replace(known or Undoer(change.record_kind, edit=moving), edit=moving, owner="")


def undone_by(session: Session, *, deed_id: UUID) -> Deed | None:
    """Return the deed that undid another, unless it was itself undone; the one being done now does not count."""
    being_done: Deed | None = session.info.get("deed")
    for undoing in session.scalars(select(Deed).where(col(Deed.undoes) == deed_id)):
        if being_done is not None and undoing.id == being_done.id:
            continue
        if undone_by(session, deed_id=undoing.id) is None:
            return undoing
    return None


def refusal(session: Session, deed: Deed, by: Actor) -> tuple[str, dict[str, Any]] | None:
    action = ACTIONS.get(deed.action)
    if action is not None and not may(by, action.permission):  # type: ignore[attr-defined]
        return NO_RIGHT, {}
    earlier = undone_by(session, deed_id=deed.id)
    if earlier is not None and not (earlier.action == IN_PARTS and rows_left(session, deed.id)):
        return "{who} a déjà annulé cet acte.", {"who": earlier.actor_name}
    if ".imports." in deed.action or ".intake." in deed.action or import_of_deed(session, deed_id=deed.id):
        return AS_A_WHOLE, {}
    return None


def _count(session: Session, deed_id: UUID) -> int:
    counted = select(func.count()).select_from(Change).where(col(Change.deed_id) == deed_id)
    return session.scalar(counted) or 0


def rows_left(session: Session, deed_id: UUID) -> list[Row]:
    """Return the rows of a deed that no undoing has dealt with; what was made later comes first."""
    first = func.min(col(Change.id))
    if session.get_bind().dialect.name == "postgresql":  # which knows no least of identities before release 18
        first = func.min(cast(col(Change.id), String))  # type: ignore[arg-type]
    wanted = select(col(Change.record_kind), col(Change.record_id)).where(col(Change.deed_id) == deed_id)
    rows = session.execute(wanted.group_by(col(Change.record_kind), col(Change.record_id)).order_by(first.desc()))
    undone = _undone_rows(session, deed_id)
    return [(table, record_id) for table, record_id in rows if (table, record_id) not in undone]


def not_undone(session: Session, deed_id: UUID, rows: Sequence[Row]) -> list[Row]:
    """Return those among some rows that no undoing of a deed has dealt with."""
    undone = _undone_rows(session, deed_id, [record_id for _, record_id in rows])
    return [row for row in rows if row not in undone]


def _undone_rows(session: Session, deed_id: UUID, among: Sequence[UUID] | None = None) -> set[Row]:
    undoing = [
        deed.id
        for deed in session.scalars(select(Deed).where(col(Deed.undoes) == deed_id))
        if undone_by(session, deed_id=deed.id) is None
    ]
    wanted = select(col(Change.record_kind), col(Change.record_id)).where(col(Change.deed_id).in_(undoing))
    if among is not None:
        wanted = wanted.where(col(Change.record_id).in_(among))
    return {(table, record_id) for table, record_id in session.execute(wanted)}


def changes_of_row(session: Session, deed_id: UUID, row: Row) -> list[tuple[Change, ChangeValue | None]]:
    """Return what a deed did to one row, last first."""
    return [
        (change, values)
        for change, values in session.execute(
            _with_values(deed_id).where(col(Change.record_kind) == row[0], col(Change.record_id) == row[1])
        )
    ]


def lock_rows(session: Session, rows: Iterable[Row]) -> list[Record]:
    """Keep rows as they are until the transaction ends, always in the same order; return those that exist."""
    known = sorted({(table, record_id) for table, record_id in rows})
    found = (
        session.get(record_class(table), record_id, with_for_update=True, populate_existing=True)
        for table, record_id in known
    )
    return [record for record in found if record is not None]


def _changes(session: Session, deed_id: UUID) -> list[tuple[Change, ChangeValue | None]]:
    """Return what a deed did, last first."""
    return [(row[0], row[1]) for row in session.execute(_with_values(deed_id))]


def _with_values(deed_id: UUID) -> Any:
    return (
        select(Change, ChangeValue)
        .outerjoin(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(col(Change.deed_id) == deed_id)
        .order_by(col(Change.id).desc())
    )


def record_class(table: str) -> type[Record]:
    """Return the class of a table's rows.

    Raises: NotFound: no record is kept in such a table.
    """
    for kind in _descendants(Record):
        if getattr(kind, "__tablename__", "") == table:
            return kind
    raise NotFound("Ce genre de fiche n’existe pas.")


def _descendants(of: type[Record]) -> Iterator[type[Record]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _descendants(kind)


def what_of(
    session: Session,
    change: Change,
    values: ChangeValue | None,
    undoer: Undoer,
    by: Actor,
    *,
    besides: UUID | None,
) -> tuple[tuple[Step, ...], tuple[Kept, ...]]:
    """Return what undoing one change would do, and what would stay; rows of the deed `besides` hold nothing back."""
    record = session.get(record_class(change.record_kind), change.record_id)
    before, after = (values.before or {}, values.after or {}) if values else ({}, {})
    name = _name(record, before, after)

    def whole(message_id: str, **params: Any) -> tuple[tuple[Step, ...], tuple[Kept, ...]]:
        return (), (Kept(change.record_kind, change.record_id, name, "", message_id, params),)

    if not may(by, undoer.edit) or not _may_reach(session, record, {**after, **before}, undoer, by):
        told = "Vos droits ne s’étendent pas à une fiche de cet acte."  # and not even its name is told
        return (), (Kept(change.record_kind, change.record_id, "", "", told),)
    if values is None:
        return whole("Les valeurs de « {name} » ont été effacées.", name=name)
    if change.operation == "delete":
        if record is not None:
            return whole("« {name} » existe déjà de nouveau.", name=name)
        return (Step(change.record_kind, change.record_id, "delete", name, before),), ()
    if record is None:
        return whole("« {name} » n’existe plus.", name=name)
    if change.operation == "create":
        return _of_creation(session, change, record, after, name, besides)
    return _of_update(session, change, record, before, after, undoer, name, by)


def _name(record: Record | None, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    for source in (lambda key: getattr(record, key, None), before.get, after.get):
        for key in ("name", "label", "text"):
            if source(key):
                return str(source(key))[:80]
    return ""


def _may_reach(session: Session, record: Record | None, values: Mapping[str, Any], undoer: Undoer, by: Actor) -> bool:
    if undoer.owner:
        owner = getattr(record, undoer.owner) if record is not None else values.get(undoer.owner)
        return reaches_owner(by, undoer.edit, UUID(str(owner)) if owner else None)
    return all(_reaches_parent(session, place, by) for place in _parents(undoer, values))


def _parents(undoer: Undoer, values: Mapping[str, Any]) -> list[tuple[str, UUID]]:
    """Return the records on which a row hangs that is none itself: a note, a page of a bill, a line of a count."""
    kind, parent_id = values.get("kind"), values.get("record_id")
    if undoer.kind:
        return []
    found = [(str(kind), UUID(str(parent_id)))] if kind in KINDS and parent_id else []
    by_table = {described.table: described.kind for described in KINDS.values()}
    for key in SQLModel.metadata.tables[undoer.table].foreign_keys:
        parent, value = by_table.get(key.column.table.name), values.get(key.parent.name)
        if parent is not None and value:
            found.append((parent, UUID(str(value))))
    return found


def _reaches_parent(session: Session, place: tuple[str, UUID], by: Actor) -> bool:
    """Test if the person reaches a record; where that is gone, its own row decides whether it comes back."""
    is_gone = session.get(record_class(KINDS[place[0]].table), place[1]) is None
    return is_gone or place in reached(session, places=[place], by=by)


def _of_update(
    session: Session,
    change: Change,
    record: Record,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    undoer: Undoer,
    name: str,
    by: Actor,
) -> tuple[tuple[Step, ...], tuple[Kept, ...]]:
    before, after, stay = key_by_key(
        getattr(record, "custom", None), before, after, partial(may_see_field, by, change.record_kind)
    )
    moved = {
        column
        for column in before
        if column not in NEVER
        and (
            as_json(getattr(record, column, None)) != after.get(column)
            or not may_see_field(by, change.record_kind, column)
        )
    }
    wanted = {column: value for column, value in before.items() if column not in NEVER}
    values = without_halves(wanted, moved, undoer)
    kept = []
    for column in [*sorted(set(wanted) - set(values)), *stay]:
        toucher = _later(session, change, column.partition(".")[0]) or _later(session, change)
        params = {"who": toucher.actor_name, "when": moment(toucher.at)} if toucher else {"who": "—", "when": ""}
        kept.append(Kept(change.record_kind, change.record_id, name, column, TOUCHED, params))
    steps = (Step(change.record_kind, change.record_id, "update", name, values),) if values else ()
    return steps, tuple(kept)


def _of_creation(
    session: Session, change: Change, record: Record, after: Mapping[str, Any], name: str, besides: UUID | None
) -> tuple[tuple[Step, ...], tuple[Kept, ...]]:
    def refused(message_id: str, **params: Any) -> tuple[tuple[Step, ...], tuple[Kept, ...]]:
        return (), (Kept(change.record_kind, change.record_id, name, "", message_id, params),)

    table: Table = type(record).__table__  # type: ignore[attr-defined]
    columns = [column for column in tracked_columns(table) if column in after]
    if any(as_json(getattr(record, column)) != after[column] for column in columns):
        toucher = _later(session, change)
        if toucher is not None:
            return refused(RECORD_TOUCHED, who=toucher.actor_name, when=moment(toucher.at))
    hanging = what_hangs_on(session, change.record_kind, change.record_id, besides=besides)
    if hanging:
        return refused("D’autres fiches tiennent à « {name} » : {what}.", name=name, what=", ".join(hanging))
    return (Step(change.record_kind, change.record_id, "create", name),), ()


def _later(session: Session, change: Change, column: str = "") -> Deed | None:
    """Return the newest deed that touched a record (or one of its fields) after a change."""
    wanted = (
        select(Deed, ChangeValue)
        .join(Change, col(Change.deed_id) == col(Deed.id))
        .outerjoin(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(
            col(Change.record_kind) == change.record_kind,
            col(Change.record_id) == change.record_id,
            col(Change.id) > change.id,
            col(Change.deed_id) != change.deed_id,
        )
        .order_by(col(Change.id).desc())
    )
    for deed, values in session.execute(wanted):
        if not column or (values is not None and column in (values.after or {})):
            found: Deed = deed
            return found
    return None


def what_hangs_on(session: Session, table: str, record_id: UUID, *, besides: UUID | None = None) -> list[str]:
    """Return the tables with rows that point to a record, except rows that one deed touched, or will lead elsewhere."""
    leads = besides is not None and root_deed(session, session.get_one(Deed, besides)).action in MOVING
    found = set()
    for one in pointers(table):
        will_move = leads and (one.by_identity or "row_version" not in one.table.c)
        if not will_move and _some(session, one.table, one.rows, one.record == record_id, besides):
            found.add(one.table.name)
    kind = UNDOERS[table].kind if table in UNDOERS else ""
    for other in SQLModel.metadata.tables.values():
        if kind and {*OWN_COLUMNS} <= set(other.c.keys()) and other.name in UNDOERS:
            same = (other.c.kind == kind) & (other.c.record_id == record_id)
            found |= {other.name} if _some(session, other, other, same, besides) else set()
    return sorted(found)


def _some(session: Session, table: Table, rows: FromClause, condition: Any, besides: UUID | None) -> bool:
    wanted = select(func.count()).select_from(rows).where(condition)
    if besides is not None and "id" in table.c:
        touched = select(col(Change.record_id)).where(
            col(Change.deed_id) == besides, col(Change.record_kind) == table.name
        )
        wanted = wanted.where(table.c.id.not_in(touched))
    return bool(session.scalar(wanted))
