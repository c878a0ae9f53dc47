"""Filters, columns, saved views and merging without one mouse click; the focus is always somewhere."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from app.doors import do
from db.access.rules import Role, system_actor
from db.crm.leads.actions import add_leads
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from tests.browser.conftest import SignIn
from tests.browser.test_day_by_keyboard import is_ready, keeps_focus, press, tab_to
from tests.db.crm.leads.make import make_draft
from tests.serving import Server


@pytest.fixture
def word(server: Server) -> str:
    """A word that only three leads have: two from a fair, one from the site."""
    word = "z" + uuid4().hex[:9]
    at = datetime.now(UTC) - timedelta(hours=1)
    sources = {"A": "Salon", "B": "Salon", "C": "Site"}
    drafts = [make_draft(name=f"{word} {letter}", source=source, received_at=at) for letter, source in sources.items()]
    with server.database():
        do(system_actor(), add_leads, drafts=drafts, import_id=None)
    return word


def open_list(page: Page, word: str) -> None:
    """Open the list of leads by its key and search."""
    page.goto("/ma-journee")
    is_ready(page)
    press(page, "g", "p")
    page.wait_for_url("**/pistes*")
    expect(page.locator(".list tbody tr").first).to_be_visible()
    press(page, "/")
    page.keyboard.type(word)
    expect(page.locator(".list table")).to_have_attribute(
        "data-shown", re.compile(f"q={word}(&|$)")
    )  # not of its beginning
    expect(page.locator(".list tbody tr")).to_have_count(3)
    press(page, "Enter")


class TestList:
    def test_is_filtered_and_shown_in_full_again(self, page: Page, sign_in: SignIn, word: str) -> None:
        sign_in(Role.SALES)
        open_list(page, word)

        press(page, "f")
        tab_to(page, page.locator(".facets").get_by_label("Salon"))
        press(page, "Space")
        expect(page.locator(".list tbody tr")).to_have_count(2)
        keeps_focus(page)
        press(page, "Escape")
        expect(page.locator(".facets")).to_be_hidden()
        keeps_focus(page)
        expect(page.get_by_role("button", name="Retirer le filtre")).to_be_visible()
        tab_to(page, page.get_by_role("button", name="Retirer le filtre"))
        press(page, "Enter")

        expect(page.locator(".list tbody tr")).to_have_count(3)
        keeps_focus(page)

    def test_changes_its_columns(self, page: Page, sign_in: SignIn, word: str) -> None:
        sign_in(Role.SALES)
        open_list(page, word)
        heads = page.locator(".record-table thead th")
        menu = page.locator(".record-tabs details", has=page.locator("summary", has_text="Colonnes"))

        tab_to(page, menu.locator("summary"))
        press(page, "Enter")
        city = menu.get_by_role("checkbox", name="Localité")
        tab_to(page, city)
        press(page, "Space")
        expect(heads.last).to_have_text("Localité")
        expect(city).to_be_focused()
        tab_to(page, menu.get_by_role("button", name=re.compile("à gauche.*Localité")))
        before = heads.count()
        press(page, "Enter")
        expect(heads.nth(before - 2)).to_have_text("Localité")
        keeps_focus(page)
        tab_to(page, city)
        press(page, "Space")
        expect(heads.filter(has_text="Localité")).to_have_count(0)
        expect(city).to_be_focused()
        press(page, "Escape")
        expect(city).to_be_hidden()
        keeps_focus(page)

    def test_keeps_a_view_and_opens_it_again(self, page: Page, sign_in: SignIn, word: str) -> None:
        sign_in(Role.SALES)
        open_list(page, word)

        tab_to(page, page.locator(".tabs summary"))
        press(page, "Enter")
        tab_to(page, page.get_by_label("Nom de la vue"))
        page.keyboard.type(word)
        press(page, "Enter")
        tab = page.locator(".tabs > a", has_text=word)
        expect(tab).to_have_attribute("aria-current", "page")
        keeps_focus(page)
        press(page, "1")
        expect(page.locator(".tabs > a").first).to_have_attribute("aria-current", "page")
        tab_to(page, page.locator(".tabs summary"))
        press(page, "Enter")
        expect(page.locator(".saved-views a", has_text=word)).to_be_focused()
        press(page, "Enter")

        expect(page.locator(".list tbody tr")).to_have_count(3)
        expect(tab).to_have_attribute("aria-current", "page")
        keeps_focus(page)


class TestMerging:
    def test_takes_a_field_from_each_side(self, page: Page, sign_in: SignIn, server: Server) -> None:
        sign_in(Role.MANAGER)
        word = "y" + uuid4().hex[:9]
        with server.database():
            drafts = [
                PartyDraft(PartyKind.COMPANY, f"{word} Traiteur SA", phone="+41 21 777 09 17"),
                PartyDraft(PartyKind.COMPANY, f"Traiteur {word}", email="info@example.ch"),
            ]
            ids: list[UUID] = [do(system_actor(), add_party, draft=draft) for draft in drafts]
        page.goto(f"/doublons/comparer?genre=party&a={ids[0]}&b={ids[1]}")
        is_ready(page)
        name = page.locator("table.side-by-side tbody tr").filter(has_text=word).first.locator("input")
        expect(name.first).to_be_visible()

        tab_to(page, name.first if name.first.is_checked() else name.last)
        press(page, "ArrowRight" if name.first.is_checked() else "ArrowLeft")
        keeps_focus(page)
        press(page, "Control+Enter")

        page.wait_for_url(re.compile("/societes/[0-9a-f]{8}"))
        expect(page.get_by_role("heading", level=1)).to_contain_text(word)
        keeps_focus(page)
