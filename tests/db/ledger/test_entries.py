"""Entries are drafts, then posted, then never changed: by actions and by direct SQL, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.kernel.errors import NotAllowed
from db.ledger.accounts.actions import change_account
from db.ledger.accounts.queries import account_facts
from db.ledger.accounts.rules import AccountInUse
from db.ledger.entries.actions import add_draft, edit_draft, post_entry, remove_draft, reverse_entry
from db.ledger.entries.queries import entry_facts
from db.ledger.entries.rules import AlreadyReversed, BadEntry, EntryDraft, EntryPosted, LineDraft
from db.ledger.open_items.queries import aged_list, wrong_balances
from db.ledger.periods.actions import lock_period
from db.ledger.periods.queries import fiscal_years
from db.ledger.periods.rules import PeriodClosed, PeriodState
from db.ledger.reports.queries import trial_balance
from db.records.undo.queries import may_be_removed, undo_plan
from tests.db.ledger.books import customer, open_books, post, simple

MAY = date(2026, 5, 4)


@pytest.fixture
def by(people: dict[Role, Actor]) -> Actor:
    """The accountant."""
    return people[Role.ACCOUNTANT]


@contextmanager
def refused() -> Iterator[None]:
    """Expect that the database itself refuses."""
    with pytest.raises(DBAPIError):
        yield


def run(database: Engine, statement: str, **values: object) -> None:
    """Run one statement past everything."""
    with database.begin() as connection:
        connection.execute(text(statement), values)


class TestPostNew:
    def test_numbers_without_gaps_also_after_a_refusal(self, by: Actor) -> None:
        accounts = open_books(by)
        first = post(by, simple(accounts, "1020", "3200", "100", MAY))[1]
        uneven = simple(accounts, "1020", "3200", "100", MAY)
        with pytest.raises(BadEntry, match="Il manque"):
            post(by, replace(uneven, lines=(uneven.lines[0], replace(uneven.lines[1], credit=Decimal(99)))))

        assert [first, post(by, simple(accounts, "1020", "3200", "1", MAY))[1]] == ["E-2026-000001", "E-2026-000002"]

    def test_says_beside_the_field_what_is_wrong(self, by: Actor) -> None:
        open_books(by)
        lines = (LineDraft(None, debit=Decimal(5)), LineDraft(None))

        with pytest.raises(BadEntry) as refusal:
            post(by, EntryDraft(MAY, "", lines))

        assert {one.field for one in refusal.value.findings} >= {"text", "lines", "lines.0.account", "lines.1.amount"}

    def test_asks_whom_a_collective_account_concerns(self, by: Actor) -> None:
        accounts = open_books(by)

        with pytest.raises(BadEntry, match="postes ouverts"):
            post(by, simple(accounts, "1100", "3200", "100", MAY))

    def test_asks_for_the_foreign_amount_and_checks_the_rate(self, by: Actor) -> None:
        accounts = open_books(by)
        account = ask(by, account_facts, account_id=accounts["1030"])
        do(by, change_account, account_id=account.account_id, values={"currency": "EUR"}, expected_version=1)
        draft = simple(accounts, "1030", "3200", "93.50", MAY)
        with pytest.raises(BadEntry, match="tenu en EUR"):
            post(by, draft)
        wrong = replace(draft.lines[0], currency="EUR", currency_amount=Decimal(100), rate_millionths=950_000)
        with pytest.raises(BadEntry, match=r"95\.00 francs"):
            post(by, replace(draft, lines=(wrong, draft.lines[1])))

        right = replace(draft.lines[0], currency="EUR", currency_amount=Decimal(100))
        entry_id, _ = post(by, replace(draft, lines=(right, draft.lines[1])))

        assert ask(by, entry_facts, entry_id=entry_id).lines[0].draft.rate_millionths == 935_000


class TestDrafts:
    def test_may_be_uneven_and_change_until_they_are_posted(self, by: Actor) -> None:
        accounts = open_books(by)
        draft = simple(accounts, "1020", "3200", "100", MAY)
        entry_id = do(by, add_draft, draft=replace(draft, lines=draft.lines[:1]))
        version = ask(by, entry_facts, entry_id=entry_id).row_version
        with pytest.raises(BadEntry):
            do(by, post_entry, entry_id=entry_id)

        do(by, edit_draft, entry_id=entry_id, draft=draft, expected_version=version)
        do(by, post_entry, entry_id=entry_id)

        with pytest.raises(EntryPosted):
            do(by, remove_draft, entry_id=entry_id)
        assert [row.balance for row in ask(by, trial_balance, on=MAY).rows] == [Decimal(100), Decimal(-100)]

    def test_do_not_count_in_balances_and_can_be_removed(self, by: Actor) -> None:
        accounts = open_books(by)
        entry_id = do(by, add_draft, draft=simple(accounts, "1020", "3200", "100", MAY))

        assert ask(by, trial_balance, on=MAY).rows == ()
        do(by, remove_draft, entry_id=entry_id)


class TestPeriods:
    def test_closed_for_ever_refuse_and_reserved_ones_let_the_accountant_in(self, people: dict[Role, Actor]) -> None:
        by, manager = people[Role.ACCOUNTANT], people[Role.MANAGER]
        accounts = open_books(by)
        months = ask(by, fiscal_years)[0].periods
        do(by, lock_period, period_id=months[3].period_id, state=PeriodState.CLOSED)
        do(by, lock_period, period_id=months[4].period_id, state=PeriodState.RESERVED)

        with pytest.raises(PeriodClosed, match="close"):
            post(by, simple(accounts, "1020", "3200", "1", date(2026, 2, 3)))
        with pytest.raises(PeriodClosed, match="rouvrir"):
            post(manager, simple(accounts, "1020", "3200", "1", MAY))
        with pytest.raises(PeriodClosed, match="Aucun exercice"):
            post(by, simple(accounts, "1020", "3200", "1", date(2027, 2, 3)))
        post(by, simple(accounts, "1020", "3200", "1", MAY))
        with pytest.raises(NotAllowed):
            do(by, lock_period, period_id=months[0].period_id, state=PeriodState.OPEN)

    def test_wait_for_drafts_before_they_are_closed(self, by: Actor) -> None:
        accounts = open_books(by)
        do(by, add_draft, draft=simple(accounts, "1020", "3200", "1", MAY, "Loyer de mai"))
        months = ask(by, fiscal_years)[0].periods

        with pytest.raises(NotAllowed, match="Loyer de mai"):
            do(by, lock_period, period_id=months[5].period_id, state=PeriodState.CLOSED)


class TestReverseEntry:
    def test_says_the_contrary_and_links_both_ways(self, by: Actor) -> None:
        accounts = open_books(by)
        entry_id, number = post(by, simple(accounts, "1020", "3200", "100", MAY))

        back_id, back = do(by, reverse_entry, entry_id=entry_id, on=date(2026, 6, 1), reason="compte faux")

        first, second = (ask(by, entry_facts, entry_id=one) for one in (entry_id, back_id))
        assert (first.reversed_by, second.reverses) == ((back_id, back), (entry_id, number))
        assert all(row.balance == 0 for row in ask(by, trial_balance, on=date(2026, 6, 1)).rows)
        assert [row.balance for row in ask(by, trial_balance, on=MAY).rows] == [Decimal(100), Decimal(-100)]
        with pytest.raises(AlreadyReversed, match=back):
            do(by, reverse_entry, entry_id=entry_id, on=date(2026, 6, 1))

    def test_settles_the_open_items_of_what_it_cancels(self, people: dict[Role, Actor]) -> None:
        by = people[Role.ACCOUNTANT]
        accounts = open_books(by)
        party = customer(people[Role.SALES], "Bornand SA")
        draft = simple(accounts, "1100", "3200", "500", MAY)
        owed = replace(draft.lines[0], party_id=party, document="F-1", due_date=date(2026, 6, 3))
        entry_id, _ = post(by, replace(draft, lines=(owed, draft.lines[1])))
        assert ask(by, aged_list, side="receivable", on=date(2026, 7, 1)).rows[0].ages["30"] == Decimal(500)

        do(by, reverse_entry, entry_id=entry_id, on=MAY)

        aged = ask(by, aged_list, side="receivable", on=date(2026, 7, 1))
        assert (aged.rows, aged.account_balance, ask(by, wrong_balances)) == ((), Decimal(0), [])

    def test_is_what_undoing_a_posted_entry_proposes(self, by: Actor, database: Engine) -> None:
        accounts = open_books(by)
        post(by, simple(accounts, "1020", "3200", "100", MAY))
        with database.connect() as connection:
            deed = connection.execute(text("select id from deed where action like '%post_new'")).scalar_one()

        with Session(database) as session:
            plan = undo_plan(session, deed_id=UUID(str(deed)), by=replace(by, roles=frozenset({Role.ADMINISTRATOR})))

        assert plan.inverse is not None
        assert plan.inverse.label == "Extourner l’écriture"
        assert not plan.can

    def test_is_not_removed_while_a_draft_can_be(self, by: Actor) -> None:
        accounts = open_books(by)
        draft = do(by, add_draft, draft=simple(accounts, "1020", "3200", "100", MAY))
        posted, _ = post(by, simple(accounts, "1020", "3200", "100", MAY))

        offered = [ask(by, may_be_removed, kind="journal_entry", record_id=one, by=by) for one in (draft, posted)]

        assert offered == [True, False]


class TestTheDatabaseItself:
    @pytest.mark.parametrize(
        "statement",
        [
            "update journal_entry set text = 'autre'",
            "update journal_entry set posted_at = null, state = 'draft', number = ''",
            "update journal_line set debit = debit + 1 where debit > 0",
            "update journal_line set entry_date = '2026-05-05'",
            "update journal_line set is_posted = false",
            "delete from journal_line",
            "delete from journal_entry",
            "delete from account where number = '1020'",
            "update account set number = '1021x' where number = '1020'",
            "update account set kind = 'expense' where number = '1020'",
            "delete from ledger_period",
        ],
    )
    def test_refuses_to_change_what_is_posted(self, by: Actor, database: Engine, statement: str) -> None:
        accounts = open_books(by)
        post(by, simple(accounts, "1020", "3200", "100", MAY))

        with refused():
            run(database, statement)

    @pytest.mark.parametrize(
        ("before", "number"),
        [
            ("update journal_line set debit = 101 where debit > 0", 1),
            ("delete from journal_line where debit > 0", 1),
            ("delete from journal_line", 1),
            ("update journal_line set entry_date = '2026-05-05' where debit > 0", 1),
            ("update journal_entry set entry_date = '2027-05-05'", 1),
            ("update journal_entry set total = 1", 1),
            ("update ledger_period set state = 'closed' where first_date = '2026-05-01'", 1),
            ("select 1", 2),
        ],
    )
    def test_refuses_to_post_what_is_not_right(
        self, by: Actor, database: Engine, clock: object, before: str, number: int
    ) -> None:
        accounts = open_books(by)
        do(by, add_draft, draft=simple(accounts, "1020", "3200", "100", MAY))
        run(database, before)
        posts = (
            "update journal_entry set state = 'posted', number = 'X', counted = :number, counted_year = 2026, "
            "posted_at = :at"
        )

        with refused():
            run(database, posts, number=number, at=clock)

    def test_posts_by_itself_what_is_right(self, by: Actor, database: Engine, clock: object) -> None:
        accounts = open_books(by)
        do(by, add_draft, draft=simple(accounts, "1020", "3200", "100", MAY))

        statement = "update journal_entry set state = 'posted', number = 'X', counted = 1, counted_year = 2026"
        run(database, f"{statement}, posted_at = :at", at=clock)

        assert ask(by, trial_balance, on=MAY).total == 0
        assert len(ask(by, trial_balance, on=MAY).rows) == 2

    def test_refuses_a_line_more_and_a_mark_before_its_time(self, by: Actor, database: Engine) -> None:
        accounts = open_books(by)
        post(by, simple(accounts, "1020", "3200", "100", MAY))
        do(by, add_draft, draft=simple(accounts, "1020", "3200", "7", MAY))

        with refused():
            run(database, "update journal_line set is_posted = true where debit = 700")
        with refused():
            posted = "(select id from journal_entry where number <> '')"
            run(database, f"update journal_line set entry_id = {posted}, position = 9 where debit = 700")

    def test_refuses_two_fiscal_years_for_one_day(self, by: Actor, database: Engine) -> None:
        open_books(by)
        copy = (
            "insert into fiscal_year select {id}, created_at, updated_at, row_version, 'x', '2025-07-01', '2026-02-01'"
        )
        one = "'00000000000000000000000000000001'" + ("::uuid" if database.dialect.name == "postgresql" else "")

        with refused():
            run(database, copy.format(id=one) + " from fiscal_year")


class TestChangeAccount:
    def test_refuses_what_entries_rest_on(self, by: Actor) -> None:
        accounts = open_books(by)
        post(by, simple(accounts, "1020", "3200", "100", MAY))
        given = {"account_id": accounts["1020"], "expected_version": 1}

        with pytest.raises(AccountInUse, match="Archivez"):
            do(by, change_account, values={"number": "1021"}, **given)
        do(by, change_account, values={"name": "BCV", "is_archived": True}, **given)

        with pytest.raises(BadEntry, match="archivé"):
            post(by, simple(accounts, "1020", "3200", "100", MAY))
