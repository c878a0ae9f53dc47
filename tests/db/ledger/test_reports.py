"""An account's statement: any period, in portions, with the balance after each line."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.ledger.entries.actions import add_draft
from db.ledger.reports.queries import Statement, statement
from tests.db.ledger.books import open_books, post, simple

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def by(people: dict[Role, Actor]) -> Actor:
    """The accountant."""
    return people[Role.ACCOUNTANT]


class TestStatement:
    def test_in_portions_is_the_statement_in_one(self, by: Actor) -> None:
        accounts = open_books(by)
        for number in range(9):
            on = date(2026, 3, 1) + timedelta(days=number // 3)  # several on one day
            post(by, simple(accounts, "1020", "3200", str(number + 1), on))
        do(by, add_draft, draft=simple(accounts, "1020", "3200", "500", date(2026, 3, 1)))
        asked = {"account_id": accounts["1020"], "begin": FIRST, "end": LAST}

        whole: Statement = ask(by, statement, **asked)
        found, place = [], {}
        while True:
            part: Statement = ask(by, statement, most=2, **asked, **place)
            assert part.before == (found[-1].balance if found else Decimal(0))
            found += part.lines
            if part.next_place is None:
                break
            place = {"after_date": part.next_place.entry_date, "after_line": part.next_place.line_id}

        assert tuple(found) == whole.lines
        assert whole.lines[-1].balance == whole.closing == Decimal(45)

    def test_of_a_period_begins_with_what_was_before(self, by: Actor) -> None:
        accounts = open_books(by)
        for month in (2, 5, 8):
            post(by, simple(accounts, "1020", "3200", "100", date(2026, month, 1)))

        found: Statement = ask(
            by, statement, account_id=accounts["1020"], begin=date(2026, 5, 1), end=date(2026, 7, 31)
        )

        assert (found.opening, found.debit, found.closing, len(found.lines)) == (100, 100, 200, 1)
