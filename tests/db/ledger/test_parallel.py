"""Twenty processes post at once: each entry has its number, none has two, none is missing."""

import multiprocessing
from datetime import date
from uuid import UUID

from sqlalchemy import Engine, text

from app.doors import ask
from db.access.rules import Actor, Role
from db.ledger.reports.queries import trial_balance
from db.session import engine
from tests.db.ledger.books import open_books, post, simple

PROCESSES, EACH = 20, 3
MAY = date(2026, 5, 4)


def post_some(by: Actor, accounts: dict[str, UUID]) -> None:
    """Post a few entries in a process of its own, with connections of its own."""
    engine().dispose(close=False)
    for _ in range(EACH):
        post(by, simple(accounts, "1020", "3200", "1", MAY))


class TestPosting:
    def test_by_twenty_processes_at_once_leaves_no_gap_and_no_double(
        self, people: dict[Role, Actor], database: Engine
    ) -> None:
        by = people[Role.ACCOUNTANT]
        accounts = open_books(by)
        context = multiprocessing.get_context("fork")
        running = [context.Process(target=post_some, args=(by, accounts)) for _ in range(PROCESSES)]

        for one in running:
            one.start()
        for one in running:
            one.join()

        assert [one.exitcode for one in running] == [0] * PROCESSES
        with database.connect() as connection:
            asked = "select counted, number from journal_entry where posted_at is not null order by counted"
            found = [tuple(row) for row in connection.execute(text(asked))]
        assert found == [(place, f"E-2026-{place:06d}") for place in range(1, PROCESSES * EACH + 1)]
        balances = {row.number: row.balance for row in ask(by, trial_balance, on=MAY).rows}
        assert balances == {"1020": PROCESSES * EACH, "3200": -PROCESSES * EACH}
