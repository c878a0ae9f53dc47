"""Random postings, merges and undos leave the books as the postings make them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlmodel import col

from app.doors import ask, do
from app.kept_balances import check_balances
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.kernel.errors import BusinessError
from db.ledger.accounts.queries import chart
from db.ledger.entries.actions import reverse_entry
from db.ledger.entries.rules import EntryDraft
from db.ledger.entries.tables import JournalLine
from db.ledger.open_items.actions import reconcile, unreconcile
from db.ledger.open_items.queries import aged_list, open_items_of_party
from db.ledger.reports.queries import statement
from db.session import reading
from tests.db.ledger.books import open_books, post
from tests.db.ledger.merged import END, LATER, merge, owed, paid, undo
from tests.db.records.merging.test_merge_records import company


class TestAnySequence:
    """Random postings, payments, reversals, merges and undos: the books say the same, and undone all is as posted."""

    VERBS = ("owe", "pay", "reverse", "merge", "merge", "undo", "settle")

    @given(
        plan=st.lists(
            st.tuples(st.sampled_from(VERBS), st.integers(0, 2), st.integers(0, 2), st.integers(1, 9)), max_size=14
        )
    )
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_leaves_aged_list_and_statement_as_the_postings_make_them(
        self, database: Engine, people: dict[Role, Actor], clock: datetime, plan: list[tuple[str, int, int, int]]
    ) -> None:
        corinne, nadia = people[Role.ACCOUNTANT], people[Role.SALES]
        accounts = self._books(corinne)
        parties = [company(nadia, clock, f"Bornand {number}") for number in range(3)]
        game = Game(corinne, nadia, clock, accounts, parties)

        for verb, one, other, amount in plan:
            total = sum(game.owed().values())
            extract = ask(corinne, statement, account_id=accounts["1100"], begin=None, end=END, most=1000)
            game.play(verb, one, other, amount)
            if verb in ("merge", "undo", "settle"):
                assert sum(game.owed().values()) == total
                again = ask(corinne, statement, account_id=accounts["1100"], begin=None, end=END, most=1000)
                assert again == extract
            assert check_balances(corinne) == []

        game.part()
        assert game.owed() == game.expected()
        with reading() as session:
            assert verify(session).problems == []

    def _books(self, by: Actor) -> dict[str, UUID]:
        try:
            return open_books(by)
        except BusinessError:  # the examples of one test share its database
            return {one.number: one.account_id for one in ask(by, chart)}


class Game:
    """What one example does, and what each company owes by the ids that were posted."""

    def __init__(
        self, corinne: Actor, nadia: Actor, at: datetime, accounts: dict[str, UUID], parties: Sequence[UUID]
    ) -> None:
        self.corinne, self.nadia, self.at, self.accounts = corinne, nadia, at, accounts
        self.parties, self.merges, self.entries = list(parties), list[str](), list[UUID]()

    def play(self, verb: str, one: int, other: int, amount: int) -> None:
        """Do one step; what is refused changes nothing."""
        self.at += LATER
        steps: dict[str, Callable[[], object]] = {
            "owe": lambda: self._post(owed(self.accounts, self.parties[one], str(amount))),
            "pay": lambda: self._post(paid(self.accounts, self.parties[one], str(amount))),
            "reverse": lambda: self.entries and do(self.corinne, reverse_entry, entry_id=self.entries[0], on=END),
            "merge": lambda: self.merges.append(merge(self.nadia, self.at, self.parties[one], self.parties[other])),
            "undo": self._undo,
            "settle": lambda: self._settle(self.parties[one]),
        }
        try:
            steps[verb]()
        except BusinessError:
            return

    def _post(self, draft: EntryDraft) -> None:
        self.entries.append(post(self.corinne, draft)[0])

    def _undo(self) -> None:
        if self.merges:
            undo(self.nadia, self.merges[-1], self.at)
            self.merges.pop()

    def _settle(self, party: UUID) -> None:
        lines = [one.line_id for one in ask(self.corinne, open_items_of_party, party_id=party)]
        do(self.corinne, reconcile, line_ids=lines)

    def part(self) -> None:
        """Take everything apart again, what was settled together first."""
        for line in self._settled():
            self.at += LATER
            try:
                do(self.corinne, unreconcile, line_id=line)
            except BusinessError:
                continue
        while self.merges:
            self.at += LATER
            self._undo()

    def _settled(self) -> list[UUID]:
        with reading() as session:
            asked = "select debit_line_id from settlement"
            return [UUID(str(one)) for one in session.execute(text(asked)).scalars()]

    def owed(self) -> dict[UUID, Decimal]:
        """Return what each company owes by the aged list, which is equal to the accounts."""
        found = ask(self.corinne, aged_list, side="receivable", on=END)
        assert sum(found.totals.values()) == found.account_balance
        return {row.party_id: row.total for row in found.rows if row.party_id in self.parties and row.total}

    def expected(self) -> dict[UUID, Decimal]:
        """Return what each company owes by its own posted lines."""
        line, found = JournalLine, dict[UUID, Decimal]()
        with reading() as session:
            lines = session.scalars(select(line).where(col(line.account_id) == self.accounts["1100"])).all()
        for one in lines:
            if one.party_id in self.parties:
                found[one.party_id] = found.get(one.party_id, Decimal(0)) + one.debit - one.credit
        return {party: value for party, value in found.items() if value}
