"""The list of moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col

from db.access.rules import Actor
from db.records.listing.days import day_begins, day_ends
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Range, Source
from db.stock.moves.queries import facts_of
from db.stock.moves.rules import MoveKind, MoveState
from db.stock.moves.tables import StockMove


@dataclass(frozen=True)
class MoveRow:
    """One move as the list shows it; a cost that the reader may not see is None."""

    record_id: UUID
    row_version: int
    number: str
    name: str
    unit: str
    kind: MoveKind
    state: MoveState
    quantity: Decimal
    from_path: str
    to_path: str
    moved_at: datetime
    note: str
    unit_cost: Decimal | None


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[MoveRow]:
    """Return moves in the order of their ids."""
    return [
        MoveRow(
            one.move_id,
            one.row_version,
            one.item.number,
            one.item.name,
            one.item.unit,
            one.kind,
            one.state,
            one.quantity,
            one.from_path,
            one.to_path,
            one.moved_at,
            one.note,
            one.unit_cost,
        )
        for one in facts_of(session, ids, by)
    ]


# a move is searched by what is known of its item: its search number is the item's, and so the kind is
SOURCE = Source(
    "item",
    StockMove,
    "stock.read",
    load_rows,
    usual_sort="-moved",
    sorts={"moved": Column(StockMove.moved_at, "moved_at"), "quantity": Column(StockMove.quantity, "quantity")},
    facets={
        "kind": Column(StockMove.kind, "kind"),
        "state": Column(StockMove.state, "state"),
        "from": Column(StockMove.from_place_id, "from_place_id"),
        "to": Column(StockMove.to_place_id, "to_place_id"),
    },
    ranges={
        "moved_from": Range(col(StockMove.moved_at), "moved_at", day_begins, is_low=True),
        "moved_to": Range(col(StockMove.moved_at), "moved_at", day_ends, is_low=False),
    },
)
SHAPE = SOURCE.shape
MOVE_QUESTIONS = questions_of(SOURCE, name="move", module=__name__, export="stock.export")
