"""Moving goods: receipts, issues, transfers, planned or done; and the counter-move that corrects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.catalog.items.queries import NamedItem, items_named
from db.catalog.items.rules import ItemKind, ItemState
from db.catalog.items.tables import Item
from db.catalog.units.rules import plain
from db.kernel.errors import ChangedMeanwhile, NotFound
from db.kernel.findings import Finding
from db.records.listing.changes import Change, Changed, each
from db.records.timeline.actions import add_entry
from db.stock.moves.rules import (
    BY_HAND,
    KIND,
    MOVE_LIFE,
    NO_ORIGIN,
    BadMove,
    MoveDone,
    MoveDraft,
    MoveKind,
    MoveState,
    Origin,
    Shelf,
    check_enough,
    clean_move,
    inverse_draft,
)
from db.stock.moves.tables import StockLevel, StockMove
from db.stock.places.rules import ACTIVE
from db.stock.places.tables import StockPlace

MOVE = "stock.move"
TOLD = {
    MoveKind.RECEIPT: "Entrée de {quantity} {unit} à {to}",
    MoveKind.OPENING: "Stock initial de {quantity} {unit} à {to}",
    MoveKind.ISSUE: "Sortie de {quantity} {unit} de {from}",
    MoveKind.TRANSFER: "Transfert de {quantity} {unit} de {from} à {to}",
    MoveKind.COUNT: "Inventaire : {quantity} {unit} de différence",
    MoveKind.REVERSAL: "Contre-mouvement de {quantity} {unit}",
}


@gate(MOVE)
def move_goods(session: Session, *, draft: MoveDraft, origin: Origin = NO_ORIGIN, by: Actor, at: datetime) -> UUID:
    """Move goods now; return the move's id.

    Raises: BadMove, NotEnough.
    """
    row = _new(session, draft, origin, MoveState.DONE, at=at)
    _take(session, row)
    session.add(row)
    session.flush()
    _fresh(session, row)
    _tell(session, row, by=by, at=at)
    return row.id


@gate(MOVE)
def plan_move(session: Session, *, draft: MoveDraft, origin: Origin = NO_ORIGIN, by: Actor, at: datetime) -> UUID:
    """Note that goods are to move; `moved_at` is when that is expected. Return the move's id.

    Raises: BadMove.
    """
    row = _new(session, draft, origin, MoveState.PLANNED, at=max(at, draft.moved_at or at))
    session.add(row)
    session.flush()
    return row.id


@gate(MOVE)
def do_move(session: Session, *, move_id: UUID, expected_version: int | None = None, by: Actor, at: datetime) -> None:
    """Do a planned move.

    Raises: NotFound, ChangedMeanwhile, WrongStep, NotEnough.
    """
    row = _locked(session, move_id, expected_version)
    state = MOVE_LIFE.step(MoveState(row.state), MoveState.DONE)
    _take(session, row)
    row.state, row.moved_at = state.value, at
    session.flush()
    _fresh(session, row)
    _tell(session, row, by=by, at=at)


@gate(MOVE)
def cancel_move(session: Session, *, move_id: UUID, by: Actor, at: datetime) -> None:
    """Give up a planned move.

    Raises: NotFound, MoveDone, WrongStep.
    """
    row = _locked(session, move_id, None)
    if row.state == MoveState.DONE.value:
        raise MoveDone("Ce mouvement est fait : il se corrige par un contre-mouvement.")
    row.state = MOVE_LIFE.step(MoveState(row.state), MoveState.CANCELLED).value
    session.flush()


@gate(MOVE)
def change_planned(
    session: Session, *, move_id: UUID, values: Mapping[str, Any], expected_version: int, by: Actor, at: datetime
) -> int:
    """Change a planned move (fields of `MoveDraft`); return the new version.

    Raises: NotFound, ChangedMeanwhile, MoveDone, BadMove.
    """
    row = _locked(session, move_id, expected_version)
    if row.state != MoveState.PLANNED.value:
        raise MoveDone("Seul un mouvement prévu se modifie ; un mouvement fait se corrige par un contre-mouvement.")
    known = {name: getattr(row, name) for name in MoveDraft.__annotations__}
    draft = MoveDraft(**{**known, "kind": MoveKind(row.kind), **values})
    changed = _new(session, draft, Origin(row.origin_kind, row.origin_id), MoveState.PLANNED, at=draft.moved_at or at)
    for name in (*MoveDraft.__annotations__, "search_number"):
        setattr(row, name, getattr(changed, name))
    session.flush()
    return row.row_version


@gate(MOVE)
def reverse_move(session: Session, *, move_id: UUID, reason: str, by: Actor, at: datetime) -> UUID:
    """Take a done move back by a counter-move; return its id.

    Raises: NotFound, BadMove: without a reason, or taken back already. MoveDone: it is not done. NotEnough.
    """
    row = _locked(session, move_id, None)
    if row.state != MoveState.DONE.value:
        raise MoveDone("Ce mouvement n’est pas fait : annulez-le simplement.")
    if not " ".join(reason.split()):
        raise BadMove([Finding("reason", "Dites en quelques mots pourquoi ce mouvement est repris.")])
    if row.kind == MoveKind.REVERSAL.value:
        raise BadMove([Finding("reason", "Un contre-mouvement ne se reprend pas : saisissez un nouveau mouvement.")])
    taken = select(col(StockMove.id)).where(col(StockMove.reverses_id) == move_id)
    if session.scalars(taken).first() is not None:
        raise BadMove([Finding("reason", "Ce mouvement a déjà été repris par un contre-mouvement.")])
    draft = inverse_draft(draft_from(row), note=reason)
    made: UUID = move_goods(session, draft=draft, origin=Origin(reverses_id=move_id), by=by, at=at)
    return made


@gate(MOVE)
def change_moves(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Do or cancel planned moves from their list; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    if change.verb == "do":
        do_move(session, move_id=change.record_id, expected_version=change.expected_version, by=by, at=at)
    elif change.verb == "cancel":
        cancel_move(session, move_id=change.record_id, by=by, at=at)
    elif change.verb == "reverse":
        reverse_move(session, move_id=change.record_id, reason=str(change.values.get("note", "")), by=by, at=at)
    else:
        row = session.get(StockMove, change.record_id)
        if row is None:
            raise NotFound("Ce mouvement n’existe pas ou plus.")
        version = row.row_version if change.expected_version is None else change.expected_version
        change_planned(session, move_id=row.id, values=change.values, expected_version=version, by=by, at=at)


def draft_from(row: StockMove) -> MoveDraft:
    """Return a move as somebody would enter it."""
    values = {name: getattr(row, name) for name in MoveDraft.__annotations__}
    return MoveDraft(**{**values, "kind": MoveKind(row.kind)})


def _new(session: Session, draft: MoveDraft, origin: Origin, state: MoveState, *, at: datetime) -> StockMove:
    draft = clean_move(draft, at=at)
    assert draft.item_id is not None, "checked"
    item = items_named(session, item_ids=[draft.item_id]).get(draft.item_id)
    _check_item(item, draft)
    assert item is not None, "checked"
    _check_places(session, draft)
    return StockMove(
        item_id=item.item_id,
        kind=draft.kind.value,
        state=state.value,
        quantity=draft.quantity,
        from_place_id=draft.from_place_id,
        to_place_id=draft.to_place_id,
        moved_at=draft.moved_at or at,
        note=draft.note,
        unit_cost=draft.unit_cost,
        origin_kind=origin.kind,
        origin_id=origin.record_id,
        reverses_id=origin.reverses_id,
        search_number=item.search_number,
    )


def _check_item(item: NamedItem | None, draft: MoveDraft) -> None:
    if item is None:
        raise BadMove([Finding("item_id", "Cet article n’existe pas ou plus.")])
    if item.kind is ItemKind.SERVICE:
        raise BadMove([Finding("item_id", "« {name} » est un service : il n’a pas de stock.", {"name": item.name})])
    if item.state is ItemState.ARCHIVED and draft.kind in BY_HAND and draft.to_place_id is not None:
        message = "« {name} » est archivé : remettez-le en service pour en recevoir."
        raise BadMove([Finding("item_id", message, {"name": item.name})])


def _check_places(session: Session, draft: MoveDraft) -> None:
    for name in ("from_place_id", "to_place_id"):
        place_id = getattr(draft, name)
        place = session.get(StockPlace, place_id) if place_id else None
        if place_id and (place is None or place.state != ACTIVE):
            raise BadMove([Finding(name, "Ce lieu n’existe pas, ou il est fermé.")])


def _take(session: Session, row: StockMove) -> None:
    """Lock what lies at both places, always in the same order, and refuse to take more than is there."""
    ids = sorted(one for one in (row.from_place_id, row.to_place_id) if one is not None)
    for place_id in ids:
        lock_level(session, row.item_id, place_id)
    if row.from_place_id is None:
        return
    shelf = lock_level(session, row.item_id, row.from_place_id)
    place, item = session.get_one(StockPlace, row.from_place_id), session.get_one(Item, row.item_id)
    names = {"item": item.name, "place": place.path, "unit": item.unit}
    check_enough(Shelf(shelf.quantity, place.allows_negative, names), row.quantity)


def lock_level(session: Session, item_id: UUID, place_id: UUID) -> StockLevel:
    """Return the balance of an item at a place, kept as it is by others until the transaction ends; 0 if it is new."""
    place = session.get_one(StockPlace, place_id)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {
        "item_id": item_id,
        "place_id": place_id,
        "quantity": Decimal(0),
        "allows_negative": place.allows_negative,
    }
    session.connection().execute(insert(StockLevel).values(**values).on_conflict_do_nothing())
    return session.get_one(StockLevel, (item_id, place_id), with_for_update=True, populate_existing=True)


def _locked(session: Session, move_id: UUID, expected_version: int | None) -> StockMove:
    row = session.get(StockMove, move_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Ce mouvement n’existe pas ou plus.")
    if expected_version is not None and row.row_version != expected_version:
        raise ChangedMeanwhile("Ce mouvement a été modifié entre-temps ; vos valeurs n’ont pas été enregistrées.")
    return row


def _fresh(session: Session, row: StockMove) -> None:
    """Forget what the session knows of balances: the database has changed them itself."""
    for known in session.identity_map.values():
        if isinstance(known, StockLevel) and known.item_id == row.item_id:
            session.expire(known)
        elif isinstance(known, Item) and known.id == row.item_id:
            session.expire(known, ["on_hand", "stock_state"])


def _tell(session: Session, row: StockMove, *, by: Actor, at: datetime) -> None:
    item = session.get_one(Item, row.item_id)
    places = {
        name: session.get_one(StockPlace, place_id).path if place_id else ""
        for name, place_id in (("from", row.from_place_id), ("to", row.to_place_id))
    }
    kind = MoveKind(row.kind)
    params = {"quantity": plain(row.quantity), "unit": item.unit, **places}
    add_entry(
        session,
        kind=KIND,
        record_id=row.id,
        icon="moved",
        message_id=TOLD[kind],
        params=params,
        text=row.note,
        by=by,
        at=at,
    )
