"""Writing entries without a mouse, and taking one back as the law wants it."""

from datetime import date, datetime

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from app.text import SWITZERLAND
from db.access.rules import Role, system_actor
from db.ledger.accounts.actions import create_chart
from db.ledger.entries.queries import newest_entries
from db.ledger.periods.actions import add_fiscal_year
from db.ledger.periods.queries import fiscal_years
from db.ledger.reports.queries import trial_balance
from tests.browser.conftest import SignIn
from tests.serving import Server

TODAY = datetime.now(SWITZERLAND).date()


@pytest.fixture
def books(server: Server) -> None:
    """A chart, and this year."""
    with server.database():
        do(system_actor(), create_chart)
        if not ask(system_actor(), fiscal_years):
            do(system_actor(), add_fiscal_year, first_date=date(TODAY.year, 1, 1), last_date=date(TODAY.year, 12, 31))


def open_screen(page: Page) -> None:
    """Open the entry screen; the date has the focus."""
    page.goto("/saisie")
    expect(page.locator("#ep-date")).to_be_focused()


def keys(page: Page, *steps: str) -> None:
    """Press keys and type texts, each once the field named before it (`cell|what`) has the focus."""
    for step in steps:
        cell, _, what = step.partition("|")
        expect(page.locator(f'[data-cell="{cell}"]')).to_be_focused()
        page.keyboard.press("Enter") if not what else page.keyboard.type(what)
        if what:
            page.keyboard.press("Enter")


THREE_LINES = (
    "head:date|", "head:document|K-7", "head:text|Vente au comptoir",
    "0:account|1020", "0:text|", "0:debit|108.10", "0:contra|",
    "1:account|3400", "1:text|", "1:debit|", "1:credit|100", "1:contra|",
    "2:account|2200", "2:text|", "2:debit|",
)  # fmt: skip


@pytest.mark.usefixtures("books")
class TestEntryScreen:
    def test_posts_three_lines_without_a_mouse(self, page: Page, sign_in: SignIn, server: Server) -> None:
        sign_in(Role.ACCOUNTANT)
        open_screen(page)
        keys(page, *THREE_LINES)
        expect(page.locator('[data-cell="2:credit"]')).to_be_focused()
        page.keyboard.press("Enter")  # takes the difference
        expect(page.get_by_role("status", name="Écart")).to_contain_text("équilibrée")

        page.keyboard.press("Control+Enter")

        expect(page.locator(".ep-foot")).to_contain_text("Comptabilisée sous E-")
        expect(page.locator("#ep-date")).to_be_focused()
        expect(page.locator('[data-cell="0:account"]')).to_have_value("")
        with server.database():
            newest = ask(system_actor(), newest_entries, most=1)[0]
            rows = ask(system_actor(), trial_balance, on=date(TODAY.year, 12, 31)).rows
        assert (newest.text, f"{newest.total:.2f}") == ("Vente au comptoir", "108.10")
        assert {"1020", "2200", "3400"} <= {one.number for one in rows}

    def test_finds_an_account_by_a_word_and_says_beside_the_field_what_is_missing(
        self, page: Page, sign_in: SignIn
    ) -> None:
        sign_in(Role.ACCOUNTANT)
        open_screen(page)
        keys(page, "head:date|", "head:document|", "head:text|", "0:account|loyer")
        expect(page.locator('[data-cell="0:account"]')).to_have_value("6000")
        page.keyboard.press("Control+Enter")

        expect(page.locator("#ep-text-error")).to_contain_text("Donnez un libellé")
        expect(page.locator("#ep-0-debit-error")).to_contain_text("Indiquez un montant")
        expect(page.locator('[data-cell="head:text"]')).to_be_focused()

    def test_keeps_what_is_typed_over_a_reload(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ACCOUNTANT, name="Odile Gardé")
        open_screen(page)
        keys(page, "head:date|", "head:document|", "head:text|Loyer de décembre", "0:account|6000", "0:text|")
        expect(page.locator(".ep-foot")).to_contain_text("Gardé à")

        page.reload()

        expect(page.get_by_text("reprise")).to_be_visible()
        expect(page.locator("#ep-text")).to_have_value("Loyer de décembre")
        expect(page.locator('[data-cell="0:account"]')).to_have_value("6000")


@pytest.mark.usefixtures("books")
class TestReversal:
    def test_from_the_undo_button_of_the_notice_to_the_reversal(
        self, page: Page, sign_in: SignIn, server: Server
    ) -> None:
        sign_in(Role.ACCOUNTANT)
        open_screen(page)
        keys(page, "head:date|", "head:document|", "head:text|Faux compte", "0:account|6500", "0:text|", "0:debit|45")
        expect(page.locator('[data-cell="0:contra"]')).to_be_focused()
        page.keyboard.type("1020")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".ep-foot")).to_contain_text("Comptabilisée sous E-")

        page.get_by_role("button", name="Annuler Z").click()
        dialog = page.get_by_role("dialog", name="Annuler un acte")
        expect(dialog).to_contain_text("ne s’annule pas")
        dialog.get_by_role("link", name="Extourner l’écriture").click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("Faux compte")
        page.get_by_text("Extourner…").click()
        page.locator("input[name=reason]").fill("mauvais compte")
        page.locator("input[name=reason]").press("Enter")

        expect(page.get_by_text("Écriture extournée.")).to_be_visible()
        expect(page.get_by_text("Extournée par").first).to_be_visible()
        with server.database():
            newest = ask(system_actor(), newest_entries, most=1)[0]
        assert newest.text.endswith("mauvais compte")
