"""Noting a call at the desk, by `/appel`: whom, what it ended in, save; and what is not accepted."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from db.access.rules import Actor, Role, system_actor
from db.crm.leads.actions import create_lead
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import LeadDraft
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.undo.actions import remove_record
from tests.browser.conftest import SignIn
from tests.serving import Server


@pytest.fixture
def seller(sign_in: SignIn) -> Actor:
    """A seller who has signed in."""
    return Actor(sign_in(Role.SALES, name="Nadia Ferrari"), "Nadia Ferrari", frozenset({Role.SALES}))


def make_lead(server: Server, seller: Actor, name: str) -> UUID:
    with server.database():
        lead_id: UUID = do(seller, create_lead, draft=LeadDraft(name=name, received_at=datetime.now(UTC)))
    return lead_id


def choose(page: Page, typed: str, name: str) -> None:
    """Look for somebody and take her."""
    page.goto("/appel")
    page.get_by_role("searchbox", name="Qui avez-vous appelé ?").fill(typed)
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("button", name="Enregistrer l’appel")).to_be_visible()


class TestCall:
    def test_gives_a_lead_its_outcome_and_the_next_step(self, page: Page, server: Server, seller: Actor) -> None:
        lead_id = make_lead(server, seller, "Escalier Chappatte")

        choose(page, "chapatte", "Escalier Chappatte")
        page.get_by_text("À rappeler").click()
        page.get_by_label("Ce qui s’est dit").fill("Veut deux variantes")
        page.get_by_role("button", name="Enregistrer l’appel").click()

        page.wait_for_url(f"**/pistes/{lead_id}")
        expect(page.get_by_text("À rappeler. Veut deux variantes").first).to_be_visible()
        with server.database():
            detail = ask(seller, lead_detail, lead_id=lead_id, by=seller)
        assert (detail.next_step, detail.exchanges) == ("Rappeler", 1)

    def test_with_a_company_stands_in_its_story(self, page: Page, server: Server, seller: Actor) -> None:
        with server.database():
            draft = PartyDraft(PartyKind.COMPANY, "Fonderie Zwahlen SA")
            party_id: UUID = do(system_actor(), add_party, draft=draft)

        choose(page, "zwahlen", "Fonderie Zwahlen SA")
        page.get_by_text("Message laissé").click()
        page.get_by_role("button", name="Enregistrer l’appel").click()

        page.wait_for_url(f"**/societes/{party_id}")
        expect(page.get_by_text("Appel : Message laissé").first).to_be_visible()

    def test_is_noted_by_keyboard_alone(self, page: Page, server: Server, seller: Actor) -> None:
        lead_id = make_lead(server, seller, "Véranda Oberson")
        page.goto("/appel")
        expect(page.get_by_role("searchbox", name="Qui avez-vous appelé ?")).to_be_focused()

        page.keyboard.type("oberson")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Joint")).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type("Essayer lundi")
        page.keyboard.press("Control+Enter")

        page.wait_for_url(f"**/pistes/{lead_id}")
        expect(page.get_by_text("Pas de réponse. Essayer lundi").first).to_be_visible()

    def test_says_that_nobody_has_the_name_and_goes_back(self, page: Page, server: Server, seller: Actor) -> None:
        make_lead(server, seller, "Verrière Pittet")
        page.goto("/appel")
        box = page.get_by_role("searchbox", name="Qui avez-vous appelé ?")

        box.fill("xqzwv")
        expect(page.get_by_text("Personne à ce nom.")).to_be_visible()
        box.fill("pittet")
        page.get_by_role("button", name="Verrière Pittet").click()
        page.get_by_role("button", name="Verrière Pittet").click()

        expect(page.get_by_role("searchbox", name="Qui avez-vous appelé ?")).to_be_focused()

    def test_refuses_a_lead_that_is_gone_and_keeps_the_words(self, page: Page, server: Server, seller: Actor) -> None:
        lead_id = make_lead(server, seller, "Barrière Gremaud")
        choose(page, "gremaud", "Barrière Gremaud")
        page.get_by_label("Ce qui s’est dit").fill("Trois portails")
        with server.database():
            do(system_actor(), remove_record, table="lead", record_id=lead_id)

        page.get_by_role("button", name="Enregistrer l’appel").click()

        expect(page.locator(".toast.error")).to_be_visible()
        expect(page.get_by_label("Ce qui s’est dit")).to_have_value("Trois portails")
