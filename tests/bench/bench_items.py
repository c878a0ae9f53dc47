"""Measure the list of items and what is on hand: `bench_items [sqlite|postgresql [items]]`.

100,000 items, a receipt and an issue of each at two places. Prints p50 and p95 in milliseconds; exits 1 when the p95 of
rows is above 100 ms (300 ms beyond 100,000), that of counts above 1 s, or that of an item's stock above 20 ms.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, select
from sqlmodel import Session, col

from db.access.rules import Actor, Role
from db.catalog.items.actions import derive, findable
from db.catalog.items.listing.queries import SOURCE
from db.catalog.items.rules import EDITABLE
from db.catalog.items.tables import Item
from db.kernel.record import uuid7
from db.records.listing.queries import counts_of, page_of
from db.records.listing.rules import read_request
from db.records.search.tables import SearchEntry
from db.stock.moves.queries import balance_differences, levels_of_item, moves_of_item
from db.stock.moves.tables import StockMove
from db.stock.places.tables import StockPlace
from tests.bench.databases import clock, filled

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
BY = Actor(uuid7(), "Martine", frozenset({Role.PURCHASING}))
CHUNK, TIMES = 5000, 30
COUNTS_MS, STOCK_MS = 1000.0, 20.0
WORDS = ("Câble", "Manchon", "Vis", "Tube", "Tôle", "Ridoir", "Manille", "Embout")
VIEWS = (
    *("state=active", "state=active&sort=-on_hand", "state=active&stock=low", "group=G7&sort=name"),
    *("q=cable 12", "q=cable", "q=inox&sort=-price", "q=ca", "q=a&sort=name", "q=zzzz"),
)
STAMP: dict[str, Any] = {"created_at": NOW, "updated_at": NOW, "row_version": 1}


def fill(engine: Engine, count: int) -> None:
    """Write items and moves as bulk work does."""
    dice, places = random.Random(1), [uuid7(), uuid7()]
    with Session(engine.execution_options(writing=True)) as session:
        shelves = [
            {"id": one, "name": f"P{i}", "code": f"P{i}", "state": "active", "search_number": i + 1, **STAMP}
            for i, one in enumerate(places)
        ]
        session.connection().execute(insert(StockPlace), shelves)
        for start in range(0, count, CHUNK):
            items = [_item(dice, number) for number in range(start, min(start + CHUNK, count))]
            names = ("id", "search_number", *EDITABLE)
            derived = ("number_key", "number_order", "name_order", "price_order", "stock_state", "on_hand")
            rows = [{name: getattr(one, name) for name in (*names, *derived)} | STAMP for one in items]
            session.connection().execute(insert(Item), rows)
            session.connection().execute(insert(SearchEntry), [vars(findable(one)) for one in items])
            session.connection().execute(insert(StockMove), [_move(one, places[0], True) for one in items])
            session.connection().execute(insert(StockMove), [_move(one, places[0], False) for one in items])
        session.commit()


def _item(dice: random.Random, number: int) -> Item:
    item = Item(
        id=uuid7(),
        number=f"A-{number}",
        name=f"{dice.choice(WORDS)} inox {number}",
        group_name=f"G{number % 40}",
        sale_price=Decimal(dice.randrange(1, 9999)) / 100,
        purchase_price=Decimal(dice.randrange(1, 5000)) / 100,
        minimum_stock=Decimal(dice.randrange(0, 120)),
        search_number=number + 10,
    )
    derive(item)
    return item


def _move(item: Item, place: UUID, comes: bool) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "item_id": item.id,
        "kind": "receipt" if comes else "issue",
        "state": "done",
        "quantity": Decimal(100) if comes else Decimal(40),
        "from_place_id": None if comes else place,
        "to_place_id": place if comes else None,
        "moved_at": NOW,
        "note": "",
        "search_number": item.search_number,
        **STAMP,
    }


def measure(what: str, ask: Callable[[], Any]) -> float:
    """Print and return the p95 of a question in milliseconds."""
    took = []
    for _ in range(TIMES):
        begun = clock()
        ask()
        took.append(1000 * (clock() - begun))
    p95 = statistics.quantiles(took, n=20)[-1]
    print(f"{what:44} p50 {statistics.median(took):7.1f}  p95 {p95:7.1f}")
    return p95


def main(kind: str, count: int) -> int:
    """Measure one database; return 1 when something is slower than its limit."""
    limit = 100.0 if count <= 100_000 else 300.0
    with (
        filled(kind, f"items-{count}", lambda engine: fill(engine, count)) as engine,
        Session(engine) as session,
    ):
        print(f"{kind}: {count} items, {2 * count} moves; limits in ms: rows {limit:.0f}, counts {COUNTS_MS:.0f}")
        slow = []
        for view in VIEWS:
            request = read_request(view, SOURCE.shape)
            rows = measure(view, lambda r=request: page_of(session, SOURCE, request=r, by=BY))  # type: ignore[misc]
            slow += [view] if rows > limit else []
            counts = measure("  counts", lambda r=request: counts_of(session, SOURCE, request=r, by=BY))  # type: ignore[misc]
            slow += [f"counts of {view}"] if counts > COUNTS_MS else []
        item = session.scalars(select(col(Item.id)).order_by(col(Item.id)).limit(1)).one()
        both = lambda: (levels_of_item(session, item_id=item), moves_of_item(session, item_id=item, by=BY))  # noqa: E731
        slow += ["an item's stock"] if measure("an item's stock and moves", both) > STOCK_MS else []
        begun = time.perf_counter()
        assert balance_differences(session) == []
        print(f"all balances proved in {time.perf_counter() - begun:.1f} s")
    print("above the limit:", ", ".join(slow) or "nothing", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    kinds = sys.argv[1:2] or ["sqlite", "postgresql"]
    sys.exit(max([main(kind, int(sys.argv[2]) if len(sys.argv) > 2 else 100_000) for kind in kinds]))
