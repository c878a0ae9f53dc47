"""Two customers with posted lines become one: the lines stay as posted, every question answers for the one kept."""

import multiprocessing
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.doors import ask, do
from app.kept_balances import check_balances
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.ledger.entries.actions import add_draft, post_entry, reverse_entry
from db.ledger.entries.queries import entry_facts
from db.ledger.entries.rules import BadEntry
from db.ledger.open_items.actions import reconcile, unreconcile
from db.ledger.open_items.queries import open_items_of_party, open_lines
from db.ledger.open_items.rules import CannotReconcile
from db.ledger.reports.queries import statement
from db.records.merging.queries import comparison, record_after_merges
from db.records.past.queries import record_as_of
from db.records.search.queries import found_records
from db.records.timeline.queries import timeline
from db.records.undo.actions import undo_deed
from db.records.undo.queries import undo_plan
from db.records.undo.rules import CannotUndo
from db.session import engine, reading
from tests.db.ledger.books import open_books, post
from tests.db.ledger.merged import END, JUNE, LATER, MAY, lines_as_posted, merge, owed, owing, paid, undo
from tests.db.records.merging.test_merge_records import company, everything


@pytest.fixture
def books(people: dict[Role, Actor], database: Engine) -> dict[str, UUID]:
    """The accounts of open books, by number."""
    return open_books(people[Role.ACCOUNTANT])


@pytest.fixture
def corinne(people: dict[Role, Actor]) -> Actor:
    """The accountant."""
    return people[Role.ACCOUNTANT]


@pytest.fixture
def nadia(people: dict[Role, Actor]) -> Actor:
    """The salesperson."""
    return people[Role.SALES]


