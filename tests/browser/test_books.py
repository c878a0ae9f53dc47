"""What the books say on the screen: open items, the statement of an account, periods, and the same as files."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from app.doors import ask
from db.access.rules import Role, system_actor
from db.ledger.accounts.queries import chart
from db.ledger.entries.rules import EntryDraft
from tests.browser.conftest import SignIn
from tests.browser.test_entries import TODAY
from tests.db.ledger.books import customer, open_books, post, simple
from tests.serving import Server, serving

YEAR = TODAY.year
LONG_AGO = TODAY - timedelta(days=45)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation of its own, with a chart and the years around today: months are closed here."""
    with serving(tmp_path_factory.mktemp("books")) as running:
        with running.database():
            open_books(system_actor(), first=date(YEAR - 1, 1, 1), last=date(YEAR - 1, 12, 31))
            open_books(system_actor(), first=date(YEAR, 1, 1), last=date(YEAR, 12, 31))
        yield running


@pytest.fixture
def accounts(server: Server) -> dict[str, UUID]:
    """The accounts by number."""
    with server.database():
        return {one.number: one.account_id for one in ask(system_actor(), chart)}


def owed(accounts: dict[str, UUID], party: UUID, amount: str, on: date, *, side: str = "1100") -> EntryDraft:
    """Return an entry by which a party owes us (or we owe a party)."""
    debit, credit = (side, "3200") if side == "1100" else ("4200", side)
    draft = simple(accounts, debit, credit, amount, on, "Facture")
    lines = [
        replace(line, party_id=party, document="F-77") if line.account_id == accounts[side] else line
        for line in draft.lines
    ]
    return EntryDraft(draft.entry_date, draft.text, tuple(lines), "F-77")


def row_of(page: Page, name: str) -> Locator:
    return page.locator("tbody tr", has=page.get_by_role("button", name=name))


class TestOpenItems:
    def test_are_shown_by_age_and_told_equal_to_the_books(
        self, page: Page, sign_in: SignIn, server: Server, accounts: dict[str, UUID]
    ) -> None:
        with server.database():
            party = customer(system_actor(), "Menuiserie Favre SA")
            post(system_actor(), owed(accounts, party, "1240.50", LONG_AGO))
        sign_in(Role.ACCOUNTANT)
        page.goto("/postes-ouverts")
        expect(row_of(page, "Menuiserie Favre SA").locator("td").nth(3)).to_have_text("1'240.50")  # 31 à 60 jours
        expect(page.locator("thead th").nth(3)).to_have_text("31 à 60\xa0jours")
        expect(page.get_by_text("Égal aux comptes collectifs, au centime.")).to_be_visible()

        page.get_by_role("button", name="Menuiserie Favre SA").click()

        line = page.locator(".of-party tbody tr")
        expect(line).to_have_count(1)
        expect(line).to_contain_text("F-77")
        expect(line).to_contain_text("45\xa0jours")
        expect(page.get_by_role("button", name="Lettrer")).to_have_count(0)  # nothing to settle it with

    def test_settle_each_other(self, page: Page, sign_in: SignIn, server: Server, accounts: dict[str, UUID]) -> None:
        with server.database():
            party = customer(system_actor(), "Garage du Lac SA")
            bill = owed(accounts, party, "100", LONG_AGO)
            paid = simple(accounts, "1020", "1100", "100", TODAY, "Paiement")
            post(system_actor(), bill)
            lines = (paid.lines[0], replace(paid.lines[1], party_id=party))
            post(system_actor(), EntryDraft(TODAY, "Paiement", lines))
        sign_in(Role.ACCOUNTANT)
        page.goto("/postes-ouverts")
        page.get_by_role("button", name="Garage du Lac SA").click()
        expect(page.locator(".of-party tbody tr")).to_have_count(2)

        page.get_by_role("button", name="Lettrer").click()

        expect(page.get_by_text(re.compile("lettrages? faits?"))).to_be_visible()
        expect(row_of(page, "Garage du Lac SA")).to_have_count(0)

    def test_of_suppliers_stand_on_their_own(
        self, page: Page, sign_in: SignIn, server: Server, accounts: dict[str, UUID]
    ) -> None:
        with server.database():
            party = customer(system_actor(), "Inoxal AG")
            post(system_actor(), owed(accounts, party, "80", TODAY, side="2000"))
        sign_in(Role.ACCOUNTANT)
        page.goto("/postes-ouverts")
        expect(page.get_by_role("link", name="Clients")).to_have_attribute("aria-current", "page")
        expect(row_of(page, "Inoxal AG")).to_have_count(0)

        page.get_by_role("link", name="Fournisseurs").click()

        expect(row_of(page, "Inoxal AG").locator("td").last).to_have_text("80.00")

    def test_on_an_earlier_day_are_those_of_then(
        self, page: Page, sign_in: SignIn, server: Server, accounts: dict[str, UUID]
    ) -> None:
        with server.database():
            post(system_actor(), owed(accounts, customer(system_actor(), "Avant SA"), "50", TODAY))
        sign_in(Role.ACCOUNTANT)
        page.goto("/postes-ouverts")
        expect(row_of(page, "Avant SA")).to_have_count(1)

        page.get_by_label("Au", exact=True).fill(f"01.01.{YEAR - 1}")
        page.get_by_role("button", name="Afficher").click()

        expect(page.get_by_text("Rien n’est ouvert à cette date.")).to_be_visible()


