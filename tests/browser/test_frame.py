"""The frame in a real browser: navigation, keys, language, theme, history, signing out."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from app.session import actor_of_user
from db.access.people.actions import edit_own_account
from db.access.people.queries import person
from db.access.rules import Role, system_actor
from tests.browser.conftest import SignIn
from tests.serving import Server


def open_page(page: Page, address: str) -> None:
    """Open a page and wait until its data is there."""
    page.goto(address)
    expect(page.locator("[data-hydrated=yes]")).to_be_visible()


class TestNavigation:
    def test_shows_only_what_the_person_may_open(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.WAREHOUSE)
        open_page(page, "/ma-journee")

        nav = page.get_by_role("navigation")
        expect(nav.get_by_role("link", name="Ma journée")).to_be_visible()
        expect(nav.get_by_role("link", name="Historique")).to_have_count(0)
        expect(nav.get_by_role("link", name="Pistes")).to_have_count(0)

    def test_bare_address_leads_to_the_day(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.MANAGER)
        page.goto("/")

        expect(page).to_have_url(re.compile("/ma-journee$"))

    def test_a_page_that_is_not_for_her_leads_away_and_says_so(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.SALES)
        page.goto("/historique")

        expect(page.get_by_text("Vos droits ne permettent pas")).to_be_visible()
        expect(page.get_by_role("table")).to_have_count(0)


class TestKeys:
    def test_fold_the_menu_for_good(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.MANAGER)
        open_page(page, "/ma-journee")
        page.keyboard.press("[")

        expect(page.locator("html")).to_have_attribute("data-nav", "rail")
        open_page(page, "/ma-journee")
        expect(page.locator("nav.nav")).to_have_css("width", "48px")

    def test_lead_to_pages(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ADMINISTRATOR)
        open_page(page, "/ma-journee")
        page.keyboard.press("g")
        page.keyboard.press("h")

        expect(page).to_have_url(re.compile("/historique$"))

    def test_are_listed(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.MANAGER)
        open_page(page, "/ma-journee")
        page.keyboard.press("?")

        keys = page.get_by_role("dialog", name="Raccourcis")
        expect(keys.get_by_text("Replier le menu")).to_be_visible()
        page.keyboard.press("Escape")
        expect(keys).to_be_hidden()

    def test_are_letters_in_a_field(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ADMINISTRATOR)
        open_page(page, "/historique")
        field = page.get_by_label("Jour")
        field.click()
        page.keyboard.type("[d?")

        expect(field).to_have_value("[d?")
        expect(page.locator("html")).not_to_have_attribute("data-nav", "rail")


class TestLanguage:
    def test_changes_every_text_at_once_and_stays(self, page: Page, sign_in: SignIn, server: Server) -> None:
        user_id = sign_in(Role.MANAGER)
        open_page(page, "/ma-journee")
        page.locator("details.person summary").click()
        page.get_by_role("button", name="English").click()

        expect(page.get_by_role("link", name="My day")).to_be_visible()
        open_page(page, "/ma-journee")
        expect(page.get_by_role("heading", name="Late")).to_be_visible()
        with server.database():
            assert ask(system_actor(), person, user_id=user_id).language == "en"

    @pytest.mark.parametrize("theme", ["sombre", "clair"])
    def test_theme_needs_no_round_trip(self, theme: str, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.MANAGER)
        open_page(page, "/ma-journee")
        page.locator("details.person summary").click()
        page.get_by_role("button", name=theme).click()

        expect(page.locator("html")).to_have_class(re.compile({"sombre": "dark", "clair": "light"}[theme]))


class TestHistory:
    def test_tells_before_and_after(self, page: Page, sign_in: SignIn, server: Server) -> None:
        user_id = sign_in(Role.ADMINISTRATOR, name="Anne Avant")
        with server.database():
            do(actor_of_user(user_id), edit_own_account, name="Anne Après", language="fr", expected_version=1)
        open_page(page, "/historique")

        row = page.get_by_role("row").filter(has_text="Modifier son compte").first
        expect(row).to_contain_text("nom : Anne Avant → Anne Après")
        row.get_by_role("link").first.click()
        expect(page.get_by_text("Une seule fiche")).to_be_visible()

    def test_refuses_a_day_that_does_not_exist(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ADMINISTRATOR)
        open_page(page, "/historique")
        page.get_by_label("Jour").fill("31.02.2026")
        page.keyboard.press("Enter")

        expect(page.get_by_text("Ce jour n’existe pas : écrire 24.11.2026.")).to_be_visible()


class TestSigningOut:
    def test_ends_the_session(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.MANAGER)
        open_page(page, "/ma-journee")
        page.locator("details.person summary").click()
        page.get_by_role("button", name="Se déconnecter").click()

        expect(page).to_have_url(re.compile("/connexion"))
        page.goto("/ma-journee")
        expect(page).to_have_url(re.compile("/connexion"))
