"""The list of counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.rules import Actor
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Source
from db.stock.counts.queries import facts_of
from db.stock.counts.rules import KIND, CountState
from db.stock.counts.tables import StockCount


@dataclass(frozen=True)
class CountRow:
    """One count as the list shows it."""

    record_id: UUID
    row_version: int
    name: str
    place_path: str
    group_name: str
    state: CountState
    blind: bool
    opened_at: datetime
    opened_by: str
    lines: int
    counted: int


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[CountRow]:
    """Return counts in the order of their ids."""
    return [
        CountRow(
            one.count_id,
            one.row_version,
            one.name,
            one.place_path,
            one.group_name,
            one.state,
            one.blind,
            one.opened_at,
            one.opened_by,
            one.lines,
            one.counted,
        )
        for one in facts_of(session, ids)
    ]


SOURCE = Source(
    KIND,
    StockCount,
    "stock.read",
    load_rows,
    usual_sort="-started",
    sorts={
        "started": Column(StockCount.opened_at, "opened_at"),
        "name": Column(StockCount.name_order, "name"),
        "state": Column(StockCount.state, "state"),
    },
    facets={"state": Column(StockCount.state, "state"), "place": Column(StockCount.place_id, "place_id")},
)
SHAPE = SOURCE.shape
COUNT_QUESTIONS = questions_of(SOURCE, name="stock_count", module=__name__, export="stock.export")
