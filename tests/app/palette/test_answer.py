"""What the palette offers, to whom."""

import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from app.doors import do
from app.pages import PAGES
from app.palette.answer import answer
from app.palette.visits import record_at, remember_visit
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.crm.leads.rules import LeadDraft
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.recent.actions import remember_use

People = dict[Role, Actor]
Ask = Callable[..., dict[str, list[dict[str, str]]]]


@pytest.fixture(scope="module", autouse=True)
def _screens() -> None:
    for name in PAGES:
        importlib.import_module(name)


@pytest.fixture
def offered(people: People, clock: datetime) -> Ask:
    """What somebody is offered, by group."""

    def ask_palette(typed: str, by: Actor | Role = Role.SALES) -> dict[str, list[dict[str, str]]]:
        actor = people[by] if isinstance(by, Role) else by
        groups = json.loads(answer(actor, typed, clock))["groups"]
        return {group["label"]: group["items"] for group in groups}

    return ask_palette


@pytest.fixture
def lead_id(people: People, clock: datetime) -> UUID:
    """A lead of the salesperson."""
    draft = LeadDraft(
        "Garde-corps quai Ouest", clock, company_name="Chantier naval Bornand", city="Vevey",
        phone="+41 21 555 01 42", owner_id=people[Role.SALES].user_id,
    )  # fmt: skip
    made: UUID = do(people[Role.SALES], create_lead, draft=draft, at=clock)
    return made


@pytest.fixture
def company_id(people: People, clock: datetime) -> UUID:
    """A company."""
    draft = PartyDraft(PartyKind.COMPANY, "Dupont Frères SA", uid="CHE-116.281.710")
    made: UUID = do(people[Role.SALES], add_party, draft=draft, at=clock)
    return made


class TestAnswer:
    def test_finds_pages_that_the_person_may_open(self, offered: Ask) -> None:
        assert [page["href"] for page in offered("histo", Role.MANAGER)["Aller à"]] == ["/historique"]
        assert "Aller à" not in offered("histo", Role.SALES)

    @pytest.mark.usefixtures("lead_id")
    def test_finds_records_by_kind_with_their_page(self, offered: Ask, lead_id: UUID) -> None:
        [lead] = offered("bornand ouest")["Pistes"]

        assert (lead["href"], lead["note"]) == (f"/pistes/{lead_id}", "Chantier naval Bornand · Vevey")

    def test_offers_what_can_be_done_with_the_first_record(self, offered: Ask, lead_id: UUID) -> None:
        [call] = offered("garde-corps")["Agir sur le premier résultat"]

        assert (call["title"], call["href"]) == ("Noter un appel chez Garde-corps quai Ouest", f"/pistes/{lead_id}")

    @pytest.mark.usefixtures("company_id")
    @pytest.mark.parametrize("typed", ["nouvelle piste pour dupont", "piste dupont", "nouvele piste pour Dupond"])
    def test_understands_an_action_about_somebody(self, offered: Ask, typed: str) -> None:
        groups = offered(typed)
        first = groups["Agir"][0]

        assert next(iter(groups)) == "Agir"
        assert first["title"] == "Nouvelle piste pour Dupont Frères SA"
        assert first["href"] == "/pistes/nouvelle?company_name=Dupont+Fr%C3%A8res+SA"

    @pytest.mark.usefixtures("lead_id", "company_id")
    def test_offers_no_action_and_no_record_without_the_right(self, offered: Ask) -> None:
        assert offered("nouvelle piste pour dupont", Role.WAREHOUSE) == {}
        assert offered("bornand", Role.WAREHOUSE) == {}
        assert offered("dupont", Role.ANALYST).keys() == {"Sociétés et personnes"}

    def test_lists_all_actions_after_the_sign_for_them(self, offered: Ask) -> None:
        everything = [item["title"] for item in offered(">")["Agir"]]

        assert {"Nouvelle piste", "Thème sombre", "Langue : English"} <= set(everything)
        assert [item["title"] for item in offered("> sombre")["Agir"]] == ["Thème sombre"]

    @pytest.mark.usefixtures("company_id")
    @pytest.mark.parametrize("typed", ["#CHE-116.281.710", "#116.281", "#116281710", "# CHE116281710"])
    def test_finds_numbers_however_they_are_spaced(self, offered: Ask, typed: str) -> None:
        assert [item["title"] for item in offered(typed)["Sociétés et personnes"]] == ["Dupont Frères SA"]

    def test_computes(self, offered: Ask) -> None:
        assert [item["title"] for item in offered("= 1'200 + 8.1%")["Calcul"]] == ["1'297.20"]

    def test_finds_people_for_those_who_may_read_them(self, offered: Ask) -> None:
        assert [item["title"] for item in offered("warehouse@", Role.MANAGER)["Personnes"]] == ["Warehouse"]
        assert offered("warehouse@", Role.SALES) == {}

    def test_speaks_the_persons_language(self, offered: Ask, people: People) -> None:
        english = replace(people[Role.SALES], language="en")

        assert offered("new lead", english)["Act"][0]["title"] == "New lead"

    def test_shows_first_what_was_used_last_before_anything_is_typed(
        self, offered: Ask, people: People, clock: datetime, lead_id: UUID
    ) -> None:
        seller = people[Role.SALES]
        for minute, target in enumerate(["page:/pistes", f"lead:{lead_id}", "action:new_lead", "page:/historique"]):
            do(seller, remember_use, target=target, at=clock.replace(minute=minute))

        shown = [item["id"] for item in offered("")["Dernières utilisées"]]

        assert shown == ["action:new_lead", f"lead:{lead_id}", "page:/pistes"]


class TestVisits:
    def test_are_remembered_of_records_only(self, offered: Ask, people: People, lead_id: UUID) -> None:
        for path in ("/pistes", f"/pistes/{lead_id}", "/pistes/nouvelle"):
            remember_visit(people[Role.SALES], path)

        assert [item["id"] for item in offered("")["Dernières utilisées"]] == [f"lead:{lead_id}"]
        assert record_at(f"/modeles/{lead_id}") == ""
