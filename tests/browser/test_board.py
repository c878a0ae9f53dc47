"""The board: a card goes on by a key or the menu, and says what its new stage still wants."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from app.doors import ask, do, now
from db.access.rules import Role, system_actor
from db.crm.opportunities.actions import add_opportunity
from db.crm.opportunities.rules import OpportunityDraft
from db.crm.pipelines.actions import begin_pipelines
from db.crm.pipelines.queries import pipelines
from db.parties.actions import add_contact, add_party
from db.parties.rules import PartyDraft, PartyKind
from tests.browser.conftest import SignIn
from tests.serving import Server


@pytest.fixture
def deal(server: Server) -> str:
    """An opportunity at the first stage, with a company that has a contact; its name."""
    name = "k" + uuid4().hex[:9]
    with server.database():
        company = do(system_actor(), add_party, draft=PartyDraft(PartyKind.COMPANY, f"Atelier {name} SA"))
        person = do(system_actor(), add_party, draft=PartyDraft(PartyKind.PERSON, f"Ingrid {name}"))
        do(system_actor(), add_contact, company_id=company, person_id=person, function="Achats")
        do(system_actor(), begin_pipelines)
        do(system_actor(), add_opportunity, draft=OpportunityDraft(name, company, expected_amount=Decimal(9_000_000)))
    return name


def drag(page: Page, what: Locator, onto: Locator) -> None:
    """Drag with the mouse as a hand does: press, go there, arrive, let go."""
    what.hover()
    page.mouse.down()
    onto.hover()
    onto.hover()  # a browser tells a target of a drag only once the pointer moves above it
    page.mouse.up()


class TestBoard:
    def test_brings_a_card_on_and_asks_for_what_is_missing(self, page: Page, sign_in: SignIn, deal: str) -> None:
        sign_in(Role.SALES)
        page.goto("/affaires/tableau")
        card = page.get_by_role("article", name=deal)
        expect(card).to_be_visible()

        card.focus()
        page.keyboard.press("e")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("Cette étape demande encore")).to_be_visible()
        dialog.get_by_role("button", name="Déplacer").click()
        expect(dialog.get_by_text("« Besoin clarifié » demande la prochaine étape.")).to_be_visible()
        dialog.get_by_label("Contact").select_option(label=f"Ingrid {deal}")
        dialog.locator("[name=next_step]").fill("Visiter le chantier")
        dialog.locator("[name=next_step_date]").fill(f"{now() + timedelta(days=3):%Y-%m-%d}")
        dialog.get_by_role("button", name="Déplacer").click()

        expect(dialog).to_have_count(0)
        second = page.get_by_role("region", name="Besoin clarifié")
        expect(second.get_by_role("article", name=deal)).to_contain_text("Visiter le chantier")

    def test_takes_a_card_that_is_dragged_with_the_mouse(self, page: Page, sign_in: SignIn, deal: str) -> None:
        sign_in(Role.SALES)
        page.goto("/affaires/tableau")
        card = page.get_by_role("article", name=deal)
        second = page.get_by_role("region", name="Besoin clarifié")
        expect(card).to_have_attribute("draggable", "true")

        drag(page, card.locator(".card-name"), second.get_by_role("heading"))
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("Cette étape demande encore")).to_be_visible()
        expect(dialog.locator("[name=next_step_date]")).not_to_have_value("")  # a day is proposed
        dialog.get_by_label("Contact").select_option(label=f"Ingrid {deal}")
        dialog.locator("[name=next_step]").fill("Rappeler")
        dialog.get_by_role("button", name="Déplacer").click()

        expect(dialog).to_have_count(0)
        expect(second.get_by_role("article", name=deal)).to_contain_text("Rappeler")
        page.reload()
        expect(second.get_by_role("article", name=deal)).to_contain_text("Rappeler")

    def test_marks_a_card_without_a_next_step(self, page: Page, sign_in: SignIn, deal: str) -> None:
        sign_in(Role.SALES)
        page.goto("/affaires/tableau")

        expect(page.get_by_role("article", name=deal).get_by_text("sans prochaine étape")).to_have_class("el amb")

    def test_sends_a_card_by_its_menu_and_leaves_it_when_nothing_is_given(
        self, page: Page, sign_in: SignIn, deal: str
    ) -> None:
        sign_in(Role.SALES)
        page.goto("/affaires/tableau")
        card = page.get_by_role("article", name=deal)
        card.hover()
        card.get_by_label("Amener à…").select_option(label="Devis envoyé")

        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("Signature attendue le")).to_be_visible()
        dialog.get_by_role("button", name="Ne rien faire").click()

        first = page.get_by_role("region", name="Contact")
        expect(first.get_by_role("article", name=deal)).to_be_visible()


class TestStages:
    def test_are_set_up_and_refused_in_words(self, page: Page, sign_in: SignIn, server: Server, deal: str) -> None:
        sign_in(Role.MANAGER)
        page.goto("/reglages/ventes")
        with server.database():
            before = len(ask(system_actor(), pipelines))
        page.get_by_role("button", name="Ajouter un parcours").click()
        expect(page.get_by_role("heading", name="Nouveau parcours")).to_be_visible()
        form = page.locator("form:has([name=pipeline_id])").last
        form.get_by_label("Nom du parcours").fill(f"Service {deal}")
        form.get_by_label("Probabilité, %").first.fill("120")
        form.get_by_role("button", name="Enregistrer").click()
        expect(form.get_by_text("La probabilité d’une étape va de 1 à 99 %.")).to_be_visible()

        form.get_by_label("Probabilité, %").first.fill("20")
        form.get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_text("Parcours enregistré.")).to_be_visible()
        with server.database():
            assert len(ask(system_actor(), pipelines)) == before + 1


class TestForecast:
    def test_takes_a_target(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.MANAGER)
        page.goto("/affaires/previsions")
        page.get_by_label("Objectif (CHF)").fill("beaucoup")
        page.get_by_role("button", name="Fixer l’objectif").click()
        expect(page.get_by_role("alert").first).to_be_visible()

        page.get_by_label("Objectif (CHF)").fill("50'000")
        page.get_by_role("button", name="Fixer l’objectif").click()
        expect(page.get_by_text("objectif 50'000.00").first).to_be_visible()
