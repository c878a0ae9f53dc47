"""Ctrl-K in the built product: what is typed, what is chosen by keyboard only, and who finds nothing."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from app.doors import do
from db.access.rules import Role, system_actor
from db.crm.leads.actions import add_leads
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from tests.browser.conftest import SignIn
from tests.db.crm.leads.make import make_draft
from tests.serving import Server


@pytest.fixture
def company(server: Server) -> str:
    """A company with a name that no other test has."""
    name = "Palettier Œuvray SA"
    with server.database():
        do(system_actor(), add_party, draft=PartyDraft(PartyKind.COMPANY, name))
    return name


@pytest.fixture
def lead_id(server: Server) -> UUID:
    """A lead with a phone number."""
    at = datetime.now(UTC) - timedelta(hours=1)
    draft = make_draft(name="Rampe palettisée", phone="+41 21 987 65 43", expected_amount=Decimal(10), received_at=at)
    with server.database():
        made: list[UUID] = do(system_actor(), add_leads, drafts=[draft], import_id=None)
    return made[0]


def typed(page: Page, words: str) -> Locator:
    """Open the palette and type; return the options."""
    page.goto("/ma-journee")
    expect(page.locator(".app")).to_have_attribute("data-hydrated", "yes")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Chercher ou agir")
    expect(box).to_be_focused()
    box.fill(words)
    return page.locator("dialog.pal").get_by_role("option")


class TestPalette:
    @pytest.mark.usefixtures("company")
    def test_opens_a_form_for_a_company_by_keyboard(self, page: Page, sign_in: SignIn, company: str) -> None:
        sign_in(Role.SALES)

        options = typed(page, "nouvelle affaire pour paletier oeuvray")
        expect(options.first).to_contain_text(f"Nouvelle affaire pour {company}")
        page.keyboard.press("Enter")

        expect(page).to_have_url(re.compile("/affaires/nouvelle"))
        expect(page.get_by_role("combobox", name="Société ou personne")).to_have_value(company)

    def test_finds_a_fragment_of_a_phone_and_shows_it_first_the_next_time(
        self, page: Page, sign_in: SignIn, lead_id: UUID
    ) -> None:
        sign_in(Role.SALES)

        expect(typed(page, "987 65 43").first).to_contain_text("Rampe palettisée")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(str(lead_id)))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Rampe palettisée")

        page.keyboard.press("Control+k")
        expect(page.locator("dialog.pal").get_by_role("option").first).to_contain_text("Rampe palettisée")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Chercher ou agir")).to_be_hidden()

    @pytest.mark.usefixtures("company", "lead_id")
    def test_offers_nothing_to_who_may_see_nothing(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.WAREHOUSE)

        options = typed(page, "palettier")

        expect(page.get_by_text("Rien de ce que vous pouvez voir ne contient « palettier ».")).to_be_visible()
        expect(options).to_have_count(0)
