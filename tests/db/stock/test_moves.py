"""Moves are the only truth: balances follow, nothing done is changed, nothing goes below zero unseen."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.catalog.items.actions import change_item
from db.catalog.items.queries import item_card
from db.catalog.items.rules import BadItem
from db.kernel.errors import BusinessError, NotAllowed
from db.records.undo.actions import undo_deed
from db.records.undo.queries import undo_plan
from db.records.undo.rules import CannotUndo
from db.stock.moves.actions import cancel_move, change_moves, do_move, move_goods, plan_move, reverse_move
from db.stock.moves.queries import balance_differences, level, levels_of_item, move_facts, on_hand_at
from db.stock.moves.rules import BadMove, MoveDone, MoveDraft, MoveKind, MoveState, NotEnough
from db.stock.places.actions import change_place
from db.stock.places.queries import place_facts
from db.stock.places.rules import PlaceInUse
from tests.db.stock.make import issue, last_deed, make_item, make_place, receive

People = dict[Role, Actor]


def at_place(system: Actor, item_id: UUID, place_id: UUID) -> Decimal:
    found: Decimal = ask(system, level, item_id=item_id, place_id=place_id)
    return found


class TestMoveGoods:
    def test_keeps_the_balance_of_places_and_item(self, people: People, system: Actor, clock: datetime) -> None:
        item = make_item(at=clock, minimum_stock=Decimal(10))
        shop, van = make_place(at=clock), make_place(at=clock)

        receive(item, shop, "12.5", at=clock)
        draft = MoveDraft(item, MoveKind.TRANSFER, Decimal("4.25"), shop, van)
        do(people[Role.WAREHOUSE], move_goods, at=clock, draft=draft)
        issue(item, van, 4, at=clock)

        assert (at_place(system, item, shop), at_place(system, item, van)) == (Decimal("8.25"), Decimal("0.25"))
        card = ask(system, item_card, item_id=item, by=system)
        assert (card.on_hand, card.stock_state) == (Decimal("8.5"), "low")
        assert [one.quantity for one in ask(system, levels_of_item, item_id=item)] == [
            Decimal("8.25"),
            Decimal("0.25"),
        ]
        assert ask(system, balance_differences) == []

    def test_refuses_to_take_more_than_is_there_in_words(self, people: People, clock: datetime) -> None:
        item, shop = make_item(at=clock, name="Câble inox", unit="m"), make_place(at=clock, name="Renens")
        receive(item, shop, 3, at=clock)

        with pytest.raises(NotEnough, match="Il n’y a que 3 m de « Câble inox » à Renens ; 5 m"):
            issue(item, shop, 5, at=clock)

    def test_lets_a_place_go_below_zero_that_allows_it(self, people: People, system: Actor, clock: datetime) -> None:
        item, van = make_item(at=clock), make_place(at=clock, allows_negative=True)

        issue(item, van, 2, at=clock)

        assert at_place(system, item, van) == Decimal(-2)
        assert ask(system, item_card, item_id=item, by=system).stock_state == "negative"
        version = ask(system, place_facts, place_id=van).row_version
        with pytest.raises(PlaceInUse, match="sous zéro"):
            do(
                system,
                change_place,
                at=clock,
                place_id=van,
                values={"allows_negative": False},
                expected_version=version,
            )

    def test_refuses_a_service_a_wrong_place_and_the_future(
        self, people: People, system: Actor, clock: datetime
    ) -> None:
        service, item, shop = make_item(at=clock, kind="service"), make_item(at=clock), make_place(at=clock)
        wrong = (
            (MoveDraft(service, MoveKind.RECEIPT, Decimal(1), to_place_id=shop), "service"),
            (MoveDraft(item, MoveKind.RECEIPT, Decimal(1), from_place_id=shop), "où va la marchandise"),
            (MoveDraft(item, MoveKind.TRANSFER, Decimal(1), shop, shop), "différents"),
            (MoveDraft(item, MoveKind.RECEIPT, Decimal(0), to_place_id=shop), "plus grande que zéro"),
            (MoveDraft(item, MoveKind.RECEIPT, Decimal("0.0000001"), to_place_id=shop), "6 décimales"),
            (
                MoveDraft(item, MoveKind.RECEIPT, Decimal(1), to_place_id=shop, moved_at=clock + timedelta(days=1)),
                "avenir",
            ),
            (MoveDraft(None, MoveKind.RECEIPT, Decimal(1), to_place_id=shop), "Choisissez un article"),
        )

        for draft, sentence in wrong:
            with pytest.raises(BadMove, match=sentence):
                do(system, move_goods, at=clock, draft=draft)

    def test_keeps_the_unit_of_an_item_that_has_moved(self, people: People, system: Actor, clock: datetime) -> None:
        item, shop = make_item(at=clock), make_place(at=clock)
        receive(item, shop, 1, at=clock)

        with pytest.raises(BadItem, match="ne changent plus"):
            do(system, change_item, at=clock, item_id=item, values={"unit": "kg"}, expected_version=1)

    def test_knows_what_there_was_at_an_instant(self, people: People, system: Actor, clock: datetime) -> None:
        item, shop = make_item(at=clock), make_place(at=clock)
        receive(item, shop, 10, at=clock)
        issue(item, shop, 4, at=clock + timedelta(days=2))

        told = [ask(system, on_hand_at, item_id=item, at=clock + timedelta(days=days)) for days in (-1, 1, 3)]

        assert told == [Decimal(0), Decimal(10), Decimal(6)]


class TestPlannedMoves:
    def test_move_nothing_until_they_are_done(self, people: People, system: Actor, clock: datetime) -> None:
        item, shop = make_item(at=clock), make_place(at=clock)
        draft = MoveDraft(item, MoveKind.RECEIPT, Decimal(5), to_place_id=shop, moved_at=clock + timedelta(days=7))
        planned = do(system, plan_move, at=clock, draft=draft)

        before = at_place(system, item, shop)
        do(system, do_move, at=clock + timedelta(days=8), move_id=planned)

        assert (before, at_place(system, item, shop)) == (Decimal(0), Decimal(5))
        assert ask(system, move_facts, move_id=planned, by=system).state is MoveState.DONE
        assert ask(system, balance_differences) == []

    def test_can_be_given_up_and_undone(self, people: People, system: Actor, clock: datetime) -> None:
        by = people[Role.WAREHOUSE]
        item, shop = make_item(at=clock), make_place(at=clock)
        draft = MoveDraft(item, MoveKind.RECEIPT, Decimal(5), to_place_id=shop)
        planned = do(by, plan_move, at=clock, draft=draft)
        do(by, cancel_move, at=clock, move_id=planned)

        do(by, undo_deed, at=clock, undoes=last_deed("stock.moves.cancel_move"))

        assert ask(system, move_facts, move_id=planned, by=system).state is MoveState.PLANNED

    def test_refuse_those_that_cannot_be_done_one_by_one(self, people: People, system: Actor, clock: datetime) -> None:
        from db.records.listing.changes import Change

        item, shop = make_item(at=clock), make_place(at=clock)
        receive(item, shop, 1, at=clock)
        out = [do(system, plan_move, at=clock, draft=MoveDraft(item, MoveKind.ISSUE, Decimal(1), shop)) for _ in "12"]

        changed = do(system, change_moves, at=clock, changes=[Change(one, {}, "do") for one in out])

        assert (len(changed.done), len(changed.refused)) == (1, 1)
        assert at_place(system, item, shop) == Decimal(0)


class TestReverseMove:
    def test_takes_a_done_move_back_once(self, people: People, system: Actor, clock: datetime) -> None:
        item, shop = make_item(at=clock), make_place(at=clock)
        move = receive(item, shop, 7, at=clock)

        do(system, reverse_move, at=clock, move_id=move, reason="Faux article")

        assert at_place(system, item, shop) == Decimal(0)
        assert ask(system, move_facts, move_id=move, by=system).reversed_by is not None
        with pytest.raises(BadMove, match="déjà été repris"):
            do(system, reverse_move, at=clock, move_id=move, reason="encore")
        with pytest.raises(BadMove, match="pourquoi"):
            do(system, reverse_move, at=clock, move_id=move, reason=" ")
        with pytest.raises(MoveDone, match="contre-mouvement"):
            do(system, cancel_move, at=clock, move_id=move)

    def test_is_what_undo_proposes(self, people: People, clock: datetime) -> None:
        by = people[Role.WAREHOUSE]
        item, shop = make_item(at=clock), make_place(at=clock)
        move = receive(item, shop, 7, at=clock, by=by)
        deed = last_deed("stock.moves.move_goods")

        plan = ask(by, undo_plan, deed_id=deed, by=by)

        assert plan.inverse is not None
        assert plan.inverse.route == f"/mouvements/{move}"
        with pytest.raises(CannotUndo):
            do(by, undo_deed, at=clock, undoes=deed)


class TestTheDatabase:
    @pytest.mark.parametrize(
        "statement",
        [
            "update stock_move set quantity = quantity + 1",
            "update stock_move set state = 'planned'",
            "update stock_move set moved_at = '2020-01-01 00:00:00'",
            "delete from stock_move",
            "update stock_level set quantity = -1",
        ],
    )
    def test_refuses_to_change_what_is_done(
        self, database: Engine, people: People, clock: datetime, statement: str
    ) -> None:
        receive(make_item(at=clock), make_place(at=clock), 1, at=clock)

        with pytest.raises(DatabaseError), database.begin() as connection:
            connection.execute(text(statement))

    def test_is_found_out_when_a_balance_is_altered(
        self, database: Engine, people: People, system: Actor, clock: datetime
    ) -> None:
        item, shop = make_item(at=clock), make_place(at=clock)
        receive(item, shop, 1, at=clock)
        with database.begin() as connection:
            connection.execute(text("update stock_level set quantity = quantity + 3000000"))
            connection.execute(text("update item set on_hand = 0"))

        found = ask(system, balance_differences)

        assert {(one.place_id, one.kept, one.summed) for one in found} == {
            (shop, Decimal(4), Decimal(1)),
            (None, Decimal(0), Decimal(1)),
        }


class TestTwentyAtOnce:
    def test_leave_balances_that_are_the_sum_of_the_moves(self, people: People, system: Actor, clock: datetime) -> None:
        item, places = make_item(at=clock), [make_place(at=clock) for _ in range(3)]
        for place in places:
            receive(item, place, 10, at=clock)
        refused: list[BusinessError] = []
        done: list[Any] = []

        def work(number: int) -> None:
            here, there = places[number % 3], places[(number + 1) % 3]
            drafts = [
                MoveDraft(item, MoveKind.TRANSFER, Decimal(2), here, there),
                MoveDraft(item, MoveKind.ISSUE, Decimal(1), there),
                MoveDraft(item, MoveKind.ISSUE, Decimal(1), here),
            ]
            for draft in drafts:
                try:
                    done.append(do(system, move_goods, at=clock, draft=draft))
                except NotEnough as refusal:
                    refused.append(refusal)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(done) + len(refused) == 60
        assert ask(system, balance_differences) == []
        assert all(at_place(system, item, place) >= 0 for place in places)


class TestRights:
    def test_let_sales_read_and_not_move(self, people: People, clock: datetime) -> None:
        item, shop = make_item(at=clock), make_place(at=clock)

        with pytest.raises(NotAllowed):
            receive(item, shop, 1, at=clock, by=people[Role.SALES])