class TestMergedParties:
    def test_keep_their_posted_lines_and_owe_together(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        post(corinne, owed(books, kept, "100", document="F-1"))
        entry, _ = post(corinne, owed(books, gone, "40.05", document="F-2"))
        posted, extract = lines_as_posted(), ask(corinne, statement, account_id=books["1100"], begin=None, end=END)

        merge(nadia, clock + LATER, kept, gone)

        assert lines_as_posted() == posted
        assert owing(corinne) == {"Bornand SA": Decimal("140.05")}
        assert ask(corinne, statement, account_id=books["1100"], begin=None, end=END) == extract
        for asked in (kept, gone):
            assert {one.document for one in ask(corinne, open_items_of_party, party_id=asked)} == {"F-1", "F-2"}
            found = ask(corinne, open_lines, side="receivable", on=END, party_id=asked)
            assert {one.document for one in found} == {"F-1", "F-2"}
        line = ask(corinne, entry_facts, entry_id=entry).lines[0]
        assert (line.party_name, line.draft.party_id) == ("Bornand SA", kept)
        told = [one.params.get("number") for one in ask(corinne, timeline, kind="party", record_id=kept, by=corinne)]
        assert "E-2026-000002" in told
        hits = ask(corinne, found_records, query="bornand sa f-2", by=corinne)
        assert entry in {one.record_id for one in hits}
        assert check_balances(corinne) == []

    def test_stand_apart_again_after_an_undo_and_together_after_its_undo(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime, database: Engine
    ) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        for party, amount in ((kept, "100"), (gone, "40")):
            post(corinne, owed(books, party, amount))
        before = everything(database)
        deed = merge(nadia, clock + LATER, kept, gone)
        together = everything(database)

        back = undo(nadia, deed, clock + 2 * LATER)
        assert owing(corinne) == {"Bornand SA": 100, "Chantier Bornand": 40}
        assert everything(database) == before
        undo(nadia, back, clock + 3 * LATER)
        assert owing(corinne) == {"Bornand SA": 140}
        assert everything(database) == together

    def test_go_into_a_third_one_and_come_back_one_by_one(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        one, two, three = (company(nadia, clock, name) for name in ("Bornand", "Bornand SA", "Bornand Nautique"))
        for party, amount in ((one, "1"), (two, "20"), (three, "300")):
            post(corinne, owed(books, party, amount))

        first = merge(nadia, clock + LATER, two, one)
        second = merge(nadia, clock + 2 * LATER, three, two)

        assert owing(corinne) == {"Bornand Nautique": 321}
        assert len(ask(corinne, open_items_of_party, party_id=one)) == 3
        undo(nadia, second, clock + 3 * LATER)
        assert owing(corinne) == {"Bornand SA": 21, "Bornand Nautique": 300}
        undo(nadia, first, clock + 4 * LATER)
        assert owing(corinne) == {"Bornand": 1, "Bornand SA": 20, "Bornand Nautique": 300}

    def test_are_shown_as_they_were_on_a_day(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        post(corinne, owed(books, gone, "40", on=MAY))
        post(corinne, owed(books, kept, "2", on=JUNE))

        merge(nadia, clock + LATER, kept, gone)

        then = ask(nadia, record_as_of, kind="party", record_id=gone, at=clock, by=nadia)
        now = ask(nadia, record_as_of, kind="party", record_id=gone, at=clock + LATER, by=nadia)
        assert (then.values["name"], now.exists) == ("Chantier Bornand", False)
        assert ask(nadia, record_after_merges, kind="party", record_id=gone) == kept
        assert (owing(corinne, MAY), owing(corinne, JUNE)) == ({"Bornand SA": 40}, {"Bornand SA": 42})

    def test_are_not_taken_apart_while_their_items_settle_each_other(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        post(corinne, owed(books, gone, "40", document="F-2"))
        deed = merge(nadia, clock + LATER, kept, gone)
        [open_one] = ask(corinne, open_items_of_party, party_id=kept)
        post(corinne, paid(books, kept, "40", settles=open_one.line_id))
        assert owing(corinne) == {}

        with pytest.raises(CannotUndo, match=r"lettrés ensemble depuis \(« F-2 »"):
            undo(nadia, deed, clock + 2 * LATER)
        assert owing(corinne) == {}
        do(corinne, unreconcile, line_id=open_one.line_id)
        undo(nadia, deed, clock + 3 * LATER)
        assert owing(corinne) == {"Chantier Bornand": 40, "Bornand SA": -40}

    def test_can_be_taken_apart_after_a_reversal(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        entry, _ = post(corinne, owed(books, gone, "40"))
        deed = merge(nadia, clock + LATER, kept, gone)
        do(corinne, reverse_entry, entry_id=entry, on=JUNE)

        undo(nadia, deed, clock + 2 * LATER)

        assert owing(corinne) == {}
        assert owing(corinne, MAY) == {"Chantier Bornand": 40}
        assert check_balances(corinne) == []

    def test_are_settled_together(self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        post(corinne, owed(books, gone, "40"))
        post(corinne, paid(books, kept, "30"))
        lines = [one.line_id for party in (gone, kept) for one in ask(corinne, open_items_of_party, party_id=party)]
        with pytest.raises(CannotReconcile, match="de la même personne"):
            do(corinne, reconcile, line_ids=lines)

        merge(nadia, clock + LATER, kept, gone)

        assert do(corinne, reconcile, line_ids=lines) == 1
        assert owing(corinne) == {"Bornand SA": 10}

    def test_draft_begun_before_is_posted_for_whom_it_means_then(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        kept_as_draft = do(corinne, add_draft, draft=owed(books, gone, "40"))
        deed = merge(nadia, clock + LATER, kept, gone)

        do(corinne, post_entry, entry_id=kept_as_draft)
        post(corinne, owed(books, gone, "2"))  # from a screen that was opened before

        assert owing(corinne) == {"Bornand SA": 42}
        undo(nadia, deed, clock + 2 * LATER)
        assert owing(corinne) == {"Chantier Bornand": 42}
        assert check_balances(corinne) == []

    def test_a_draft_that_settles_another_party_since_an_undo_is_refused(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        post(corinne, owed(books, gone, "40"))
        deed = merge(nadia, clock + LATER, kept, gone)
        [open_one] = ask(corinne, open_items_of_party, party_id=kept)
        kept_as_draft = do(corinne, add_draft, draft=paid(books, kept, "40", settles=open_one.line_id))
        undo(nadia, deed, clock + 2 * LATER)

        with pytest.raises(CannotReconcile, match="de la même personne"):
            do(corinne, post_entry, entry_id=kept_as_draft)
        assert owing(corinne) == {"Chantier Bornand": 40}

    def test_an_unknown_party_is_still_refused(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        with pytest.raises(BadEntry, match="n’existe pas"):
            post(corinne, owed(books, UUID(int=7), "40"))

    def test_a_party_is_removed_unless_lines_name_it(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime, database: Engine
    ) -> None:
        named, free = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Voilerie")
        do(corinne, add_draft, draft=owed(books, named, "40"))
        made = "select c.deed_id from change c where c.record_id = :id and c.operation = 'create'"
        with database.connect() as connection:
            asked = [one.hex if database.dialect.name == "sqlite" else str(one) for one in (named, free)]
            deeds = [UUID(str(connection.execute(text(made), {"id": one}).scalar_one())) for one in asked]

        plans = [ask(nadia, undo_plan, deed_id=one, by=nadia) for one in deeds]
        assert [plan.can for plan in plans] == [False, True]
        assert "journal_line" in str(plans[0].kept[0].params["what"])
        do(nadia, undo_deed, undoes=deeds[1])
        with reading() as session:
            assert verify(session).problems == []

    def test_tell_who_may_not_read_the_books_nothing_of_them(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, people: dict[Role, Actor], clock: datetime
    ) -> None:
        one, other = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        post(corinne, owed(books, other, "40"))

        sides = {
            role: ask(people[role], comparison, kind="party", record_ids=[one, other], by=people[role]).sides[1]
            for role in (Role.SALES, Role.MANAGER)
        }

        assert sides[Role.MANAGER].hanging["journal_line"] == 1
        assert "journal_line" not in sides[Role.SALES].hanging


def post_some(by: Actor, accounts: dict[str, UUID], party: UUID) -> None:
    """Post entries of one customer in a process of its own."""
    engine().dispose(close=False)
    for _ in range(6):
        post(by, owed(accounts, party, "1"))


class TestPostingWhileMerging:
    def test_loses_no_line_and_fails_for_nobody(
        self, books: dict[str, UUID], corinne: Actor, nadia: Actor, clock: datetime
    ) -> None:
        kept, gone = company(nadia, clock, "Bornand SA"), company(nadia, clock, "Chantier Bornand")
        context = multiprocessing.get_context("fork")
        running = [context.Process(target=post_some, args=(corinne, books, one)) for one in (gone, gone, kept)]
        for one in running:
            one.start()

        merge(nadia, clock + LATER, kept, gone)

        for one in running:
            one.join()
        assert [one.exitcode for one in running] == [0, 0, 0]
        assert owing(corinne) == {"Bornand SA": 18}
        assert check_balances(corinne) == []
