"""Questions about counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.rules import Actor, may, may_see_field
from db.catalog.items.tables import Item
from db.catalog.units.rules import read_packages
from db.kernel.errors import NotFound
from db.kernel.money import round_to_cent
from db.stock.counts.rules import CountState, Tally, difference
from db.stock.counts.tables import StockCount, StockCountLine
from db.stock.moves.queries import levels_at, net_since
from db.stock.moves.tables import StockMove
from db.stock.places.queries import place_paths


@dataclass(frozen=True)
class CountFacts:
    """One count and how far it is."""

    count_id: UUID
    row_version: int
    name: str
    place_id: UUID
    place_path: str
    group_name: str
    blind: bool
    state: CountState
    opened_at: datetime
    opened_by: str
    approved_at: datetime | None
    approved_by: str
    lines: int
    counted: int


@dataclass(frozen=True)
class SheetLine:
    """One item to count; `expected` is None on a blind sheet."""

    line_id: UUID
    item_id: UUID
    row_version: int
    place: int
    number: str
    name: str
    barcode: str
    unit: str
    packages: dict[str, Decimal]
    tally: Tally
    expected: Decimal | None


@dataclass(frozen=True)
class ReviewLine:
    """What was counted of an item beside what was expected then; amounts in CHF where the reader may see costs."""

    line_id: UUID
    item_id: UUID
    number: str
    name: str
    unit: str
    tally: Tally
    expected: Decimal
    difference: Decimal
    value: Decimal | None


@readable("stock.read")
def count_facts(session: Session, *, count_id: UUID) -> CountFacts:
    """Return one count.

    Raises: NotFound.
    """
    found = facts_of(session, [count_id])
    if not found:
        raise NotFound("Cet inventaire n’existe pas ou plus.")
    return found[0]


@readable("stock.count")
def open_counts(session: Session) -> list[CountFacts]:
    """Return the counts that take numbers, the newest first."""
    wanted = select(col(StockCount.id)).where(col(StockCount.state) == CountState.OPEN.value)
    return facts_of(session, list(session.scalars(wanted.order_by(col(StockCount.opened_at).desc()))))


@readable("stock.approve_count")
def counts_to_approve(session: Session) -> list[CountFacts]:
    """Return the counts that wait for an approval, the oldest first."""
    wanted = select(col(StockCount.id)).where(col(StockCount.state) == CountState.REVIEW.value)
    return facts_of(session, list(session.scalars(wanted.order_by(col(StockCount.opened_at)))))


def facts_of(session: Session, ids: Sequence[UUID]) -> list[CountFacts]:
    """Return counts in the order of their ids; what does not exist is left out."""
    rows = {row.id: row for row in session.scalars(select(StockCount).where(col(StockCount.id).in_(list(ids))))}
    told = (
        select(col(StockCountLine.count_id), func.count(), func.count(col(StockCountLine.counted)))
        .where(col(StockCountLine.count_id).in_(list(rows)))
        .group_by(col(StockCountLine.count_id))
    )
    numbers = {row[0]: (row[1], row[2]) for row in session.connection().execute(told)}
    paths = place_paths(session, place_ids=[row.place_id for row in rows.values()])
    people = user_names(session)
    return [
        CountFacts(
            row.id,
            row.row_version,
            row.name,
            row.place_id,
            paths.get(row.place_id, ""),
            row.group_name,
            row.blind,
            CountState(row.state),
            row.opened_at,
            people.get(row.opened_by, "") if row.opened_by else "",
            row.approved_at,
            people.get(row.approved_by, "") if row.approved_by else "",
            *numbers.get(row.id, (0, 0)),
        )
        for row in (rows[one] for one in ids if one in rows)
    ]


@readable("stock.count")
def sheet(session: Session, *, count_id: UUID, line_ids: Sequence[UUID] | None = None) -> list[SheetLine]:
    """Return the items of a sheet in their order, or some of them.

    Raises: NotFound.
    """
    count = session.get(StockCount, count_id)
    if count is None:
        raise NotFound("Cet inventaire n’existe pas ou plus.")
    rows = _rows(session, count_id, line_ids)
    expected: dict[UUID, Decimal] = {}
    if not count.blind:
        expected = levels_at(session, place_id=count.place_id, item_ids=[item.id for _, item in rows])
    return [
        SheetLine(
            line.id,
            item.id,
            line.row_version,
            line.place_in_sheet,
            item.number,
            item.name,
            item.barcode,
            item.unit,
            read_packages(item.packages, item.unit),
            Tally(line.counted, line.counted_at, line.counted_by_name),
            None if count.blind else expected.get(item.id, Decimal(0)),
        )
        for line, item in rows
    ]


def _rows(
    session: Session, count_id: UUID, line_ids: Sequence[UUID] | None = None
) -> list[tuple[StockCountLine, Item]]:
    wanted = (
        select(StockCountLine, Item)
        .join(Item, col(Item.id) == col(StockCountLine.item_id))
        .where(col(StockCountLine.count_id) == count_id)
        .order_by(col(StockCountLine.place_in_sheet), col(StockCountLine.id))
    )
    if line_ids is not None:
        wanted = wanted.where(col(StockCountLine.id).in_(list(line_ids)))
    return [(row[0], row[1]) for row in session.execute(wanted)]


@readable("stock.read")
def review(session: Session, *, count_id: UUID, by: Actor) -> list[ReviewLine]:
    """Return what was counted beside what was expected at that instant, differences first.

    On a blind sheet that still takes numbers, only who may approve sees it; others get nothing.

    Raises: NotFound.
    """
    count = session.get(StockCount, count_id)
    if count is None:
        raise NotFound("Cet inventaire n’existe pas ou plus.")
    if count.blind and count.state == CountState.OPEN.value and not may(by, "stock.approve_count"):
        return []
    lines = reviewed(session, count, by=by)
    return sorted(lines, key=lambda one: (one.difference == 0, -abs(one.value or one.difference), one.number))


def reviewed(session: Session, count: StockCount, *, by: Actor) -> list[ReviewLine]:
    """Return the counted lines of a sheet in its order."""
    rows = [(line, item) for line, item in _rows(session, count.id) if line.counted is not None]
    when = [(item.id, line.counted_at) for line, item in rows if line.counted_at is not None]
    now = levels_at(session, place_id=count.place_id, item_ids=_ids(when))
    since = net_since(session, place_id=count.place_id, since=when)
    sees_cost = may_see_field(by, "item", "purchase_price")
    done = _posted(session, count) if count.state == CountState.APPROVED.value else None
    zero, found = Decimal(0), []
    for line, item in rows:
        assert line.counted is not None
        gap = difference(line.counted, now=now.get(item.id, zero), moved_since=since.get(item.id, zero))
        if done is not None:
            gap = done.get(item.id, zero)
        priced = item.purchase_price is not None and sees_cost
        found.append(
            ReviewLine(
                line.id,
                item.id,
                item.number,
                item.name,
                item.unit,
                Tally(line.counted, line.counted_at, line.counted_by_name),
                line.counted - gap,
                gap,
                round_to_cent(gap * item.purchase_price) if priced and item.purchase_price is not None else None,
            )
        )
    return found


def _ids(when: Iterable[tuple[UUID, datetime]]) -> list[UUID]:
    return [item_id for item_id, _ in when]


def _posted(session: Session, count: StockCount) -> dict[UUID, Decimal]:
    """Return the differences that an approved count has written."""
    wanted = select(StockMove).where(col(StockMove.origin_kind) == "stock_count", col(StockMove.origin_id) == count.id)
    return {
        row.item_id: row.quantity if row.to_place_id == count.place_id else -row.quantity
        for row in session.scalars(wanted)
    }
