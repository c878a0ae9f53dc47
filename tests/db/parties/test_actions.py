"""Companies and persons."""

from datetime import datetime

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, ChangedMeanwhile
from db.parties.actions import add_contact, add_party, change_party, edit_party
from db.parties.queries import contacts, party_card
from db.parties.rules import Address, BadParty, PartyDraft, PartyKind, read_uid
from db.parties.tables import Party
from db.records.duplicates.queries import likely_doubles
from db.records.search.queries import found_records

People = dict[Role, Actor]
DUMAS = PartyDraft(PartyKind.COMPANY, "Dumas")
FIRM = PartyDraft(PartyKind.COMPANY, "Chantier naval Bornand SA", uid="CHE-116.281.710", address=Address(city="Vevey"))


class TestReadUid:
    @pytest.mark.parametrize("text", ["CHE-116.281.710", "CHE116281710", "che-116.281.710 TVA"])
    def test_gives_one_form(self, text: str) -> None:
        assert read_uid(text) == "CHE-116.281.710"

    @pytest.mark.parametrize("text", ["CHE-116.281.711", "116.281.710", "CHE-1"])
    def test_refuses_a_wrong_form_or_check_digit(self, text: str) -> None:
        with pytest.raises(BadInput, match="IDE"):
            read_uid(text)


class TestAddParty:
    def test_keeps_address_fields_apart(self, people: People, clock: datetime) -> None:
        party_id = do(people[Role.SALES], add_party, draft=FIRM, at=clock)

        assert ask(people[Role.SALES], party_card, party_id=party_id).address.city == "Vevey"

    @pytest.mark.parametrize(
        "draft", [PartyDraft(PartyKind.COMPANY, " "), PartyDraft(PartyKind.PERSON, "Ida", uid="CHE-116.281.710")]
    )
    def test_refuses_what_is_no_party(self, draft: PartyDraft, people: People, clock: datetime) -> None:
        with pytest.raises(BadInput):
            do(people[Role.SALES], add_party, draft=draft, at=clock)

    def test_keeps_a_number_of_the_partys_country_as_e164(self, people: People, clock: datetime) -> None:
        by = people[Role.SALES]
        drafts = [
            PartyDraft(PartyKind.COMPANY, "Bornand", phone="021 555 01 42"),
            PartyDraft(PartyKind.COMPANY, "Dumas", phone="04 50 12 34 56", address=Address(country="FR")),
        ]

        ids = [do(by, add_party, draft=draft, at=clock) for draft in drafts]

        assert [ask(by, party_card, party_id=one, by=by).phone for one in ids] == ["+41215550142", "+33450123456"]
        for query, name in (("021 555", "Bornand"), ("+41 21 555 01", "Bornand"), ("0450123", "Dumas")):
            assert [found.title for found in ask(by, found_records, query=query, by=by)] == [name]


class TestEditParty:
    def test_leaves_a_number_from_before_as_it_is(self, database: Engine, people: People, clock: datetime) -> None:
        by = people[Role.SALES]
        ids = [do(by, add_party, draft=FIRM, at=clock), do(by, add_party, draft=DUMAS, at=clock)]
        with database.begin() as connection:
            for party_id, old in zip(ids, ("021 555 01 42", "021 555 01"), strict=True):
                connection.execute(update(Party).where(col(Party.id) == party_id).values(phone=old))

        for party_id in ids:
            do(by, change_party, party_id=party_id, values={"city": "Morges"}, expected_version=1, at=clock)

        cards = [ask(by, party_card, party_id=party_id, by=by) for party_id in ids]
        assert [(card.phone, card.address.city) for card in cards] == [
            ("021 555 01 42", "Morges"),
            ("021 555 01", "Morges"),
        ]
        with pytest.raises(BadInput, match="n’est pas un numéro"):
            do(by, change_party, party_id=ids[0], values={"phone": "021 555"}, expected_version=2, at=clock)

    def test_refuses_an_old_version(self, people: People, clock: datetime) -> None:
        party_id = do(people[Role.SALES], add_party, draft=FIRM, at=clock)
        edit = {"party_id": party_id, "draft": PartyDraft(PartyKind.COMPANY, "Bornand"), "expected_version": 1}
        do(people[Role.SALES], edit_party, at=clock, **edit)

        with pytest.raises(ChangedMeanwhile):
            do(people[Role.SALES], edit_party, at=clock, **edit)


class TestChangeParty:
    MORE = {
        "other_emails": "vente@bornand.example\n\n vente@bornand.example ",
        "other_phones": "+41 79 123 45 67\n04 50 12 34 56",
        "former_names": "Rochat  et Cie",
        "country": "FR",
    }

    def test_keeps_other_addresses_numbers_and_names_a_line_each(self, people: People, clock: datetime) -> None:
        by = people[Role.SALES]
        party_id = do(by, add_party, draft=FIRM, at=clock)

        do(by, change_party, party_id=party_id, values=self.MORE, expected_version=1, at=clock)
        do(by, change_party, party_id=party_id, values={"city": "Evian"}, expected_version=2, at=clock)

        card = ask(by, party_card, party_id=party_id, by=by)
        assert card.other_emails == "vente@bornand.example"
        assert card.other_phones == "+41791234567\n+33450123456"
        assert card.former_names == "Rochat et Cie"
        for query in ("rochat", "vente@bornand", "0450123"):
            assert [found.title for found in ask(by, found_records, query=query, by=by)] == [FIRM.name]

    def test_warns_of_who_bears_the_other_address_number_or_former_name(self, people: People, clock: datetime) -> None:
        by = people[Role.SALES]
        party_id = do(by, add_party, draft=FIRM, at=clock)
        do(by, change_party, party_id=party_id, values=self.MORE, expected_version=1, at=clock)

        for typed, reason in (
            ({"email": "vente@bornand.example"}, "email"),
            ({"phone": "+41 79 123 45 67"}, "phone"),
            ({"name": "Rochat & Cie", "city": "Vevey"}, "name"),
        ):
            asked = {"kind": "party", "group": "company", "values": typed, "besides": None}
            [found] = ask(by, likely_doubles, **asked, by=by)
            assert (found.record_id, reason in found.reasons) == (party_id, True)

    @pytest.mark.parametrize(
        ("field", "text", "sentence"),
        [
            ("other_emails", "a@b.example\nfaux", "« faux » n’est pas une adresse"),
            ("other_phones", "12", "« 12 » n’est pas un numéro"),
            ("former_names", "\n".join(f"Nom {n}" for n in range(21)), "Au plus 20 lignes"),
            ("former_names", "x" * 201, "dépasse 200"),
        ],
    )
    def test_says_which_line_cannot_be_kept(
        self, field: str, text: str, sentence: str, people: People, clock: datetime
    ) -> None:
        by = people[Role.SALES]
        party_id = do(by, add_party, draft=FIRM, at=clock)

        with pytest.raises(BadParty, match=sentence) as refusal:
            do(by, change_party, party_id=party_id, values={field: text}, expected_version=1, at=clock)

        assert [finding.field for finding in refusal.value.findings] == [field]


class TestAddContact:
    def test_says_once_who_speaks_for_whom(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        company = do(seller, add_party, draft=FIRM, at=clock)
        person = do(seller, add_party, draft=PartyDraft(PartyKind.PERSON, "Ingrid Keller"), at=clock)
        for _ in range(2):
            do(seller, add_contact, company_id=company, person_id=person, function="achats", at=clock)

        assert [card.name for card in ask(seller, contacts, company_id=company)] == ["Ingrid Keller"]