class TestStatement:
    def test_begins_with_what_was_there_and_ends_with_what_is(
        self, page: Page, sign_in: SignIn, server: Server, accounts: dict[str, UUID]
    ) -> None:
        with server.database():
            post(system_actor(), simple(accounts, "1010", "3200", "700", date(YEAR - 1, 6, 1), "L’an dernier"))
            post(system_actor(), simple(accounts, "1010", "3200", "30.20", date(YEAR, 1, 5), "Vente"))
            post(system_actor(), simple(accounts, "6500", "1010", "10", date(YEAR, 1, 6), "Timbres"))
        sign_in(Role.ACCOUNTANT)
        page.goto(f"/comptes/{accounts['1010']}/extrait")
        expect(page.get_by_role("heading", level=1)).to_contain_text("1010")
        lines = page.locator("table.books tbody tr")
        expect(lines).to_have_count(3)
        expect(lines.nth(0)).to_contain_text("700.00")
        expect(lines.nth(1).locator("td").last).to_have_text("730.20")
        expect(lines.nth(2).locator("td").nth(4)).to_have_text("10.00")
        expect(page.locator("table.books tfoot td").last).to_have_text("720.20")

        page.get_by_label("Au", exact=True).fill(f"05.01.{YEAR}")
        page.get_by_role("button", name="Afficher").click()
        expect(lines).to_have_count(2)
        expect(page.locator("table.books tfoot td").last).to_have_text("730.20")
        lines.nth(1).get_by_role("link").click()

        expect(page.get_by_role("heading", level=1)).to_contain_text("Vente")

    def test_of_an_account_that_is_none_says_so(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ACCOUNTANT)

        page.goto("/comptes/018f0000-0000-7000-8000-000000000000/extrait")

        expect(page.get_by_text("Ce compte n’existe pas ou plus.")).to_be_visible()


class TestPeriods:
    def test_are_closed_and_opened_again_for_a_reason(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ACCOUNTANT, name="Odile Livres")
        page.goto("/reglages/comptabilite")
        february = page.locator("li", has_text=f"février {YEAR - 1}")
        expect(february).to_contain_text("Ouverte")
        february.get_by_role("button", name="Fermer").click()
        expect(february).to_contain_text("Fermée")
        expect(february).to_contain_text("Odile Livres")
        expect(page.locator("li", has_text=f"janvier {YEAR - 1}")).to_contain_text("Fermée")  # and those before

        february.get_by_role("button", name="Rouvrir…").click()
        february.get_by_role("button", name="Rouvrir", exact=True).click()
        expect(february.get_by_role("alert")).to_be_visible()
        page.get_by_label("Motif").fill("Facture oubliée")
        february.get_by_role("button", name="Rouvrir", exact=True).click()

        expect(february).to_contain_text("Ouverte")
        expect(february).to_contain_text("Facture oubliée")

    def test_that_are_closed_for_ever_offer_nothing_more(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ACCOUNTANT)
        page.goto("/reglages/comptabilite")
        january = page.locator("li", has_text=f"janvier {YEAR - 1}")

        january.get_by_role("button", name="Clore définitivement").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Plus rien ne s’y écrit ensuite")
        dialog.get_by_role("button", name="Clore définitivement").click()

        expect(january).to_contain_text("Close")
        expect(january.get_by_role("button")).to_have_count(0)

    def test_are_read_but_not_closed_by_an_analyst(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ANALYST)
        page.goto("/reglages/comptabilite")
        expect(page.locator("li", has_text=f"décembre {YEAR}")).to_be_visible()

        expect(page.get_by_role("button", name="Fermer", exact=True)).to_have_count(0)
        expect(page.get_by_role("button", name="Ouvrir l’exercice suivant")).to_have_count(0)


class TestFiles:
    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    @pytest.mark.parametrize("address", ["/balance", "/postes-ouverts", "/comptes/{account}/extrait"])
    def test_are_taken_from_the_screen(
        self, page: Page, sign_in: SignIn, server: Server, accounts: dict[str, UUID], address: str, form: str
    ) -> None:
        with server.database():
            post(system_actor(), owed(accounts, customer(system_actor(), "Fichier SA"), "12.35", TODAY))
        sign_in(Role.ACCOUNTANT)
        page.goto(address.format(account=accounts["1100"]))

        with page.expect_download() as waiting:
            page.get_by_role("link", name=form.upper(), exact=True).click()

        content = waiting.value.path().read_bytes()
        assert content.startswith(b"PK" if form == "xlsx" else b"\xef\xbb\xbf"), content[:200]
        assert waiting.value.suggested_filename.endswith(form)
        assert form == "xlsx" or "12.35" in content.decode() or "1100" in content.decode()

    def test_are_not_for_who_may_not_export(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ANALYST)
        page.goto("/balance")
        expect(page.get_by_role("heading", name="Balance")).to_be_visible()

        expect(page.get_by_role("link", name="CSV", exact=True)).to_have_count(0)
        assert page.request.get("/livres/balance/csv").status == 403
        assert page.request.get("/livres/inconnu/csv").status in (403, 404)

    def test_are_not_for_visitors(self, page: Page) -> None:
        answer = page.request.get("/livres/balance/csv", max_redirects=0)

        assert answer.status in (302, 303, 307, 401, 403)
        assert b"Compte" not in answer.body()
