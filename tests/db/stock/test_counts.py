"""Counting: what moves meanwhile is no difference, two people do not overwrite each other, approval writes moves."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, NotAllowed
from db.records.undo.actions import undo_deed
from db.records.undo.rules import CannotUndo
from db.stock.counts.actions import (
    add_to_sheet,
    approve_count,
    finish_count,
    note_counted,
    open_count,
    resume_count,
)
from db.stock.counts.queries import count_facts, review, sheet
from db.stock.counts.rules import BadCount, CountClosed, CountDraft, CountedMeanwhile, CountState, Entering
from db.stock.moves.actions import move_goods
from db.stock.moves.queries import balance_differences, level, moves_of_origin
from db.stock.moves.rules import MoveDraft, MoveKind, NotEnough
from tests.db.stock.make import issue, last_deed, make_item, make_place, receive

People = dict[Role, Actor]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def keeper(people: People) -> Actor:
    """Who counts."""
    return people[Role.WAREHOUSE]


def opened(by: Actor, place: UUID, at: datetime, **values: object) -> UUID:
    made: UUID = do(by, open_count, at=at, draft=CountDraft(place, **values))  # type: ignore[arg-type]
    return made


def counted(by: Actor, line: UUID, number: object, at: datetime, how: Entering = Entering.FIRST, seen: int = 1) -> int:
    version: int = do(
        by,
        note_counted,
        at=at,
        line_id=line,
        counted=Decimal(str(number)),
        entering=how,
        seen_version=seen,
    )
    return version


def line_of(by: Actor, count_id: UUID, item_id: UUID) -> UUID:
    return next(one.line_id for one in ask(by, sheet, count_id=count_id) if one.item_id == item_id)


class TestCount:
    def test_turns_differences_into_moves(self, keeper: Actor, people: People, system: Actor, clock: datetime) -> None:
        shop = make_place(at=clock)
        first, second = (make_item(at=clock, purchase_price=Decimal("4.85")) for _ in "12")
        for item in (first, second):
            receive(item, shop, 10, at=clock)
        count = opened(keeper, shop, clock + MINUTE)

        counted(keeper, line_of(keeper, count, first), 7, clock + 2 * MINUTE)
        counted(keeper, line_of(keeper, count, second), 10, clock + 2 * MINUTE)
        do(keeper, finish_count, at=clock + 3 * MINUTE, count_id=count)
        told = ask(people[Role.MANAGER], review, count_id=count, by=people[Role.MANAGER])
        do(people[Role.MANAGER], approve_count, at=clock + 4 * MINUTE, count_id=count)

        assert [(one.difference, one.value) for one in told] == [(Decimal(-3), Decimal("-14.55")), (0, Decimal("0.00"))]
        assert ask(system, level, item_id=first, place_id=shop) == Decimal(7)
        moves = ask(system, moves_of_origin, kind="stock_count", record_id=count, by=system)
        assert [(one.kind, one.quantity) for one in moves] == [(MoveKind.COUNT, Decimal(3))]
        assert ask(system, balance_differences) == []

    def test_leaves_out_what_moved_meanwhile(self, keeper: Actor, system: Actor, clock: datetime) -> None:
        shop, item = make_place(at=clock), make_item(at=clock)
        receive(item, shop, 10, at=clock)
        count = opened(keeper, shop, clock + MINUTE)
        line = line_of(keeper, count, item)

        issue(item, shop, 2, at=clock + 2 * MINUTE)  # before the counting: 8 are expected
        counted(keeper, line, 8, clock + 3 * MINUTE)
        receive(item, shop, 5, at=clock + 4 * MINUTE)  # after it
        do(keeper, finish_count, at=clock + 5 * MINUTE, count_id=count)
        done = do(system, approve_count, at=clock + 6 * MINUTE, count_id=count)

        assert done == 0
        assert ask(system, level, item_id=item, place_id=shop) == Decimal(13)

    def test_adds_another_shelf_and_what_moved_between(self, keeper: Actor, system: Actor, clock: datetime) -> None:
        shop, item = make_place(at=clock), make_item(at=clock)
        receive(item, shop, 10, at=clock)
        count = opened(keeper, shop, clock + MINUTE)
        line = line_of(keeper, count, item)

        seen = counted(keeper, line, 6, clock + 2 * MINUTE)
        issue(item, shop, 1, at=clock + 3 * MINUTE)
        counted(keeper, line, 4, clock + 4 * MINUTE, Entering.ADD, seen)
        told = ask(system, review, count_id=count, by=system)

        assert (told[0].tally.counted, told[0].difference) == (Decimal(9), Decimal(0))

    def test_asks_when_somebody_else_was_first(self, keeper: Actor, people: People, clock: datetime) -> None:
        buyer = people[Role.PURCHASING]
        shop, item = make_place(at=clock), make_item(at=clock)
        receive(item, shop, 10, at=clock)
        count = opened(keeper, shop, clock)
        line = line_of(keeper, count, item)
        counted(keeper, line, 6, clock + MINUTE)

        with pytest.raises(CountedMeanwhile, match="Warehouse a déjà compté"):
            counted(buyer, line, 4, clock + 2 * MINUTE)
        counted(buyer, line, 4, clock + 2 * MINUTE, Entering.ADD, seen=2)

        assert ask(keeper, sheet, count_id=count)[0].tally.counted == Decimal(10)

    def test_takes_what_lies_where_it_should_not(self, keeper: Actor, system: Actor, clock: datetime) -> None:
        shop, item = make_place(at=clock), make_item(at=clock, number="K-7", barcode="7610200030849")
        make_item(at=clock, number="S-1", kind="service")
        count = opened(keeper, shop, clock)

        line = do(keeper, add_to_sheet, at=clock, count_id=count, code="7610 2000 3084 9")
        again = do(keeper, add_to_sheet, at=clock, count_id=count, code="k-7")
        counted(keeper, line, 2, clock)
        do(keeper, finish_count, at=clock, count_id=count)
        do(system, approve_count, at=clock, count_id=count)

        assert line == again
        assert ask(system, level, item_id=item, place_id=shop) == Decimal(2)
        with pytest.raises(CountClosed):
            counted(keeper, line, 3, clock)

    def test_refuses_in_words(self, keeper: Actor, people: People, clock: datetime) -> None:
        shop, item = make_place(at=clock), make_item(at=clock)
        receive(item, shop, 1, at=clock)
        count = opened(keeper, shop, clock)

        with pytest.raises(BadCount, match="Rien n’est compté"):
            do(keeper, finish_count, at=clock, count_id=count)
        with pytest.raises(BadCount, match="jamais moins"):
            counted(keeper, line_of(keeper, count, item), -1, clock)
        with pytest.raises(BadInput, match="Aucun article"):
            do(keeper, add_to_sheet, at=clock, count_id=count, code="???")
        with pytest.raises(BadCount, match="Choisissez le lieu"):
            do(keeper, open_count, at=clock, draft=CountDraft(None))
        counted(keeper, line_of(keeper, count, item), 1, clock)
        do(keeper, finish_count, at=clock, count_id=count)
        with pytest.raises(NotAllowed):
            do(keeper, approve_count, at=clock, count_id=count)

    def test_is_approved_whole_or_not_at_all(self, keeper: Actor, system: Actor, clock: datetime) -> None:
        shop, item = make_place(at=clock), make_item(at=clock)
        receive(item, shop, 10, at=clock)
        count = opened(keeper, shop, clock)
        counted(keeper, line_of(keeper, count, item), 4, clock + MINUTE)
        do(keeper, finish_count, at=clock + 2 * MINUTE, count_id=count)
        issue(item, shop, 7, at=clock + 3 * MINUTE)

        with pytest.raises(NotEnough):
            do(system, approve_count, at=clock + 4 * MINUTE, count_id=count)

        assert ask(system, count_facts, count_id=count).state is CountState.REVIEW
        do(keeper, resume_count, at=clock + 5 * MINUTE, count_id=count)

    def test_can_be_undone_until_it_is_approved(self, keeper: Actor, people: People, clock: datetime) -> None:
        shop, item = make_place(at=clock), make_item(at=clock)
        receive(item, shop, 10, at=clock)
        count = opened(keeper, shop, clock)
        counted(keeper, line_of(keeper, count, item), 4, clock + MINUTE)

        do(keeper, undo_deed, at=clock, undoes=last_deed("stock.counts.note_counted"))
        assert ask(keeper, sheet, count_id=count)[0].tally.counted is None

        counted(keeper, line_of(keeper, count, item), 4, clock + MINUTE, seen=3)
        do(keeper, finish_count, at=clock + MINUTE, count_id=count)
        do(people[Role.MANAGER], approve_count, at=clock + 2 * MINUTE, count_id=count)
        with pytest.raises(CannotUndo, match="ne s’annule pas"):
            do(keeper, undo_deed, at=clock, undoes=last_deed("stock.counts.note_counted"))


DEEDS = st.lists(
    st.tuples(st.sampled_from(["in", "out", "move", "count"]), st.integers(0, 1), st.integers(1, 9)),
    min_size=1,
    max_size=10,
)


class TestAnySequence:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(deeds=DEEDS)
    def test_keeps_balances_equal_to_the_moves(
        self, deeds: list[tuple[str, int, int]], people: People, system: Actor, clock: datetime
    ) -> None:
        item, places = make_item(at=clock), [make_place(at=clock) for _ in "12"]
        expected = [Decimal(0), Decimal(0)]
        for step, (what, here, number) in enumerate(deeds):
            at, amount = clock + (step + 1) * MINUTE, Decimal(number)
            there = 1 - here
            if what == "count":
                count = opened(system, places[here], at)
                line = do(system, add_to_sheet, at=at, count_id=count, code=ask(system, named, item_id=item))
                counted(system, line, number, at)
                do(system, finish_count, at=at, count_id=count)
                do(system, approve_count, at=at, count_id=count)
                expected[here] = amount
                continue
            kinds = {"in": MoveKind.RECEIPT, "out": MoveKind.ISSUE, "move": MoveKind.TRANSFER}
            source = None if what == "in" else places[here]
            target = places[here] if what == "in" else None if what == "out" else places[there]
            try:
                do(system, move_goods, at=at, draft=MoveDraft(item, kinds[what], amount, source, target))
            except NotEnough:
                assert amount > expected[here]
                continue
            expected[here] += amount if what == "in" else -amount
            if what == "move":
                expected[there] += amount

        assert [ask(system, level, item_id=item, place_id=place) for place in places] == expected
        assert ask(system, balance_differences) == []


def named(session, *, item_id: UUID) -> str:  # type: ignore[no-untyped-def]
    from db.catalog.items.tables import Item

    return str(session.get(Item, item_id).number)


named.permission, named.takes_by = "stock.read", False  # type: ignore[attr-defined]
