"""Questions about moves and what lies where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, case, func, literal, or_, select, type_coerce, union_all
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor, may_see_field
from db.catalog.items.queries import NamedItem, items_named
from db.catalog.items.tables import Item
from db.catalog.units.rules import PLACES
from db.kernel.errors import NotFound
from db.stock.moves.rules import MoveKind, MoveState
from db.stock.moves.tables import StockLevel, StockMove
from db.stock.places.queries import place_paths

CHUNK = 500
DONE = MoveState.DONE.value


@dataclass(frozen=True)
class LevelFacts:
    """How much of an item lies at a place."""

    item_id: UUID
    place_id: UUID
    place_path: str
    quantity: Decimal


@dataclass(frozen=True)
class MoveFacts:
    """One move; `quantity` in the item's unit; a cost that the reader may not see is None."""

    move_id: UUID
    row_version: int
    item: NamedItem
    kind: MoveKind
    state: MoveState
    quantity: Decimal
    from_place_id: UUID | None
    from_path: str
    to_place_id: UUID | None
    to_path: str
    moved_at: datetime
    note: str
    unit_cost: Decimal | None
    origin_kind: str | None
    origin_id: UUID | None
    reverses_id: UUID | None
    reversed_by: UUID | None


@readable("stock.read")
def levels_of_item(session: Session, *, item_id: UUID) -> list[LevelFacts]:
    """Return where an item lies, in the order of the places' tree; places with none are left out."""
    wanted = select(col(StockLevel.place_id), col(StockLevel.quantity)).where(
        col(StockLevel.item_id) == item_id, col(StockLevel.quantity) != 0
    )
    rows = [(row[0], row[1]) for row in session.connection().execute(wanted)]
    paths = place_paths(session, place_ids=[place_id for place_id, _ in rows])
    found = [LevelFacts(item_id, place_id, paths.get(place_id, ""), quantity) for place_id, quantity in rows]
    return sorted(found, key=lambda one: one.place_path)


@dataclass(frozen=True)
class OnShelf:
    """One item at a place, as the place's page shows it."""

    item_id: UUID
    number: str
    name: str
    unit: str
    quantity: Decimal


@readable("stock.read")
def stock_at(session: Session, *, place_ids: Sequence[UUID], most: int = 200) -> list[OnShelf]:
    """Return what lies at places together, by item number; at most so many items."""
    total = func.sum(col(StockLevel.quantity))
    wanted = (
        select(col(Item.id), col(Item.number), col(Item.name), col(Item.unit), total)
        .join(StockLevel, col(StockLevel.item_id) == col(Item.id))
        .where(col(StockLevel.place_id).in_(list(place_ids)), col(StockLevel.quantity) != 0)
        .group_by(col(Item.id), col(Item.number), col(Item.name), col(Item.unit), col(Item.number_order))
        .order_by(col(Item.number_order), col(Item.id))
        .limit(most)
    )
    return [OnShelf(*row) for row in session.connection().execute(wanted)]


@readable("stock.read")
def count_stock_at(session: Session, *, place_ids: Sequence[UUID]) -> int:
    """Return how many items lie at places."""
    wanted = select(func.count(func.distinct(col(StockLevel.item_id)))).where(
        col(StockLevel.place_id).in_(list(place_ids)), col(StockLevel.quantity) != 0
    )
    return session.connection().execute(wanted).scalar_one()


@readable("stock.read")
def level(session: Session, *, item_id: UUID, place_id: UUID) -> Decimal:
    """Return how much of an item lies at a place now."""
    row = session.get(StockLevel, (item_id, place_id), populate_existing=True)
    return Decimal(0) if row is None else row.quantity


