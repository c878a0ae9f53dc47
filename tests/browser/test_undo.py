"""Undoing in the browser: from the notice, from the history by somebody else, with conflicts explained."""

from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from app.session import actor_of_user
from db.access.rules import Role, system_actor
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import LeadDraft
from tests.browser.conftest import SignIn
from tests.conftest import NOW
from tests.serving import Server


@pytest.fixture
def lead_id(server: Server) -> UUID:
    """A lead."""
    with server.database():
        made: UUID = do(system_actor(), create_lead, draft=LeadDraft(name="Toiture Mottier", received_at=NOW))
    return made


def change(server: Server, user_id: UUID, lead_id: UUID, **values: str) -> None:
    """Let a person change a lead from elsewhere."""
    with server.database():
        actor = actor_of_user(user_id, via="screen")
        version = ask(actor, lead_detail, lead_id=lead_id, by=actor).row_version
        do(actor, edit_lead, lead_id=lead_id, values=values, expected_version=version)


def open_lead(page: Page, lead_id: UUID) -> None:
    """Open the lead's page."""
    page.goto(f"/pistes/{lead_id}")
    page.locator('.app[data-hydrated="yes"]').wait_for()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Toiture Mottier")


class TestUndo:
    def test_from_the_notice_with_one_key(self, page: Page, sign_in: SignIn, lead_id: UUID) -> None:
        sign_in(Role.SALES)
        open_lead(page, lead_id)
        page.get_by_text("Perdue…").click()
        page.locator("input[name=lost_reason]").fill("trop cher")
        page.locator("input[name=lost_reason]").press("Enter")
        expect(page.get_by_text("Piste perdue.")).to_be_visible()

        page.get_by_role("button", name="Annuler Z").click()

        expect(page.get_by_text("C’est annulé.")).to_be_visible()
        expect(page.get_by_text("Nouvelle").first).to_be_visible()

    def test_from_the_history_by_somebody_else_with_conflicts_explained(
        self, page: Page, sign_in: SignIn, lead_id: UUID, server: Server
    ) -> None:
        nadia = sign_in(Role.SALES, name="Nadia Rochat")
        change(server, nadia, lead_id, city="Vevey", source="Salon")
        change(server, nadia, lead_id, source="Site")
        sign_in(Role.MANAGER, name="Claire Favre")
        open_lead(page, lead_id)

        page.locator(".sect", has_text="Modifications").get_by_role("button", name="Voir").click()
        page.get_by_role("button", name="Annuler…").nth(1).click()
        dialog = page.get_by_role("dialog", name="Annuler un acte")
        expect(dialog).to_contain_text("Nadia Rochat a changé cette valeur le")
        dialog.get_by_role("button", name="Annuler cet acte").click()

        expect(page.get_by_text("Annulé, sauf ce que d’autres ont changé depuis (1).")).to_be_visible()
        with server.database():
            now = ask(system_actor(), lead_detail, lead_id=lead_id, by=system_actor())
        assert (now.city, now.source) == ("", "Site")

    def test_brings_a_removed_record_back(self, page: Page, sign_in: SignIn, lead_id: UUID, server: Server) -> None:
        sign_in(Role.SALES)
        open_lead(page, lead_id)
        page.get_by_role("button", name="Supprimer la fiche").click()
        expect(page.get_by_text("« Toiture Mottier » supprimée.")).to_be_visible()

        page.get_by_role("button", name="Annuler Z").click()

        expect(page.get_by_text("C’est annulé.")).to_be_visible()
        open_lead(page, lead_id)
