"""Many moves at once: the opening stock out of a file, its undoing, and what another system had recorded."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from db.access.bulk import insert_rows
from db.access.gate import gate
from db.access.rules import Actor
from db.catalog.items.queries import items_named
from db.documents.imports.deeds import import_deeds
from db.documents.imports.queries import import_status
from db.kernel.errors import BadInput
from db.records.intake.rules import Left, Undone, Written
from db.stock.moves.actions import reverse_move
from db.stock.moves.queries import has_moves_since, levels_at
from db.stock.moves.rules import MoveDraft, MoveKind, MoveState, Origin, Shelf, check_enough, clean_move
from db.stock.moves.tables import StockMove
from db.stock.opening.queries import first_places, meant, moves_of_import, moves_to_undo, stock_matches
from db.stock.opening.rules import ORIGIN, StockRow
from db.stock.places.actions import add_place
from db.stock.places.queries import places
from db.stock.places.rules import LONGEST_CODE, PlaceDraft

IMPORT = "stock.import"
PORTION = 200  # moves that one transaction takes back
MOVED_SINCE = "Le stock a bougé depuis : saisir un contre-mouvement ou un inventaire."


def _write_rows(session: Session, *, import_id: UUID, rows: Sequence[StockRow], by: Actor, at: datetime) -> Written:
    """Write one portion. A stock that is there already stays.

    Raises: BadInput: a row means nothing; nothing is written.
    """
    _make_first_places(session, import_id=import_id, rows=rows, by=by, at=at)
    known = stock_matches(session, rows=rows, by=by)
    for match in known.values():
        if match.problem:
            raise BadInput(match.problem)
    meanings = meant(session, rows)
    drafts = []
    for row in (one for one in rows if one.line not in known):
        meaning = meanings[row.line]
        assert meaning.item is not None
        assert meaning.place is not None
        if meaning.quantity > 0:
            drafts.append(_draft(row, meaning.item.item_id, meaning.place.place_id, meaning.quantity))
    add_moves(session, drafts=drafts, origin=Origin(ORIGIN, import_id), by=by, at=at)
    return Written(len(rows) - len(known), len(known), len(known))


def _make_first_places(session: Session, *, import_id: UUID, rows: Sequence[StockRow], by: Actor, at: datetime) -> None:
    """Give a company that has no places those that its opening stock names."""
    began = import_status(session, import_id=import_id, by=by).began_at
    for name in first_places(session, rows, since=began):
        add_place(session, draft=PlaceDraft(name, code=name if len(name) <= LONGEST_CODE else ""), by=by, at=at)


def _draft(row: StockRow, item_id: UUID, place_id: UUID, quantity: Decimal) -> MoveDraft:
    return MoveDraft(
        item_id, MoveKind.OPENING, quantity, to_place_id=place_id, unit_cost=row.unit_cost, moved_at=row.on
    )


def _undo_part(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> Undone:
    """Take the next part of an import back by counter-moves; what has moved since is left and named."""
    taken, left = 0, []
    moves = moves_of_import(session, import_id, most=PORTION)
    names = items_named(session, item_ids=[move.item_id for move in moves])
    for move in moves:
        assert move.to_place_id is not None, "an opening goes to a place"
        if has_moves_since(session, item_id=move.item_id, place_id=move.to_place_id, after=move.id):
            left.append(Left(move.id, names[move.item_id].title, MOVED_SINCE, table="stock_move"))
            continue
        reverse_move(session, move_id=move.id, reason="Import annulé", by=by, at=at)
        taken += 1
    waiting = moves_to_undo(session, import_id) - len(left)  # those are noted below
    return Undone(taken, 0, left, len(moves), waiting)


STOCK_IMPORT = import_deeds(
    "stock", module=__name__, permissions=(IMPORT, IMPORT), write_rows=_write_rows, undo_part=_undo_part
)


@gate(IMPORT)
def add_moves(session: Session, *, drafts: Sequence[MoveDraft], origin: Origin, by: Actor, at: datetime) -> list[UUID]:
    """Write many done moves in their order, with their history; return their ids.

    Raises: BadMove, NotEnough: one of them; nothing is written.
    """
    cleaned = [clean_move(draft, at=at) for draft in drafts]
    items = items_named(session, item_ids=[draft.item_id for draft in cleaned if draft.item_id])
    _check_balances(session, cleaned)
    rows = [
        {
            "item_id": draft.item_id,
            "kind": draft.kind.value,
            "state": MoveState.DONE.value,
            "quantity": draft.quantity,
            "from_place_id": draft.from_place_id,
            "to_place_id": draft.to_place_id,
            "moved_at": draft.moved_at or at,
            "note": draft.note,
            "unit_cost": draft.unit_cost,
            "origin_kind": origin.kind,
            "origin_id": origin.record_id,
            "reverses_id": None,
            "search_number": items[draft.item_id].search_number,
        }
        for draft in cleaned
        if draft.item_id is not None
    ]
    made = insert_rows(session, StockMove, rows)
    session.expire_all()  # the database has changed balances itself
    return made


def _check_balances(session: Session, drafts: Sequence[MoveDraft]) -> None:
    """Refuse a move that takes more than is there after those before it."""
    known = {place.place_id: place for place in places(session, with_closed=True)}
    taken_from = {draft.from_place_id for draft in drafts if draft.from_place_id}
    names = items_named(session, item_ids=[draft.item_id for draft in drafts if draft.item_id])
    held: dict[tuple[UUID, UUID], Decimal] = {}
    for place_id in taken_from:
        ids = [draft.item_id for draft in drafts if draft.item_id]
        there = levels_at(session, place_id=place_id, item_ids=ids)
        held |= {(item_id, place_id): there.get(item_id, Decimal(0)) for item_id in ids}
    for draft in drafts:
        assert draft.item_id is not None, "cleaned"
        item, source, target = draft.item_id, draft.from_place_id, draft.to_place_id
        if source is not None:
            told = {"item": names[item].name, "place": known[source].path, "unit": names[item].unit}
            check_enough(Shelf(held[item, source], known[source].allows_negative, told), draft.quantity)
            held[item, source] -= draft.quantity
        if target is not None and (item, target) in held:
            held[item, target] += draft.quantity
