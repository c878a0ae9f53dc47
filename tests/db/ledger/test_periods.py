"""Months are closed for now and opened again with a reason, closed for ever, and with them the year."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.kernel.errors import NotAllowed
from db.ledger.entries.actions import add_draft
from db.ledger.periods.actions import add_next_year, close_year, lock_period, reopen_period
from db.ledger.periods.queries import Period, closing_checks, fiscal_years
from db.ledger.periods.rules import PeriodClosed, PeriodState, ReasonMissing
from tests.db.ledger.books import open_books, post, simple

MAY = date(2026, 5, 4)


@pytest.fixture
def by(people: dict[Role, Actor]) -> Actor:
    """The accountant."""
    return people[Role.ACCOUNTANT]


def months(by: Actor, year: int = 2026) -> tuple[Period, ...]:
    """Return the months of a year."""
    return next(one for one in ask(by, fiscal_years) if one.first_date.year == year).periods


def year_id(by: Actor, year: int) -> UUID:
    """Return a fiscal year."""
    return next(one for one in ask(by, fiscal_years) if one.first_date.year == year).year_id


class TestLockPeriod:
    def test_closes_those_before_as_well_and_tells_who_and_why(self, by: Actor) -> None:
        open_books(by)
        locked = {"period_id": months(by)[4].period_id, "state": PeriodState.RESERVED}

        do(by, lock_period, reason="TVA du 1er  trimestre", **locked)

        assert [one.state for one in months(by)] == [PeriodState.RESERVED] * 5 + [PeriodState.OPEN] * 7
        assert (months(by)[0].reason, months(by)[0].changed_by_id) == ("TVA du 1er trimestre", by.user_id)

    def test_never_opens_again(self, by: Actor) -> None:
        open_books(by)

        with pytest.raises(NotAllowed, match="motif"):
            do(by, lock_period, period_id=months(by)[0].period_id, state=PeriodState.OPEN)


class TestReopenPeriod:
    def test_asks_for_a_reason_and_for_the_right(self, by: Actor, people: dict[Role, Actor]) -> None:
        open_books(by)
        period_id = months(by)[4].period_id
        do(by, lock_period, period_id=period_id, state=PeriodState.RESERVED)
        with pytest.raises(ReasonMissing):
            do(by, reopen_period, period_id=period_id, reason="  ")
        with pytest.raises(NotAllowed):
            do(people[Role.MANAGER], reopen_period, period_id=period_id, reason="oubli")

        do(by, reopen_period, period_id=period_id, reason="Facture reçue tard")

        assert [months(by)[4].state, months(by)[3].state] == [PeriodState.OPEN, PeriodState.RESERVED]
        assert months(by)[4].reason == "Facture reçue tard"

    def test_refuses_what_is_closed_for_ever(self, by: Actor) -> None:
        open_books(by)
        do(by, lock_period, period_id=months(by)[4].period_id, state=PeriodState.CLOSED)

        with pytest.raises(NotAllowed, match="extourne"):
            do(by, reopen_period, period_id=months(by)[4].period_id, reason="oubli")


class TestCloseYear:
    def test_waits_until_it_is_over(self, by: Actor) -> None:
        open_books(by)

        with pytest.raises(NotAllowed, match=r"31\.12\.2026"):
            do(by, close_year, year_id=year_id(by, 2026))

    def test_closes_all_its_months_for_ever(self, by: Actor) -> None:
        accounts = open_books(by, first=date(2025, 1, 1), last=date(2025, 12, 31))
        do(by, add_next_year)
        do(by, close_year, year_id=year_id(by, 2025))

        assert {one.state for one in months(by, 2025)} == {PeriodState.CLOSED}
        with pytest.raises(PeriodClosed, match="close"):
            post(by, simple(accounts, "1020", "3200", "1", date(2025, 12, 31)))
        post(by, simple(accounts, "1020", "3200", "1", MAY))

    def test_waits_for_drafts(self, by: Actor) -> None:
        accounts = open_books(by, first=date(2025, 1, 1), last=date(2025, 12, 31))
        do(by, add_draft, draft=simple(accounts, "1020", "3200", "1", date(2025, 5, 4), "Loyer"))
        assert [one.is_done for one in ask(by, closing_checks, year_id=year_id(by, 2025))] == [False, True, False]

        with pytest.raises(NotAllowed, match="Loyer"):
            do(by, close_year, year_id=year_id(by, 2025))


class TestClosingChecks:
    def test_names_the_transfer_account_that_is_not_zero(self, by: Actor) -> None:
        accounts = open_books(by)
        post(by, simple(accounts, "1020", "1090", "100", MAY))

        found = ask(by, closing_checks, year_id=year_id(by, 2026))[1]

        assert (found.params["numbers"], found.is_done) == ("1090", False)


class TestTheDatabaseItself:
    @pytest.mark.parametrize(
        "change", ["state = 'open'", "state = 'reserved'", "state_reason = 'x'", "first_date = '2026-01-02'"]
    )
    def test_keeps_what_is_closed_for_ever(self, by: Actor, database: Engine, change: str) -> None:
        open_books(by)
        do(by, lock_period, period_id=months(by)[0].period_id, state=PeriodState.CLOSED)

        with pytest.raises(DBAPIError), database.begin() as connection:
            connection.execute(text(f"update ledger_period set {change} where first_date = '2026-01-01'"))
