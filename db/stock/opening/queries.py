"""Which opening stocks the rows of a file mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.catalog.items.intake.queries import ids_by_key
from db.catalog.items.queries import NamedItem, items_named
from db.catalog.items.rules import ItemKind, number_key
from db.catalog.units.rules import plain, read_quantity
from db.kernel.errors import BadInput
from db.kernel.sentences import Sentence
from db.parties.intake.rules import Match
from db.records.intake.tables import ImportLeft
from db.records.search.rules import fold
from db.stock.moves.rules import MoveKind, MoveState
from db.stock.moves.tables import StockMove
from db.stock.opening.rules import ORIGIN, StockRow
from db.stock.places.queries import PlaceFacts, places
from db.stock.places.tables import StockPlace

CHUNK = 500
FIRST_PLACE = "Dépôt"
Key = tuple[UUID, UUID]  # item, place


@dataclass(frozen=True)
class Meant:
    """What a row means: an item, a place and a quantity; or why it means nothing."""

    item: NamedItem | None = None
    place: PlaceFacts | None = None  # None without a problem: one of the first places, which the import makes
    quantity: Decimal = Decimal(0)
    problem: str = ""


@readable("stock.read")
def stock_matches(session: Session, *, rows: Sequence[StockRow], by: Actor) -> dict[int, Match]:
    """Return, by line, the opening move that each row repeats, or what is wrong; a new one is absent."""
    meanings = meant(session, rows)
    known = opening_moves(session, [one.item.item_id for one in meanings.values() if one.item])
    found: dict[int, Match] = {}
    for line, one in meanings.items():
        if one.problem:
            found[line] = Match(problem=one.problem)
            continue
        assert one.item is not None
        move = known.get((one.item.item_id, one.place.place_id)) if one.place else None
        if move is None and one.quantity == 0:
            found[line] = Match(one.item.item_id)  # nothing lies there, and nothing is to be written
        elif move is not None and move[1] == one.quantity:
            found[line] = Match(move[0])
        elif move is not None and one.place is not None:
            found[line] = Match(
                problem=Sentence(
                    "Un stock initial de {quantity} {unit} existe déjà à {place} : le corriger par un inventaire.",
                    quantity=plain(move[1]),
                    unit=one.item.unit,
                    place=one.place.path,
                )
            )
    return found


def meant(session: Session, rows: Sequence[StockRow]) -> dict[int, Meant]:
    """Return what rows mean, by line."""
    ids = ids_by_key(session, [row.number for row in rows])
    items = items_named(session, item_ids=ids.values())
    known = places(session)
    return {row.line: _meant(row, items.get(ids.get(number_key(row.number), UUID(int=0))), known) for row in rows}


def _meant(row: StockRow, item: NamedItem | None, known: Sequence[PlaceFacts]) -> Meant:
    if item is None:
        said = "L’article « {number} » n’existe pas : importer d’abord les articles."
        return Meant(problem=Sentence(said, number=row.number))
    if item.kind is ItemKind.SERVICE:
        return Meant(problem=Sentence("« {name} » est un service : il n’a pas de stock.", name=item.name))
    place = _place(row.place, known)
    if place is None and known:
        return Meant(problem=_no_place(row.place))
    try:
        quantity = read_quantity(row.quantity, unit=item.unit, packages=item.packages)
    except BadInput as problem:
        return Meant(problem=problem.sentence)
    if quantity < 0:
        return Meant(problem=Sentence("Un stock initial n’est pas négatif."))
    return Meant(item, place, quantity)


def _place(text: str, known: Sequence[PlaceFacts]) -> PlaceFacts | None:
    if not text:
        return known[0] if len(known) == 1 else None
    for name in ("code", "path", "name"):
        found = [one for one in known if fold(getattr(one, name)) == fold(text)]
        if len(found) == 1:
            return found[0]
    return None


def first_places(session: Session, rows: Sequence[StockRow], *, since: datetime | None) -> list[str]:
    """Return the names of places that an import may make: all while there are none but those made since it began."""
    known = places(session, with_closed=True)
    made = (
        set(session.scalars(select(col(StockPlace.id)).where(col(StockPlace.created_at) >= since))) if since else set()
    )
    if any(one.place_id not in made for one in known):
        return []
    wanted = {fold(row.place or FIRST_PLACE): row.place or FIRST_PLACE for row in rows}
    return [name for name in wanted.values() if _place(name, known) is None]


def _no_place(text: str) -> str:
    if not text:
        return Sentence("Indiquer le lieu : il y en a plusieurs.")
    said = "Le lieu « {name} » n’existe pas, ou plusieurs s’appellent ainsi : écrire son code."
    return Sentence(said, name=text)


def opening_moves(session: Session, item_ids: Sequence[UUID]) -> dict[Key, tuple[UUID, Decimal]]:
    """Return the opening moves of items that stand, by item and place."""
    found: dict[Key, tuple[UUID, Decimal]] = {}
    reversing = select(col(StockMove.reverses_id)).where(col(StockMove.reverses_id).is_not(None))
    for start in range(0, len(item_ids), CHUNK):
        wanted = select(StockMove).where(
            col(StockMove.item_id).in_(list(item_ids[start : start + CHUNK])),
            col(StockMove.kind) == MoveKind.OPENING.value,
            col(StockMove.id).not_in(reversing),
        )
        for row in session.scalars(wanted):
            if row.to_place_id is not None:
                found[row.item_id, row.to_place_id] = (row.id, row.quantity)
    return found


def moves_of_import(session: Session, import_id: UUID, *, most: int) -> list[StockMove]:
    """Return the first moves that an import made, that stand and that its undoing has not looked at yet."""
    wanted = select(StockMove).where(*_standing(import_id)).order_by(col(StockMove.id))
    return list(session.scalars(wanted.limit(most)))


def moves_to_undo(session: Session, import_id: UUID) -> int:
    """Return how many moves of an import its undoing has still to look at."""
    return session.scalar(select(func.count()).select_from(StockMove).where(*_standing(import_id))) or 0


def _standing(import_id: UUID) -> list[Any]:
    reversing = select(col(StockMove.reverses_id)).where(col(StockMove.reverses_id).is_not(None))
    told = select(col(ImportLeft.record_id)).where(col(ImportLeft.import_id) == import_id)
    return [
        col(StockMove.origin_kind) == ORIGIN,
        col(StockMove.origin_id) == import_id,
        col(StockMove.state) == MoveState.DONE.value,
        col(StockMove.id).not_in(reversing),
        col(StockMove.id).not_in(told),
    ]
