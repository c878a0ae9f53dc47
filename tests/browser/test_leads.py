"""A salesperson's and a manager's hour with leads, in the built product."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.doors import do
from db.access.rules import Role, system_actor
from db.crm.leads.actions import add_leads, edit_lead
from tests.browser.conftest import SignIn
from tests.db.crm.leads.make import make_draft
from tests.serving import Server

WORD = "zinguerie"  # only this test's leads have it, whatever else is in the server's database
FIRMS = ("Zinguerie Œuvray", "Zinguerie Bornand", "Zinguerie Chappuis")


@pytest.fixture
def lead_ids(server: Server) -> list[UUID]:
    """Three new leads of known amounts."""
    at = datetime.now(UTC) - timedelta(hours=1)
    drafts = [
        make_draft(name=f"{firm} {at:%H%M%S%f}", expected_amount=Decimal(amount), received_at=at)
        for firm, amount in zip(FIRMS, (300, 100, 200), strict=True)
    ]
    with server.database():
        made: list[UUID] = do(system_actor(), add_leads, drafts=drafts, import_id=None)
    return made


def open_list(page: Page) -> None:
    """Open the list and search for this test's leads, the newest first."""
    page.goto("/pistes?view=all&sort=-received")
    expect(page.locator(".list tbody tr").first).to_be_visible()
    search(page, WORD)
    expect(page.locator(".list tbody tr").first).to_contain_text("Zinguerie")


def search(page: Page, words: str) -> None:
    """Type into the search box and wait until the list has answered."""
    page.get_by_label("Chercher dans la liste").fill(words)
    expect(page).to_have_url(re.compile("q=" + words.split()[0]))
    expect(page.locator(".list table")).to_have_attribute("data-shown", re.compile("q=" + words.split()[0]))
    expect(page.locator(".total:not(.stale)")).to_be_visible()


class TestLeads:
    def test_searches_sorts_opens_edits_and_loses(self, page: Page, sign_in: SignIn, lead_ids: list[UUID]) -> None:
        sign_in(Role.SALES)
        open_list(page)
        search(page, "oeuvray zinguerie")
        expect(page.locator(".list tbody tr").first).to_contain_text("Zinguerie Œuvray")
        page.locator("th.c-amount button").click()
        expect(page.locator("th.c-amount")).to_have_attribute("aria-sort", "descending")
        assert "sort=-amount" in page.url
        assert "q=oeuvray" in page.url

        page.locator(".list tbody tr").first.click()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Zinguerie Œuvray")

        page.keyboard.press("e")
        page.locator("[name=email]").fill("pas une adresse")
        page.locator("[name=expected_amount]").fill("beaucoup")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("n’est pas une adresse e-mail")).to_be_visible()
        expect(page.get_by_text("n’est pas un nombre")).to_be_visible()
        assert page.locator("[name=email]").input_value() == "pas une adresse"

        page.locator("[name=email]").fill("atelier@zinguerie.example")
        page.locator("[name=expected_amount]").fill("1'234.50")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".lead-main")).to_contain_text("1'234.50")

        page.get_by_text("Perdue…").click()
        page.locator("[name=lost_reason]").fill("trop cher")
        page.locator(".menu .danger").click()
        expect(page.locator(".main > .head .tag")).to_have_text("Perdue")
        expect(page.locator(".lead-side")).to_contain_text("Piste perdue : trop cher")

    def test_says_who_was_faster_and_saves_what_only_one_changed(
        self, page: Page, sign_in: SignIn, lead_ids: list[UUID], server: Server
    ) -> None:
        sign_in(Role.SALES)
        page.goto(f"/pistes/{lead_ids[0]}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Zinguerie")
        page.keyboard.press("e")
        page.locator("[name=source]").fill("Salon nautique")
        with server.database():
            given = {"lead_id": lead_ids[0], "values": {"city": "Nyon"}, "expected_version": 1}
            do(system_actor(), edit_lead, **given)

        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status")).to_contain_text("Boussole a modifié entre-temps : Localité")
        expect(page.locator(".lead-main")).to_contain_text("Salon nautique")
        expect(page.locator(".lead-main")).to_contain_text("Nyon")

    def test_chooses_with_the_keyboard_and_loses_many(self, page: Page, sign_in: SignIn, lead_ids: list[UUID]) -> None:
        sign_in(Role.SALES)
        open_list(page)
        page.locator(".list").focus()
        page.keyboard.press("x")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.locator(".bulk b")).to_have_text("2 choisies")

        page.get_by_role("button", name="Perdues…").click()
        page.get_by_label("Motif de la perte").fill("sans réponse")
        page.get_by_role("button", name="Vérifier").click()
        expect(page.locator(".bulk .told")).to_contain_text("2\xa0fiches, 0\xa0refusée")
        page.get_by_role("button", name="Confirmer (2)").click()
        expect(page.get_by_text("2 pistes perdues.")).to_be_visible()
        expect(page.locator(".list tbody tr").first.locator(".st.lost")).to_be_visible()

    def test_looks_beside_the_list_without_leaving_it(self, page: Page, sign_in: SignIn, lead_ids: list[UUID]) -> None:
        sign_in(Role.SALES)
        open_list(page)
        page.locator(".list").focus()
        page.keyboard.press(" ")
        expect(page.locator(".peek")).to_contain_text("Chance de signer")

        page.keyboard.press("Escape")
        expect(page.locator(".peek")).to_have_count(0)

    def test_saves_a_view_as_a_tab(self, page: Page, sign_in: SignIn, lead_ids: list[UUID]) -> None:
        sign_in(Role.SALES)
        open_list(page)
        page.locator(".tabs summary").click()
        page.get_by_label("Nom de la vue").fill("Zingueries")
        page.get_by_role("button", name="Enregistrer cette vue").click()
        expect(page.get_by_role("link", name="Zingueries")).to_have_attribute("aria-current", "page")

        page.goto("/pistes")
        page.get_by_role("link", name="Zingueries").click()
        expect(page.locator(".list tbody tr").first).to_contain_text("Zinguerie")

    def test_exports_what_the_list_shows(self, page: Page, sign_in: SignIn, lead_ids: list[UUID]) -> None:
        sign_in(Role.SALES)
        open_list(page)
        total = page.locator(".total").inner_text().split("\xa0")[0]
        page.get_by_text("Exporter").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()

        content = download.value.path().read_bytes().decode("utf-8")
        assert content.startswith("\ufeffPiste;Société;")
        assert len(content.splitlines()) == int(total) + 1

    def test_an_analyst_reads_but_has_no_deeds(self, page: Page, sign_in: SignIn, lead_ids: list[UUID]) -> None:
        sign_in(Role.ANALYST)
        page.goto(f"/pistes/{lead_ids[0]}")

        expect(page.get_by_role("heading", level=1)).to_contain_text("Zinguerie")
        expect(page.get_by_role("button", name="Modifier")).to_have_count(0)
        expect(page.get_by_text("Convertir")).to_have_count(0)
