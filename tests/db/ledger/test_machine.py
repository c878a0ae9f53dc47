"""Any sequence of posting, reversing, closing and opening again leaves the books true, on both databases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, text

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.kernel.errors import BusinessError, NotAllowed
from db.ledger.entries.actions import add_draft, post_entry, post_new, reverse_entry
from db.ledger.entries.rules import AlreadyReversed, BadEntry, EntryDraft, LineDraft
from db.ledger.open_items.queries import aged_list, wrong_balances
from db.ledger.periods.actions import lock_period, reopen_period
from db.ledger.periods.queries import fiscal_years
from db.ledger.periods.rules import PeriodClosed, PeriodState
from db.ledger.reports.queries import trial_balance
from tests.db.ledger.books import customer, open_books

END = date(2026, 12, 31)
DAYS = st.dates(date(2026, 1, 1), END)
AMOUNTS = st.integers(1, 9_999_999).map(lambda cents: Decimal(cents) / 100)
NUMBERS = ("1020", "1100", "2000", "3200", "6000")
POSTED = "select id, number, entry_date, text, total from journal_entry where posted_at is not null order by id"
LINES = "select id, account_id, debit, credit, entry_date from journal_line where is_posted order by id"


class Books(RuleBasedStateMachine):
    """The books and what is expected of them."""

    by: ClassVar[Actor]
    accounts: ClassVar[dict[str, UUID]]
    party: ClassVar[UUID]
    database: ClassVar[Engine]

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[UUID] = []
        self.rows = self._rows()

    def _rows(self) -> set[Any]:
        with self.database.connect() as connection:
            return {tuple(map(str, row)) for asked in (POSTED, LINES) for row in connection.execute(text(asked))}

    def _state(self, on: date) -> PeriodState:
        months = [one for year in ask(self.by, fiscal_years) for one in year.periods]
        return next(one.state for one in months if one.first_date <= on <= one.last_date)

    def _draft(self, on: date, debit: str, credit: str, amount: Decimal) -> EntryDraft:
        lines = (LineDraft(self.accounts[debit], debit=amount), LineDraft(self.accounts[credit], credit=amount))
        named = tuple(replace(line, party_id=self.party) for line in lines)
        return EntryDraft(on, "Essai", named)

    @rule(on=DAYS, debit=st.sampled_from(NUMBERS), credit=st.sampled_from(NUMBERS), amount=AMOUNTS)
    def post(self, on: date, debit: str, credit: str, amount: Decimal) -> None:
        """Post an entry; a closed month refuses it."""
        is_closed = self._state(on) is PeriodState.CLOSED
        try:
            self.posted.append(do(self.by, post_new, draft=self._draft(on, debit, credit, amount))[0])
        except PeriodClosed:
            assert is_closed
            return
        assert not is_closed

    @rule(on=DAYS, amount=AMOUNTS, gap=st.integers(1, 500))
    def refuse_uneven(self, on: date, amount: Decimal, gap: int) -> None:
        """Try to post a draft that does not balance."""
        if self._state(on) is PeriodState.CLOSED:
            return
        draft = self._draft(on, "1020", "3200", amount)
        wrong = replace(draft.lines[1], credit=amount + Decimal(gap) / 100)
        entry_id = do(self.by, add_draft, draft=replace(draft, lines=(draft.lines[0], wrong), text="Écart"))
        with pytest.raises(BadEntry):
            do(self.by, post_entry, entry_id=entry_id)
        with self.database.begin() as connection:  # so that it does not keep months from being closed
            for table, key in (("journal_line", "entry_id"), ("search_entry", "record_id"), ("journal_entry", "id")):
                found = entry_id.hex if self.database.dialect.name == "sqlite" else str(entry_id)
                connection.execute(text(f"delete from {table} where {key} = :id"), {"id": found})

    @precondition(lambda self: self.posted)
    @rule(data=st.data(), on=DAYS)
    def reverse(self, data: st.DataObject, on: date) -> None:
        """Reverse an entry: once, not before its day, not into a closed month."""
        entry_id = data.draw(st.sampled_from(self.posted))
        try:
            self.posted.append(do(self.by, reverse_entry, entry_id=entry_id, on=on)[0])
        except (AlreadyReversed, BadEntry, PeriodClosed):
            return
        assert self._state(on) is not PeriodState.CLOSED

    @rule(month=st.integers(0, 11), state=st.sampled_from([PeriodState.RESERVED, PeriodState.CLOSED]))
    def lock(self, month: int, state: PeriodState) -> None:
        """Close a month for now or for ever (late months only for now, so that the game goes on)."""
        chosen = state if month < 5 else PeriodState.RESERVED
        period = ask(self.by, fiscal_years)[0].periods[month]
        try:
            do(self.by, lock_period, period_id=period.period_id, state=chosen)
        except BusinessError:
            assert period.state is not PeriodState.OPEN

    @rule(month=st.integers(0, 11))
    def reopen(self, month: int) -> None:
        """Open a month again; what is closed for ever stays so."""
        period = ask(self.by, fiscal_years)[0].periods[month]
        try:
            do(self.by, reopen_period, period_id=period.period_id, reason="correction")
        except NotAllowed:
            assert period.state is not PeriodState.RESERVED

    @invariant()
    def posted_stays_as_it_is(self) -> None:
        """Whatever was posted is still there, unchanged."""
        rows = self._rows()
        assert self.rows <= rows
        self.rows = rows

    @invariant()
    def debit_is_credit(self) -> None:
        """The trial balance is zero, and open items are the collective accounts."""
        assert ask(self.by, trial_balance, on=END).total == 0
        for side in ("receivable", "payable"):
            aged = ask(self.by, aged_list, side=side, on=END)
            assert sum(aged.totals.values()) == aged.account_balance
        assert ask(self.by, wrong_balances) == []

    @invariant()
    def numbers_have_no_gap(self) -> None:
        """The numbers of a year begin at one and leave none out."""
        with self.database.connect() as connection:
            asked = "select counted from journal_entry where counted is not null order by counted"
            numbers = list(connection.execute(text(asked)).scalars())
        assert numbers == list(range(1, len(numbers) + 1))


class TestBooks:
    def test_stay_true_whatever_is_done(self, people: dict[Role, Actor], database: Engine) -> None:
        Books.by, Books.database = people[Role.ACCOUNTANT], database
        Books.accounts = open_books(Books.by)
        Books.party = customer(people[Role.SALES], "Bornand SA")

        quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Books,
            settings=settings(max_examples=4, stateful_step_count=20, deadline=None, suppress_health_check=quiet),
        )