def net_since(
    session: Session, *, place_id: UUID, since: Sequence[tuple[UUID, datetime]], until: datetime | None = None
) -> dict[UUID, Decimal]:
    """Return what came to a place less what left it, per item, by done moves later than an instant (each its own)."""
    found: dict[UUID, Decimal] = {}
    for start in range(0, len(since), CHUNK):
        chunk = dict(since[start : start + CHUNK])
        wanted = select(
            col(StockMove.item_id), col(StockMove.moved_at), col(StockMove.to_place_id), col(StockMove.quantity)
        ).where(
            col(StockMove.item_id).in_(list(chunk)),
            col(StockMove.moved_at) > min(chunk.values()),
            col(StockMove.state) == DONE,
            or_(col(StockMove.from_place_id) == place_id, col(StockMove.to_place_id) == place_id),
        )
        for item_id, moved_at, to_place_id, quantity in session.connection().execute(wanted):
            if moved_at > chunk[item_id] and (until is None or moved_at <= until):
                change = quantity if to_place_id == place_id else -quantity
                found[item_id] = found.get(item_id, Decimal(0)) + change
    return found


@readable("stock.read")
def levels_at(session: Session, *, place_id: UUID, item_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Return how much of items lies at a place now; what never lay there is absent."""
    wanted, found = sorted(set(item_ids)), {}
    for start in range(0, len(wanted), CHUNK):
        rows = select(col(StockLevel.item_id), col(StockLevel.quantity)).where(
            col(StockLevel.place_id) == place_id, col(StockLevel.item_id).in_(wanted[start : start + CHUNK])
        )
        found.update({row[0]: row[1] for row in session.connection().execute(rows)})
    return found


@readable("stock.read")
def on_hand_at(session: Session, *, item_id: UUID, at: datetime) -> Decimal:
    """Return how much of an item there was in all places together at an instant."""
    change = case((col(StockMove.to_place_id).is_(None), -col(StockMove.quantity)), else_=col(StockMove.quantity))
    wanted = select(func.sum(change)).where(
        col(StockMove.item_id) == item_id,
        col(StockMove.state) == DONE,
        col(StockMove.moved_at) <= at,
        or_(col(StockMove.from_place_id).is_(None), col(StockMove.to_place_id).is_(None)),
    )
    return session.connection().execute(wanted).scalar() or Decimal(0)


@readable("stock.read")
def move_facts(session: Session, *, move_id: UUID, by: Actor) -> MoveFacts:
    """Return one move.

    Raises: NotFound.
    """
    found = facts_of(session, [move_id], by)
    if not found:
        raise NotFound("Ce mouvement n’existe pas ou plus.")
    return found[0]


@readable("stock.read")
def moves_of_item(session: Session, *, item_id: UUID, by: Actor, most: int = 20) -> list[MoveFacts]:
    """Return the newest moves of an item, planned ones first."""
    wanted = (
        select(col(StockMove.id))
        .where(col(StockMove.item_id) == item_id, col(StockMove.state) != MoveState.CANCELLED.value)
        .order_by(col(StockMove.state) == DONE, col(StockMove.moved_at).desc(), col(StockMove.id).desc())
        .limit(most)
    )
    return facts_of(session, list(session.scalars(wanted)), by)


@readable("stock.read")
def moves_of_origin(session: Session, *, kind: str, record_id: UUID, by: Actor) -> list[MoveFacts]:
    """Return the moves that belong to something (a count, later an order's line), in the order of time."""
    wanted = (
        select(col(StockMove.id))
        .where(col(StockMove.origin_kind) == kind, col(StockMove.origin_id) == record_id)
        .order_by(col(StockMove.moved_at), col(StockMove.id))
    )
    return facts_of(session, list(session.scalars(wanted)), by)


def facts_of(session: Session, ids: Sequence[UUID], by: Actor) -> list[MoveFacts]:
    """Return moves in the order of their ids; what does not exist is left out."""
    rows = {row.id: row for row in session.scalars(select(StockMove).where(col(StockMove.id).in_(list(ids))))}
    items = items_named(session, item_ids=[row.item_id for row in rows.values()])
    touched = [one for row in rows.values() for one in (row.from_place_id, row.to_place_id) if one]
    paths = place_paths(session, place_ids=touched)
    undone = select(col(StockMove.reverses_id), col(StockMove.id)).where(col(StockMove.reverses_id).in_(list(rows)))
    reversed_by = {row[0]: row[1] for row in session.connection().execute(undone)}
    sees_cost, sees_note = (may_see_field(by, "stock_move", name) for name in ("unit_cost", "note"))
    return [
        MoveFacts(
            row.id,
            row.row_version,
            items[row.item_id],
            MoveKind(row.kind),
            MoveState(row.state),
            row.quantity,
            row.from_place_id,
            paths.get(row.from_place_id, "") if row.from_place_id else "",
            row.to_place_id,
            paths.get(row.to_place_id, "") if row.to_place_id else "",
            row.moved_at,
            row.note if sees_note else "",
            row.unit_cost if sees_cost else None,
            row.origin_kind,
            row.origin_id,
            row.reverses_id,
            reversed_by.get(row.id),
        )
        for row in (rows[one] for one in ids if one in rows)
    ]


# --- what `boussole verify` compares ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A balance that is not the sum of the moves; no place: the total of the item."""

    item_id: UUID
    place_id: UUID | None
    kept: Decimal
    summed: Decimal


@readable("stock.read")
def balance_differences(session: Session) -> list[Difference]:
    """Return every balance that is not the sum of its done moves; an empty list proves them all."""
    moves = StockMove.__table__  # type: ignore[attr-defined]
    amount = type_coerce(moves.c.quantity, BigInteger)
    parts = union_all(
        select(moves.c.item_id, moves.c.to_place_id.label("place_id"), amount.label("amount")).where(
            moves.c.state == DONE, moves.c.to_place_id.is_not(None)
        ),
        select(moves.c.item_id, moves.c.from_place_id.label("place_id"), (-amount).label("amount")).where(
            moves.c.state == DONE, moves.c.from_place_id.is_not(None)
        ),
    ).subquery()
    summed = select(parts.c.item_id, parts.c.place_id, func.sum(parts.c.amount)).group_by(
        parts.c.item_id, parts.c.place_id
    )
    sums = {(row[0], row[1]): Decimal(int(row[2])).scaleb(-PLACES) for row in session.connection().execute(summed)}
    kept = {
        (row[0], row[1]): row[2]
        for row in session.connection().execute(
            select(col(StockLevel.item_id), col(StockLevel.place_id), col(StockLevel.quantity))
        )
    }
    zero = Decimal(0)
    found = [
        Difference(*key, kept.get(key, zero), sums.get(key, zero))
        for key in sorted({*sums, *kept})
        if kept.get(key, zero) != sums.get(key, zero)
    ]
    totals: dict[UUID, Decimal] = {}
    for (item_id, _), quantity in sums.items():
        totals[item_id] = totals.get(item_id, zero) + quantity
    held = session.connection().execute(select(col(Item.id), col(Item.on_hand)))
    whole = [Difference(row[0], None, row[1], totals.get(row[0], zero)) for row in held]
    return found + [one for one in whole if one.kept != one.summed]


def has_moves_since(session: Session, *, item_id: UUID, place_id: UUID, after: UUID) -> bool:
    """Test if an item moved at a place after a move was written."""
    wanted = select(literal(1)).where(
        col(StockMove.item_id) == item_id,
        col(StockMove.id) > after,
        col(StockMove.state) == DONE,
        or_(col(StockMove.from_place_id) == place_id, col(StockMove.to_place_id) == place_id),
    )
    return session.connection().execute(wanted.limit(1)).first() is not None


@readable("stock.read")
def count_due(session: Session, *, at: datetime) -> int:
    """Return how many planned moves should have happened by an instant."""
    wanted = select(func.count()).where(col(StockMove.state) == MoveState.PLANNED.value, col(StockMove.moved_at) <= at)
    return session.scalar(wanted) or 0
