"""A firm is entered twice: said while it is typed, put side by side, merged, and its address leads on."""

import re

from playwright.sync_api import Page, expect

from db.access.rules import Role
from tests.browser.conftest import SignIn

RECORD = re.compile("/societes/[0-9a-f]{8}")


def type_company(page: Page, name: str, phone: str) -> None:
    """Fill in the form of a new company."""
    page.goto("/societes/nouvelle")
    page.locator('.app[data-hydrated="yes"]').wait_for()
    for label, text in (("Nom de la société", name), ("Téléphone", phone), ("NPA", "1800"), ("Localité", "Vevey")):
        page.get_by_label(label).fill(text)


def create(page: Page) -> str:
    """Create what is typed; return its address."""
    page.keyboard.press("Control+Enter")
    page.wait_for_url(RECORD)
    return page.url


class TestDuplicates:
    def test_are_said_found_and_merged(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.MANAGER)
        type_company(page, "Zurbriggen Traiteur SA", "+41 21 777 01 42")
        first = create(page)

        type_company(page, "Traiteur Zurbriggen", "021 777 01 42")
        expect(page.locator(".double")).to_contain_text("Zurbriggen Traiteur SA")
        second = create(page)

        page.goto(f"/doublons/comparer?genre=party&a={first.rsplit('/', 1)[1]}&b={second.rsplit('/', 1)[1]}")
        table = page.locator("table.side-by-side")
        expect(table).to_contain_text("021 777 01 42")
        page.get_by_role("button", name=re.compile("^Fusionner")).click()
        page.wait_for_url(RECORD)
        kept = page.url
        page.goto(second if kept == first else first)
        page.wait_for_url(kept)

    def test_are_looked_for_from_their_page(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.MANAGER)
        page.goto("/doublons")
        page.locator('.app[data-hydrated="yes"]').wait_for()

        page.get_by_role("button", name="Chercher les doublons").click()

        expect(page.get_by_text("Cherchés le").or_(page.get_by_text("Personne n’a encore")).first).to_be_visible()
