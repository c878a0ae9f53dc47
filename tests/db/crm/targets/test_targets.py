"""The forecast: signed, expected and meant, by month and person."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.opportunities.actions import add_opportunity, win_opportunity
from db.crm.opportunities.rules import OpportunityDraft
from db.crm.pipelines.actions import begin_pipelines
from db.crm.targets.actions import set_target
from db.crm.targets.queries import Forecast, forecast
from db.crm.targets.rules import BadTarget, months_from
from db.kernel.errors import NotAllowed
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind

People = dict[Role, Actor]
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture(autouse=True)
def usual_pipeline(people: People, system: Actor, clock: datetime) -> None:
    """The pipeline that a firm begins with."""
    do(system, begin_pipelines, at=clock)


@pytest.fixture
def firm(people: People, clock: datetime) -> UUID:
    """A company."""
    made: UUID = do(people[Role.SALES], add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
    return made


def add(by: Actor, firm: UUID, amount: int, close: date | None, clock: datetime) -> UUID:
    """Open an opportunity at the first stage (10 %)."""
    draft = OpportunityDraft("A", firm, expected_amount=Decimal(amount), expected_close=close, owner_id=by.user_id)
    made: UUID = do(by, add_opportunity, draft=draft, at=clock)
    return made


def read(by: Actor) -> Forecast:
    """Return two months from November 2026."""
    return ask(by, forecast, first=date(2026, 11, 24), months=2, by=by)


def mean(by: Actor, user_id: UUID | None, amount: Decimal, clock: datetime) -> None:
    """Set what somebody means to sell in November."""
    do(by, set_target, user_id=user_id, month=NOVEMBER, amount=amount, at=clock)


class TestMonthsFrom:
    def test_goes_over_the_year(self) -> None:
        assert months_from(date(2026, 11, 5), 3) == [NOVEMBER, DECEMBER, JANUARY]


class TestForecast:
    def test_weighs_what_is_expected_and_leaves_out_what_comes_later(
        self, people: People, firm: UUID, clock: datetime
    ) -> None:
        by = people[Role.SALES]
        days = {1000: DECEMBER, 500: date(2026, 12, 31), 70: JANUARY, 90: None, 30: date(2026, 10, 31)}
        for amount, close in days.items():
            add(by, firm, amount, close, clock)

        found = read(by)

        assert [(one.month, one.open, one.weighted) for one in found.cells] == [(DECEMBER, Decimal(1500), Decimal(150))]
        assert (found.undated, found.undated_count) == (Decimal(9), 1)
        assert (found.overdue, found.overdue_count) == (Decimal(3), 1)

    def test_counts_what_is_signed_in_the_swiss_month(self, people: People, firm: UUID, clock: datetime) -> None:
        by = people[Role.SALES]
        deal = add(by, firm, 1000, None, datetime(2026, 10, 1, tzinfo=UTC))
        do(by, win_opportunity, opportunity_id=deal, at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))  # 00:30 here

        assert [(one.month, one.won) for one in read(by).cells] == [(NOVEMBER, Decimal(1000))]

    def test_stands_beside_what_was_meant(self, people: People, clock: datetime) -> None:
        manager, seller = people[Role.MANAGER], people[Role.SALES]
        for amount in ("40000", "50000.005"):
            do(manager, set_target, user_id=seller.user_id, month=date(2026, 12, 9), amount=Decimal(amount), at=clock)

        [cell] = read(manager).cells
        assert (cell.user_id, cell.month, cell.target) == (seller.user_id, DECEMBER, Decimal("50000.01"))

    @pytest.mark.parametrize("amount", [Decimal(-1), Decimal("1e13"), Decimal("NaN")])
    def test_refuses_what_is_no_target(self, amount: Decimal, people: People, clock: datetime) -> None:
        with pytest.raises(BadTarget):
            mean(people[Role.MANAGER], people[Role.SALES].user_id, amount, clock)

    def test_is_set_by_managers_for_people_who_are_here(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            mean(people[Role.SALES], people[Role.SALES].user_id, Decimal(1), clock)
        with pytest.raises(BadTarget):
            mean(people[Role.MANAGER], uuid4(), Decimal(1), clock)
