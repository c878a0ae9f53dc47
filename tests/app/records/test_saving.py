"""Saving a form: drafts, errors beside fields, and two people at one record."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.crm import forms as crm_forms  # noqa: F401 - registers its forms
from app.doors import ask, do
from app.parties import forms as party_forms  # noqa: F401
from app.records.forms import NEW
from app.records.saving import Sent, give_up, has_draft, keep_typed, open_form, read_sent, save_form
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.queries import LeadDetail, lead_detail
from db.crm.opportunities.queries import opportunities_of_party
from db.kernel.errors import NotAllowed, NotFound
from db.parties.actions import add_party
from db.parties.queries import companies_of
from db.parties.rules import PartyDraft, PartyKind
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]


@pytest.fixture
def lead(people: People, clock: datetime) -> UUID:
    """A lead worth 1'200 francs."""
    draft = make_draft(expected_amount=Decimal("1200"))
    made: UUID = do(people[Role.SALES], create_lead, draft=draft, at=clock)
    return made


def view_of(text: str) -> dict[str, Any]:
    """Return a form by its fields."""
    view: dict[str, Any] = json.loads(text)
    return {**view, "fields": {field["name"]: field for field in view["fields"]}}


def opened(by: Actor, lead: UUID) -> Sent:
    """Return the form of a lead as it is sent back when nothing was typed."""
    view = view_of(open_form(by, "lead", str(lead), {}))
    values = {name: field["value"] for name, field in view["fields"].items()}
    return Sent("lead", str(lead), view["seen"], values)


def typed(sent: Sent, **values: str) -> Sent:
    """Return the form with something typed into it."""
    return replace(sent, values={**sent.values, **values})


def detail(by: Actor, lead: UUID) -> LeadDetail:
    """Return the lead."""
    return ask(by, lead_detail, lead_id=lead, by=by)


def edited_by(by: Actor, lead: UUID, at: datetime, **values: Any) -> None:
    """Let somebody else edit the lead meanwhile."""
    version = detail(by, lead).row_version
    do(by, edit_lead, lead_id=lead, values=values, expected_version=version, at=at)


class TestOpenForm:
    def test_takes_types_and_marks_from_the_table_and_the_rules(self, people: People) -> None:
        view = view_of(open_form(people[Role.SALES], "opportunity", NEW, {}))

        kinds = {name: (field["type"], field["required"]) for name, field in view["fields"].items()}
        assert kinds["party_id"] == ("record", True)
        assert kinds["expected_amount"] == ("amount", False)
        assert kinds["owner_id"] == ("person", False)
        assert kinds["expected_close"] == ("date", False)
        assert kinds["next_step_date"] == ("date", True)

    def test_leaves_out_what_the_person_may_not_see(self, people: People, lead: UUID) -> None:
        seller = replace(people[Role.SALES], hidden=frozenset({"lead.expected_amount"}))

        assert "expected_amount" not in view_of(open_form(seller, "lead", str(lead), {}))["fields"]

    def test_locks_fields_and_says_why(self, people: People) -> None:
        view = view_of(open_form(people[Role.SALES], "lead", NEW, {}))

        assert view["fields"]["state"]["locked"] == "Une piste commence nouvelle."

    def test_is_refused_without_the_right_to_read(self, people: People, lead: UUID) -> None:
        with pytest.raises(NotAllowed):
            open_form(people[Role.HR], "lead", str(lead), {})

    @pytest.mark.parametrize("payload", [None, "x", {}, {"form": "lead", "record": "x"}, {"form": 3, "values": []}])
    def test_answers_nonsense_in_words(self, payload: Any, people: People) -> None:
        with pytest.raises(NotFound):
            save_form(people[Role.SALES], read_sent(payload))


