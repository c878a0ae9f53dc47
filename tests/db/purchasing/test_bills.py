"""Taking bills in, entering them, and what their QR code says."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.kernel.errors import BusinessError, NotAllowed, NotFound
from db.kernel.findings import BadFields
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.purchasing.bills.actions import (
    add_page,
    discard_bill,
    edit_bill,
    enter_bill,
    receive_bill,
    take_bill_back,
    take_suggestion,
)
from db.purchasing.bills.listing.queries import BILL_QUESTIONS, SHAPE
from db.purchasing.bills.queries import bill_facts, bill_files, likely_duplicates, own_bills, suggestion_of
from db.purchasing.bills.rules import AlreadyReceived, BillEntered, BillState, FileDraft
from db.purchasing.qr_bills.rules import NotAQrBill, is_iban, is_reference, read_payload
from db.records.listing.rules import read_request
from db.records.timeline.queries import story
from db.records.timeline.rules import StoryPart
from db.session import transaction

People = dict[Role, Actor]
# the example of the Swiss Implementation Guidelines (SIX), annex A
PAYLOAD = "\n".join(
    ["SPC", "0200", "1", "CH4431999123000889012", "S", "Robert Schneider AG", "Rue du Lac", "1268", "2501", "Biel"]
    + ["CH"]
    + [""] * 7
    + ["1949.75", "CHF", "S", "Pia-Maria Rutschmann-Schnyder", "Grosse Marktgasse", "28", "9400", "Rorschach", "CH"]
    + ["QRR", "210000000003139471430009017", "Instruction of 15.09.2019", "EPD"]
)


class TestReadPayload:
    def test_reads_creditor_account_amount_and_reference(self) -> None:
        said = read_payload(PAYLOAD)

        assert (said.iban, said.amount, said.currency) == ("CH4431999123000889012", Decimal("1949.75"), "CHF")
        assert (said.creditor, said.street, said.city) == ("Robert Schneider AG", "Rue du Lac 1268", "Biel")
        assert (said.reference_type, said.reference) == ("QRR", "210000000003139471430009017")

    @pytest.mark.parametrize(
        "spoiled",
        [
            "",
            "SPC",
            "https://example.ch",
            PAYLOAD[:80],
            PAYLOAD.replace("CH44", "CH45"),
            PAYLOAD.replace("1949.75", "NaN"),
        ],
    )
    def test_refuses_anything_else(self, spoiled: str) -> None:
        with pytest.raises(NotAQrBill):
            read_payload(spoiled)


class TestChecks:
    @pytest.mark.parametrize("reference", ["210000000003139471430009017", "RF18539007547034", "RF49N73GBST73AKL38ZX"])
    def test_know_right_references(self, reference: str) -> None:
        assert is_reference(reference)

    @pytest.mark.parametrize("reference", ["210000000003139471430009016", "RF19539007547034", "RF04", "0" * 27])
    def test_know_wrong_references(self, reference: str) -> None:
        assert not is_reference(reference)

    def test_know_ibans(self) -> None:
        assert is_iban("CH93 0076 2011 6238 5295 7")
        assert not is_iban("CH9400762011623852957")


class Bills:
    @pytest.fixture(autouse=True)
    def _people(self, people: People, clock: datetime) -> None:
        self.people, self.clock = people, clock
        self.worker, self.buyer = people[Role.WAREHOUSE], people[Role.PURCHASING]

    def received(self, number: int = 1, *, by: Actor | None = None, payload: str = "") -> UUID:
        return do(by or self.worker, receive_bill, at=self.clock, files=(page(number, payload=payload),))

    def supplier(self) -> UUID:
        draft = PartyDraft(PartyKind.COMPANY, name="Bois SA", is_supplier=True)
        return do(self.people[Role.SALES], add_party, at=self.clock, draft=draft)

    def edited(self, bill_id: UUID, **values: Any) -> None:
        version = ask(self.buyer, bill_facts, bill_id=bill_id, by=self.buyer).row_version
        do(self.buyer, edit_bill, at=self.clock, bill_id=bill_id, values=values, expected_version=version)

    def whole(self, bill_id: UUID, party_id: UUID) -> None:
        self.edited(bill_id, party_id=party_id, number="F-1", bill_date=date(2026, 11, 20), amount=Decimal("99.90"))

    def facts(self, bill_id: UUID) -> Any:
        return ask(self.buyer, bill_facts, bill_id=bill_id, by=self.buyer)


def page(number: int, *, payload: str = "") -> FileDraft:
    return FileDraft(f"photo{number}.jpg", f"{number:064x}", 1000, "image/jpeg", (f"{number + 500:064x}",), payload)


class TestReceiveBill(Bills):
    def test_waits_to_be_entered(self) -> None:
        bill_id = self.received()

        facts = self.facts(bill_id)
        assert (facts.state, facts.owner_name, facts.received_at) == (BillState.TO_ENTER, "Warehouse", self.clock)
        assert [one.name for one in ask(self.worker, bill_files, bill_id=bill_id, by=self.worker)] == ["photo1.jpg"]

    def test_refuses_the_same_file_twice_and_names_the_first(self) -> None:
        first = self.received()

        with pytest.raises(AlreadyReceived, match="déjà reçu") as refusal:
            self.received(by=self.buyer)
        assert refusal.value.bill_id == first

    def test_refuses_the_same_file_in_the_database(self) -> None:
        first, other = self.received(1), self.received(2)
        of_first = "select sha256 from bill_file where bill_id = :first"
        statement = f"update bill_file set sha256 = ({of_first}) where bill_id = :other"
        given = {"first": first.hex, "other": other.hex}  # both databases read it so

        with pytest.raises(DBAPIError), transaction() as session:
            session.connection().execute(text(statement), given)

    def test_takes_further_pages_until_it_is_entered(self) -> None:
        bill_id = self.received()

        do(self.worker, add_page, at=self.clock, bill_id=bill_id, files=(page(2, payload=PAYLOAD),))

        assert len(ask(self.worker, bill_files, bill_id=bill_id, by=self.worker)) == 2
        assert ask(self.worker, suggestion_of, bill_id=bill_id, by=self.worker)
        self.whole(bill_id, self.supplier())
        do(self.buyer, enter_bill, at=self.clock, bill_id=bill_id)
        with pytest.raises(BillEntered):
            do(self.worker, add_page, at=self.clock, bill_id=bill_id, files=(page(3),))

    def test_is_seen_by_who_handed_it_in_and_by_who_enters(self) -> None:
        bill_id = self.received()

        assert [one.bill_id for one in ask(self.worker, own_bills, by=self.worker)] == [bill_id]
        with pytest.raises(NotFound):
            ask(self.people[Role.SALES], bill_facts, bill_id=bill_id, by=self.people[Role.SALES])
        with pytest.raises(NotAllowed):
            do(self.worker, discard_bill, at=self.clock, bill_id=bill_id, reason="x")


class TestEnterBill(Bills):
    def test_wants_supplier_number_date_and_amount(self) -> None:
        bill_id = self.received()

        with pytest.raises(BadFields) as refusal:
            do(self.buyer, enter_bill, at=self.clock, bill_id=bill_id)

        assert [one.field for one in refusal.value.findings] == ["party_id", "number", "bill_date", "amount"]

    def test_is_whole_in_the_database_as_well(self) -> None:
        self.received()

        with pytest.raises(DBAPIError), transaction() as session:
            session.connection().execute(text("update bill set state = 'entered'"))

    def test_warns_of_the_same_supplier_number_and_amount(self) -> None:
        supplier = self.supplier()
        first, second = self.received(1), self.received(2)
        for bill_id in (first, second):
            self.whole(bill_id, supplier)
        do(self.buyer, enter_bill, at=self.clock, bill_id=first, despite="deux exemplaires")

        assert [one.bill_id for one in ask(self.buyer, likely_duplicates, bill_id=second, by=self.buyer)] == [first]
        with pytest.raises(BadFields, match="déjà ce numéro"):
            do(self.buyer, enter_bill, at=self.clock, bill_id=second)
        do(self.buyer, discard_bill, at=self.clock, bill_id=second, reason="doublon")
        assert (self.facts(second).state, self.facts(second).discard_reason) == (BillState.DISCARDED, "doublon")
        do(self.buyer, take_bill_back, at=self.clock, bill_id=second)
        assert self.facts(second).state is BillState.TO_ENTER

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("iban", "CH9400762011623852957"),
            ("reference", "123"),
            ("amount", Decimal(0)),
            ("currency", "XYZ"),
            ("party_id", UUID(int=7)),
        ],
    )
    def test_says_which_value_will_not_do(self, field: str, value: Any) -> None:
        bill_id = self.received()

        with pytest.raises(BadFields) as refusal:
            self.edited(bill_id, **{field: value})

        assert [one.field for one in refusal.value.findings] == [field]


class TestTakeSuggestion(Bills):
    def test_writes_only_where_nothing_is_written(self) -> None:
        bill_id = self.received(payload=PAYLOAD)
        assert self.facts(bill_id).amount is None  # nothing by itself
        self.edited(bill_id, amount=Decimal("10.00"))

        do(self.buyer, take_suggestion, at=self.clock, bill_id=bill_id)

        facts = self.facts(bill_id)
        assert (facts.amount, facts.iban) == (Decimal("10.00"), "CH4431999123000889012")
        assert facts.reference == "210000000003139471430009017"

    def test_needs_a_code(self) -> None:
        with pytest.raises(BusinessError, match="Aucun code"):
            do(self.buyer, take_suggestion, at=self.clock, bill_id=self.received())


class TestList(Bills):
    def test_finds_bills_by_supplier_amount_and_iban(self) -> None:
        bill_id = self.received(payload=PAYLOAD)
        do(self.buyer, take_suggestion, at=self.clock, bill_id=bill_id)
        self.edited(bill_id, party_id=self.supplier())

        for words in ("bois", "1949.75", "3199912"):
            request = read_request(f"q={words}", SHAPE)
            found = ask(self.buyer, BILL_QUESTIONS.page, request=request, by=self.buyer)
            assert [row.record_id for row in found.rows] == [bill_id], words

    def test_tells_its_story_on_the_supplier_too(self) -> None:
        bill_id, supplier = self.received(), self.supplier()
        self.whole(bill_id, supplier)

        do(self.buyer, enter_bill, at=self.clock, bill_id=bill_id)

        told = ask(self.buyer, story, kind="party", record_id=supplier, part=StoryPart(), by=self.buyer)
        assert {"Facture reçue", "Facture saisie"} <= {getattr(line, "message_id", "") for line in told.lines}
