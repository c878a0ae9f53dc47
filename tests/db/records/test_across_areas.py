"""Papers of other areas on the company that they concern, and in the search box: for those who may read them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.ledger.entries.rules import EntryDraft, LineDraft
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.purchasing.bills.actions import edit_bill, enter_bill, receive_bill
from db.purchasing.bills.queries import bill_facts
from db.records.search.queries import found_records
from db.records.timeline.queries import story
from db.records.timeline.rules import StoryPart
from tests.db.ledger.books import open_books, post
from tests.db.purchasing.test_bills import page

People = dict[Role, Actor]
IBAN = "CH4431999123000889012"


@pytest.fixture
def firm(people: People, clock: datetime) -> UUID:
    """A company."""
    draft = PartyDraft(PartyKind.COMPANY, "Bois Vallotton SA", is_supplier=True)
    made: UUID = do(people[Role.SALES], add_party, draft=draft, at=clock)
    return made


@pytest.fixture
def bill(people: People, firm: UUID, clock: datetime) -> UUID:
    """An entered bill of the company."""
    by = people[Role.PURCHASING]
    bill_id: UUID = do(by, receive_bill, files=(page(1),), at=clock)
    values = {
        "party_id": firm, "number": "F-2026-4711", "bill_date": date(2026, 11, 20), "amount": Decimal("1949.75"),
        "iban": IBAN,
    }  # fmt: skip
    version = ask(by, bill_facts, bill_id=bill_id, by=by).row_version
    do(by, edit_bill, bill_id=bill_id, values=values, expected_version=version, at=clock)
    do(by, enter_bill, bill_id=bill_id, at=clock)
    return bill_id


@pytest.fixture
def entry(people: People, firm: UUID) -> tuple[UUID, str]:
    """A posted entry that the company owes."""
    by = people[Role.ACCOUNTANT]
    accounts = open_books(by)
    amount = Decimal("8640.35")
    lines = (
        LineDraft(accounts["1100"], debit=amount, party_id=firm, document="R-77"),
        LineDraft(accounts["3200"], credit=amount),
    )
    return post(by, EntryDraft(date(2026, 5, 4), "Vente de panneaux", lines))


def told(by: Actor, firm: UUID) -> set[tuple[str, UUID]]:
    """Return of which records the story of the company tells a person."""
    lines = ask(by, story, kind="party", record_id=firm, part=StoryPart(most=100), by=by).lines
    return {(line.kind, line.record_id) for line in lines}


def found(by: Actor, typed: str) -> set[tuple[str, UUID]]:
    """Return what a person finds."""
    return {(one.kind, one.record_id) for one in ask(by, found_records, query=typed, by=by)}


class TestBills:
    def test_are_told_on_their_company(self, people: People, firm: UUID, bill: UUID) -> None:
        assert ("bill", bill) in told(people[Role.PURCHASING], firm)
        assert ("bill", bill) not in told(people[Role.SALES], firm)

    @pytest.mark.parametrize(
        "typed", ["f-2026-4711", "4711", "CH44 3199 9123", "123000889", "1'949.75", "vallotton 4711"]
    )
    def test_are_found_by_number_account_and_amount(self, typed: str, people: People, bill: UUID) -> None:
        assert ("bill", bill) in found(people[Role.PURCHASING], typed)
        assert ("bill", bill) not in found(people[Role.SALES], typed)


class TestEntries:
    def test_are_told_on_their_company(self, people: People, firm: UUID, entry: tuple[UUID, str]) -> None:
        assert ("journal_entry", entry[0]) in told(people[Role.ACCOUNTANT], firm)
        assert ("journal_entry", entry[0]) not in told(people[Role.SALES], firm)

    @pytest.mark.parametrize("typed", ["E-2026-000001", "R-77", "8640.35", "vente panneaux"])
    def test_are_found_by_number_document_and_amount(self, typed: str, people: People, entry: tuple[UUID, str]) -> None:
        assert ("journal_entry", entry[0]) in found(people[Role.ACCOUNTANT], typed)
        assert ("journal_entry", entry[0]) not in found(people[Role.SALES], typed)