class TestSaveForm:
    def test_changes_only_what_was_typed(self, people: People, lead: UUID) -> None:
        seller = people[Role.SALES]

        done = save_form(seller, typed(opened(seller, lead), expected_amount="1'500.00", city="Nyon"))

        assert (done.record_id, done.notice) == (lead, "Enregistré.")
        assert (detail(seller, lead).expected_amount, detail(seller, lead).city) == (Decimal("1500.00"), "Nyon")

    def test_says_all_that_is_wrong_beside_its_field(self, people: People, lead: UUID) -> None:
        seller = people[Role.SALES]
        wrong = typed(opened(seller, lead), expected_amount="viel", email="x", next_step_date="demain")

        view = view_of(save_form(seller, wrong).view)

        assert {name for name, field in view["fields"].items() if field["error"]} == {
            "expected_amount",
            "email",
            "next_step_date",
        }
        assert view["fields"]["expected_amount"]["value"] == "viel"

    def test_lets_fields_that_only_one_changed_go_through(self, people: People, lead: UUID, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        mine = typed(opened(seller, lead), city="Nyon")
        edited_by(manager, lead, clock, expected_amount=Decimal("1500"))

        done = save_form(seller, mine)

        assert done.record_id == lead
        assert done.params == {"name": manager.name, "fields": "Montant attendu (CHF)"}
        assert (detail(seller, lead).city, detail(seller, lead).expected_amount) == ("Nyon", Decimal("1500.00"))

    def test_asks_where_both_changed_a_field(self, people: People, lead: UUID, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        mine = typed(opened(seller, lead), expected_amount="1'800.00", city="Nyon")
        edited_by(manager, lead, clock, expected_amount=Decimal("1500"))

        view = view_of(save_form(seller, mine).view)

        field = view["fields"]["expected_amount"]
        assert field["told"].startswith(f"{manager.name} a modifié « Montant attendu (CHF) » ")
        assert field["told"].endswith(": 1'200.00 → 1'500.00")
        assert (field["value"], field["theirValue"], bool(field["theirs"])) == ("1'800.00", "1'500.00", True)
        assert view["fields"]["city"]["value"] == "Nyon"
        assert detail(seller, lead).city == "Vevey"

    @pytest.mark.parametrize(("choice", "kept"), [("mine", "1800.00"), ("theirs", "1500.00")])
    def test_keeps_the_value_that_was_chosen(
        self, choice: str, kept: str, people: People, lead: UUID, clock: datetime
    ) -> None:
        seller = people[Role.SALES]
        mine = typed(opened(seller, lead), expected_amount="1'800.00", city="Nyon")
        edited_by(people[Role.MANAGER], lead, clock, expected_amount=Decimal("1500"))
        asked = view_of(save_form(seller, mine).view)["fields"]["expected_amount"]

        done = save_form(seller, replace(mine, choices={"expected_amount": f"{choice}|{asked['theirs']}"}))

        assert done.record_id == lead
        assert (detail(seller, lead).expected_amount, detail(seller, lead).city) == (Decimal(kept), "Nyon")

    def test_asks_again_when_the_field_was_changed_once_more(self, people: People, lead: UUID, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        mine = typed(opened(seller, lead), expected_amount="1'800.00")
        edited_by(manager, lead, clock, expected_amount=Decimal("1500"))
        asked = view_of(save_form(seller, mine).view)["fields"]["expected_amount"]
        edited_by(manager, lead, clock + timedelta(minutes=1), expected_amount=Decimal("1600"))

        done = save_form(seller, replace(mine, choices={"expected_amount": f"mine|{asked['theirs']}"}))

        assert done.record_id is None
        assert view_of(done.view)["fields"]["expected_amount"]["theirValue"] == "1'600.00"

    def test_does_not_ask_when_both_typed_the_same(self, people: People, lead: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        mine = typed(opened(seller, lead), expected_amount="1'500.00")
        edited_by(people[Role.MANAGER], lead, clock, expected_amount=Decimal("1500"))

        assert save_form(seller, mine).record_id == lead

    def test_takes_the_same_amount_written_otherwise_for_unchanged(
        self, people: People, lead: UUID, clock: datetime
    ) -> None:
        seller = people[Role.SALES]
        mine = typed(opened(seller, lead), expected_amount="1200", city="Nyon")
        edited_by(people[Role.MANAGER], lead, clock, expected_amount=Decimal("1500"))

        assert save_form(seller, mine).record_id == lead
        assert detail(seller, lead).expected_amount == Decimal("1500.00")

    def test_makes_a_contact_of_a_company(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        firm = do(seller, add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
        values = {"name": "Ida Roux", "company_id": str(firm), "function": "Achats", "country": "CH"}

        done = save_form(seller, Sent("contact", NEW, "", values))

        assert done.record_id is not None
        [known] = ask(seller, companies_of, person_id=done.record_id)
        assert (known.name, known.function) == ("Bornand SA", "Achats")

    def test_makes_an_opportunity(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        firm = do(seller, add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
        step = {"next_step": "Rappeler", "next_step_date": "2026-11-30"}
        values = {"name": "Passerelle", "party_id": str(firm), "expected_amount": "12'000", **step}

        save_form(seller, Sent("opportunity", NEW, "", values))

        [deal] = ask(seller, opportunities_of_party, party_id=firm, by=seller)
        assert (deal.name, deal.expected_amount, deal.next_step) == ("Passerelle", Decimal("12000.00"), "Rappeler")

    def test_of_an_opportunity_proposes_a_next_step_and_demands_one(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        firm = do(seller, add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)

        offered = view_of(open_form(seller, "opportunity", NEW, {"societe": str(firm)}))["fields"]
        assert offered["next_step"]["value"] == "Prendre contact"
        assert re.fullmatch(r"\d\d\.\d\d\.\d{4}", offered["next_step_date"]["value"])
        values = {"name": "Passerelle", "party_id": str(firm), "next_step": " ", "next_step_date": ""}
        refused = view_of(save_form(seller, Sent("opportunity", NEW, "", values)).view)["fields"]

        said = "Ce champ est obligatoire."
        assert (refused["next_step"]["error"], refused["next_step_date"]["error"]) == (said, said)
        assert ask(seller, opportunities_of_party, party_id=firm, by=seller) == []

    def test_makes_no_company_without_a_name(self, people: People) -> None:
        view = view_of(save_form(people[Role.SALES], Sent("company", NEW, "", {"name": " ", "uid": "CHE-1"})).view)

        assert view["fields"]["name"]["error"] == "Ce champ est obligatoire."
        assert "IDE" in view["fields"]["uid"]["error"]

    def test_is_refused_to_who_only_reads(self, people: People, lead: UUID) -> None:
        reader = people[Role.ANALYST]

        with pytest.raises(NotAllowed):
            save_form(reader, typed(opened(reader, lead), city="Nyon"))


class TestDraft:
    def test_is_taken_up_again_with_its_day_and_hour(self, people: People, lead: UUID) -> None:
        seller = people[Role.SALES]
        keep_typed(seller, typed(opened(seller, lead), city="Ny"))

        view = view_of(open_form(seller, "lead", str(lead), {}))

        assert view["fields"]["city"]["value"] == "Ny"
        assert re.fullmatch(r"\d\d\.\d\d\.(\d{4})? \d\d:\d\d", view["draft"])
        assert has_draft(seller, "lead", str(lead))

    def test_still_knows_what_others_changed_since_it_was_begun(
        self, people: People, lead: UUID, clock: datetime
    ) -> None:
        seller = people[Role.SALES]
        keep_typed(seller, typed(opened(seller, lead), expected_amount="1'800.00"))
        edited_by(people[Role.MANAGER], lead, clock, expected_amount=Decimal("1500"), city="Nyon")

        fields = view_of(open_form(seller, "lead", str(lead), {}))["fields"]

        assert (fields["expected_amount"]["value"], bool(fields["expected_amount"]["theirs"])) == ("1'800.00", True)
        assert (fields["city"]["value"], fields["city"]["theirs"]) == ("Nyon", "")

    def test_is_gone_once_saved_given_up_or_typed_back(self, people: People, lead: UUID) -> None:
        seller = people[Role.SALES]
        for end in ("saved", "given up", "undone"):
            before = opened(seller, lead)
            sent = typed(before, city="Nyon" if before.values["city"] != "Nyon" else "Morges")
            keep_typed(seller, sent)
            assert has_draft(seller, "lead", str(lead))

            if end == "saved":
                save_form(seller, sent)
            elif end == "given up":
                give_up(seller, sent)
            else:
                keep_typed(seller, before)

            assert not has_draft(seller, "lead", str(lead))
