"""Any list, page by page: the same records in the same order as one sorted reading, and the same counts."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.opportunities.actions import open_opportunity
from db.crm.opportunities.listing.actions import change_opportunities
from db.crm.opportunities.listing.queries import OPPORTUNITY_QUESTIONS, SOURCE
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.listing import queries
from db.records.listing.changes import Change
from db.records.listing.rules import Group, ListRequest, read_cursor, read_request
from db.records.search import queries as search

People = dict[Role, Actor]
AMOUNTS = (300, None, 100, 100, 250, 0, 100)


@pytest.fixture
def made(people: People, clock: datetime) -> list[UUID]:
    """Seven opportunities, four of them the salesperson's."""
    sales, manager = people[Role.SALES], people[Role.MANAGER]
    party_id = do(sales, add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
    return [
        do(
            sales,
            open_opportunity,
            name=f"{'Œuvre' if number % 2 else 'Balcon'} {number}",
            party_id=party_id,
            contact_id=None,
            lead_id=None,
            owner_id=(sales if number < 4 else manager).user_id,
            expected_amount=None if amount is None else Decimal(amount),
            at=clock,
        )
        for number, amount in enumerate(AMOUNTS)
    ]


def asked(address: str = "") -> ListRequest:
    return read_request(address, SOURCE.shape)


def walked(by: Actor, request: ListRequest) -> list[UUID]:
    """Return what turning pages of two shows, forwards; going back must show the same."""
    pages = [ask(by, OPPORTUNITY_QUESTIONS.page, request=replace(request, size=2), by=by)]
    while pages[-1].has_more:
        onward = replace(request, size=2, cursor=read_cursor(pages[-1].last))
        pages.append(ask(by, OPPORTUNITY_QUESTIONS.page, request=onward, by=by))
    for before, after in itertools.pairwise(pages):
        back = replace(request, size=2, cursor=read_cursor(after.first), back=True)
        assert ask(by, OPPORTUNITY_QUESTIONS.page, request=back, by=by).rows == before.rows
    return [row.record_id for page in pages for row in page.rows]


@pytest.fixture(params=["few", "many"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as when few records fit, and as when many do."""
    if request.param == "many":
        monkeypatch.setattr(queries, "FEW", 0)
        monkeypatch.setattr(search, "LISTED", 0)


@pytest.mark.usefixtures("way")
class TestPageOf:
    @pytest.mark.parametrize("sort", ["name", "-name", "amount", "-amount", "-opened", "state"])
    def test_turns_through_every_record_once(self, sort: str, made: list[UUID], people: People) -> None:
        by = people[Role.SALES]

        seen = walked(by, asked(f"sort={sort}"))

        assert sorted(seen) == sorted(made)
        assert seen == ask(by, OPPORTUNITY_QUESTIONS.ids, request=asked(f"sort={sort}"), by=by)

    def test_orders_by_amount_then_age(self, made: list[UUID], people: People) -> None:
        seen = walked(people[Role.SALES], asked("sort=-amount"))

        assert [made.index(one) for one in seen] == [0, 4, 6, 3, 2, 5, 1]

    def test_folds_names(self, made: list[UUID], people: People) -> None:
        seen = walked(people[Role.SALES], asked("sort=name"))

        assert [made.index(one) for one in seen] == [0, 2, 4, 6, 1, 3, 5]

    def test_searches_and_filters_at_once(self, made: list[UUID], people: People) -> None:
        mine = f"q=oeuvre&owner={people[Role.MANAGER].user_id}"

        assert walked(people[Role.SALES], asked(mine)) == [made[5]]

    def test_reads_a_range_of_amounts(self, made: list[UUID], people: People) -> None:
        seen = walked(people[Role.SALES], asked("amount_from=100&amount_to=250&sort=amount"))

        assert {made.index(one) for one in seen} == {2, 3, 4, 6}

    def test_keeps_to_the_owners_that_the_actor_reaches(self, made: list[UUID], people: People) -> None:
        sales = people[Role.SALES]
        assert sales.user_id is not None
        narrow = replace(sales, owners={"crm.read_leads": frozenset({sales.user_id})})

        assert sorted(walked(narrow, asked())) == sorted(made[:4])
        assert ask(narrow, OPPORTUNITY_QUESTIONS.counts, request=asked(), by=narrow).total == 4

    def test_does_not_tell_what_is_hidden(self, made: list[UUID], people: People) -> None:
        blind = replace(people[Role.SALES], hidden=frozenset({"opportunity.expected_amount"}))

        page = ask(blind, OPPORTUNITY_QUESTIONS.page, request=asked(), by=blind)

        assert {row.expected_amount for row in page.rows} == {None}
        assert ask(blind, OPPORTUNITY_QUESTIONS.counts, request=asked(), by=blind).amount is None
        for address in ("sort=amount", "amount_from=1"):
            with pytest.raises(NotFound):
                ask(blind, OPPORTUNITY_QUESTIONS.page, request=asked(address), by=blind)

    @pytest.mark.parametrize(
        "address",
        ["sort=secret", "owner=nobody", "from=hier", "to=9999-12-31", "cursor=x", "size=x", "amount_from=beaucoup"],
    )
    def test_refuses_what_cannot_be_understood(self, address: str, people: People) -> None:
        with pytest.raises(BadInput):
            ask(people[Role.SALES], OPPORTUNITY_QUESTIONS.page, request=asked(address), by=people[Role.SALES])

    def test_refuses_a_cursor_of_another_order(self, made: list[UUID], people: People) -> None:
        by = people[Role.SALES]
        last = ask(by, OPPORTUNITY_QUESTIONS.page, request=asked("sort=name"), by=by).last

        with pytest.raises(BadInput):
            ask(by, OPPORTUNITY_QUESTIONS.page, request=asked(f"sort=amount&cursor={last}"), by=by)


class TestCountsOf:
    def test_adds_up_in_all_and_per_group(self, made: list[UUID], people: People) -> None:
        sales = people[Role.SALES]
        assert sales.user_id is not None

        counts = ask(sales, OPPORTUNITY_QUESTIONS.counts, request=asked(f"owner={sales.user_id}"), by=sales)

        assert (counts.total, counts.amount) == (4, Decimal(500))
        assert counts.groups["owner"] == {sales.user_id.hex: Group(4, Decimal(500))}
        assert sum(counts.chips["owner"].values()) == 7

    @pytest.mark.parametrize("listed", [0, 4000])
    def test_counts_what_a_word_finds_up_to_a_limit(
        self, made: list[UUID], people: People, monkeypatch: pytest.MonkeyPatch, listed: int
    ) -> None:
        monkeypatch.setattr(queries, "COUNTED", 2)
        monkeypatch.setattr(search, "LISTED", listed)
        by = people[Role.SALES]

        many = ask(by, OPPORTUNITY_QUESTIONS.counts, request=asked("q=oeuvre"), by=by)
        fewer = ask(
            by, OPPORTUNITY_QUESTIONS.counts, request=asked(f"q=oeuvre&owner={people[Role.MANAGER].user_id}"), by=by
        )

        assert (many.total, many.is_capped, many.amount) == (2, True, None)
        assert (fewer.total, fewer.is_capped) == (1, False)


@pytest.fixture
def change(people: People, clock: datetime) -> Callable[..., Any]:
    def run(*changes: Change, by: Actor | None = None) -> Any:
        return do(by or people[Role.SALES], change_opportunities, changes=changes, at=clock)

    return run


class TestEach:
    def test_does_what_can_be_done_and_tells_the_rest(
        self, made: list[UUID], change: Callable[..., Any], people: People, database: Engine
    ) -> None:
        sales = people[Role.SALES]
        assert sales.user_id is not None
        narrow = replace(sales, owners={"crm.edit_leads": frozenset({sales.user_id})})

        result = change(*[Change(one, {}, "win") for one in made], by=narrow)

        assert result.done == tuple(made[:4])
        assert [one.record_id for one in result.refused] == made[4:]
        counts = ask(sales, OPPORTUNITY_QUESTIONS.counts, request=asked(), by=sales)
        assert counts.chips["state"] == {"open": 3, "won": 4}

    def test_leaves_nothing_of_a_refused_change(
        self, made: list[UUID], change: Callable[..., Any], people: People
    ) -> None:
        change(
            Change(made[0], {"name": "Portail"}), Change(made[1], {"name": "Barrière", "expected_amount": Decimal(-1)})
        )

        page = ask(people[Role.SALES], OPPORTUNITY_QUESTIONS.page, request=asked("sort=name"), by=people[Role.SALES])

        assert [row.name for row in page.rows].count("Portail") == 1
        assert "Barrière" not in [row.name for row in page.rows]

    def test_refuses_when_nothing_can_be_done(
        self, made: list[UUID], change: Callable[..., Any], people: People
    ) -> None:
        with pytest.raises(BadInput):
            change(Change(made[0], {"name": " "}))
        with pytest.raises(NotAllowed):
            change(Change(made[0], {"name": "x"}), by=people[Role.ANALYST])
        with pytest.raises(NotFound):
            change(
                Change(made[0], {"expected_amount": Decimal(5)}),
                by=replace(people[Role.SALES], hidden=frozenset({"opportunity.expected_amount"})),
            )
