"""Finding records: typing errors, numbers, what was used last, and only what the person may see."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from app.doors import ask, do
from db.access.rules import NO_OWNER, Actor, Role
from db.crm.leads.actions import assign_leads, create_lead, edit_lead
from db.crm.leads.rules import LeadDraft
from db.crm.opportunities.actions import add_opportunity
from db.crm.opportunities.rules import OpportunityDraft
from db.documents.attachments.actions import attach_file, detach_file
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.notes.actions import write_note
from db.records.recent.actions import remember_use
from db.records.recent.queries import KEPT, recent_targets
from db.records.search.actions import learn_words
from db.records.search.queries import Found, found_records, recent_records, titles_of

People = dict[Role, Actor]
Titles = Callable[..., list[str]]
READ = "crm.read_leads"


@pytest.fixture
def titles(people: People) -> Titles:
    """What somebody finds, by title."""

    def search(query: str, by: Actor | Role = Role.SALES, **given: int) -> list[str]:
        actor = people[by] if isinstance(by, Role) else by
        return [one.title for one in found(query, actor, **given)]

    return search


def found(query: str, by: Actor, **given: int) -> list[Found]:
    """Return what somebody finds."""
    answer: list[Found] = ask(by, found_records, query=query, by=by, **given)
    return answer


def make_lead(by: Actor, at: datetime, name: str, **values: object) -> UUID:
    """Make a lead of the person."""
    draft = replace(LeadDraft(name, at, owner_id=by.user_id), **values)  # type: ignore[arg-type]
    made: UUID = do(by, create_lead, draft=draft, at=at)
    return made


class TestFoundRecords:
    @pytest.mark.parametrize(
        "typed",
        ["bornand", "quai born", "born ouest", "Œuvre", "oeuvre bornand", "l'œuvre", "BÖRNAND", "garde corps"],
    )
    def test_forgives_case_accents_ligatures_and_the_order_of_words(
        self, titles: Titles, people: People, clock: datetime, typed: str
    ) -> None:
        make_lead(people[Role.SALES], clock, "Gardé-corps quai Ouest", company_name="L’Œuvre Bornand")

        assert titles(typed.replace("garde corps", "garde-corps")) == ["Gardé-corps quai Ouest"]

    @pytest.mark.parametrize("typed", ["bornnad", "bornan", "borand", "bornamd", "bornandd", "bornnad naval", "nvaal"])
    def test_forgives_a_typing_error(self, people: People, clock: datetime, typed: str) -> None:
        do(people[Role.SALES], add_party, draft=PartyDraft(PartyKind.COMPANY, "Naval Bornand SA"), at=clock)

        [hit] = found(typed, people[Role.SALES])

        assert (hit.title, hit.is_near) == ("Naval Bornand SA", typed != "bornan")

    @pytest.mark.parametrize(
        "typed", ["021 555 01", "+41 21 555 01 42", "55501", "48'600", "48'600.00", "48600", "info@bor"]
    )
    def test_finds_fragments_of_numbers(self, titles: Titles, people: People, clock: datetime, typed: str) -> None:
        make_lead(
            people[Role.SALES], clock, "Balcon", phone="+41 21 555 01 42", email="info@bornand.example",
            expected_amount=Decimal("48600"),
        )  # fmt: skip

        assert titles(typed) == ["Balcon"]

    def test_puts_titles_that_begin_so_first_then_what_was_used_last(
        self, titles: Titles, people: People, clock: datetime
    ) -> None:
        seller = people[Role.SALES]
        used = make_lead(seller, clock, "Escalier, maison Dupont")
        make_lead(seller, clock, "Balcon Dupont")
        make_lead(seller, clock, "Dupont SA")
        do(seller, remember_use, target=f"lead:{used}", at=clock)

        assert titles("dupont") == ["Dupont SA", "Escalier, maison Dupont", "Balcon Dupont"]

    def test_shows_so_many_of_each_kind(self, titles: Titles, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        for number in range(4):
            make_lead(seller, clock, f"Dupont {number}")
        do(seller, add_party, draft=PartyDraft(PartyKind.COMPANY, "Dupont SA"), at=clock)

        assert len(titles("dupont", limit=8, per_kind=2)) == 3

    def test_finds_the_new_text_of_what_was_changed(self, titles: Titles, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        lead_id = make_lead(seller, clock, "Balcon")
        do(seller, edit_lead, lead_id=lead_id, values={"name": "Verrière"}, expected_version=1, at=clock)

        assert (titles("balcon"), titles("verriree")) == ([], ["Verrière"])

    def test_finds_opportunities_by_their_company(self, titles: Titles, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        party = do(seller, add_party, draft=PartyDraft(PartyKind.COMPANY, "Dupont SA"), at=clock)
        do(seller, add_opportunity, draft=OpportunityDraft("Portail", party), at=clock)

        assert titles("dupont") == ["Dupont SA", "Portail"]

    @pytest.mark.usefixtures("database")
    def test_finds_nothing_for_short_or_empty_words_without_trouble(self, titles: Titles) -> None:
        assert [titles(typed) for typed in ("", " ", "a", "'", '"', "%", "_", "\\", "((", "*")] == [[]] * 10


class TestWhatAPersonMaySee:
    def test_is_asked_of_each_kind(self, titles: Titles, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        make_lead(seller, clock, "Escalier Dupont")
        do(seller, add_party, draft=PartyDraft(PartyKind.COMPANY, "Dupont SA"), at=clock)

        seen = {role: set(titles("dupont", role)) for role in Role}

        everything, companies, nothing = {"Escalier Dupont", "Dupont SA"}, {"Dupont SA"}, set[str]()
        assert seen == {
            Role.ADMINISTRATOR: everything,
            Role.MANAGER: everything,
            Role.SALES: everything,
            Role.ANALYST: everything,
            Role.PURCHASING: companies,
            Role.ACCOUNTANT: companies,
            Role.WAREHOUSE: nothing,
            Role.HR: nothing,
        }

    def test_is_asked_of_each_record(self, titles: Titles, people: People, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        assert seller.user_id is not None
        own = replace(seller, owners={READ: frozenset({seller.user_id})})
        with_free = replace(seller, owners={READ: frozenset({seller.user_id, NO_OWNER})})
        make_lead(seller, clock, "Dupont à moi")
        make_lead(manager, clock, "Dupont de la direction")
        make_lead(manager, clock, "Dupont à personne", owner_id=None)

        assert titles("dupont", own) == ["Dupont à moi"]
        assert set(titles("dupont", with_free)) == {"Dupont à moi", "Dupont à personne"}
        assert titles("direktion", own) == []

    def test_follows_a_record_that_changes_hands(self, titles: Titles, people: People, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        assert seller.user_id is not None
        own = replace(seller, owners={READ: frozenset({seller.user_id})})
        lead_id = make_lead(seller, clock, "Dupont")
        do(seller, remember_use, target=f"lead:{lead_id}", at=clock)
        do(manager, assign_leads, lead_ids=[lead_id], owner_id=manager.user_id, at=clock)

        assert titles("dupont", own) == []
        assert ask(own, recent_records, by=own) == []
        assert ask(own, titles_of, places=[("lead", lead_id)], by=own) == {}

    def test_is_asked_of_each_field(self, titles: Titles, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        hidden = replace(seller, hidden=frozenset({"lead.phone", "lead.company_name", "lead.expected_amount"}))
        make_lead(
            seller, clock, "Balcon", phone="021 555 01 42", company_name="Dupont SA", city="Vevey",
            expected_amount=Decimal(48600),
        )  # fmt: skip

        assert [titles(typed, hidden) for typed in ("55501", "dupont", "dupomt", "48'600")] == [[], [], [], []]
        [by_city] = found("vevey", hidden)
        assert (by_city.title, by_city.subtitle) == ("Balcon", "")

    def test_shows_no_record_whose_name_is_hidden(self, titles: Titles, people: People, clock: datetime) -> None:
        hidden = replace(people[Role.SALES], hidden=frozenset({"lead.name"}))
        make_lead(people[Role.SALES], clock, "Balcon", city="Vevey")

        assert (titles("balcon", hidden), titles("vevey", hidden)) == ([], [])

    def test_does_not_hide_fields_of_other_kinds(self, titles: Titles, people: People, clock: datetime) -> None:
        hidden = replace(people[Role.SALES], hidden=frozenset({"party.name"}))
        make_lead(people[Role.SALES], clock, "Balcon")

        assert titles("balcon", hidden) == ["Balcon"]


class TestNotesAndFiles:
    def test_are_found_by_those_who_reach_their_record(self, people: People, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        assert manager.user_id is not None
        lead_id = make_lead(seller, clock, "Balcon")
        do(seller, write_note, kind="lead", record_id=lead_id, text="Veut du laiton patiné", at=clock)
        narrow = replace(manager, owners={READ: frozenset({manager.user_id})})

        [note] = found("laiton", manager)

        assert (note.kind, note.parent_kind, note.parent_id) == ("note", "lead", lead_id)
        assert (found("laiton", narrow), found("laiton", people[Role.PURCHASING])) == ([], [])

    def test_are_found_by_name_until_they_are_taken_off(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        lead_id = make_lead(seller, clock, "Balcon")
        file_id = do(
            seller, attach_file, kind="lead", record_id=lead_id, name="Offre signée.pdf", content=b"%PDF-1.4 x",
            at=clock,
        )  # fmt: skip
        before = [hit.title for hit in found("signee", seller)]
        do(seller, detach_file, file_id=file_id, at=clock)

        assert (before, found("signee", seller)) == (["Offre signée.pdf"], [])


class TestLearnWords:
    def test_forgets_words_that_are_gone(self, titles: Titles, people: People, clock: datetime, system: Actor) -> None:
        seller = people[Role.SALES]
        lead_id = make_lead(seller, clock, "Balcon")
        do(seller, edit_lead, lead_id=lead_id, values={"name": "Verrière"}, expected_version=1, at=clock)

        assert do(system, learn_words, at=clock) == 1
        assert titles("verriere") == titles("verirere") == ["Verrière"]


class TestRecentTargets:
    def test_are_the_persons_own_last_used_first(self, people: People, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        for minute, target in enumerate(["page:/a", "page:/b", "page:/a"]):
            do(seller, remember_use, target=target, at=clock + timedelta(minutes=minute))

        assert ask(seller, recent_targets, by=seller) == ["page:/a", "page:/b"]
        assert ask(manager, recent_targets, by=manager) == []

    def test_are_at_most_fifty(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        for minute in range(KEPT + 3):
            do(seller, remember_use, target=f"page:/{minute}", at=clock + timedelta(minutes=minute))

        kept = ask(seller, recent_targets, by=seller)

        assert (len(kept), kept[0], kept[-1]) == (KEPT, "page:/52", "page:/3")
