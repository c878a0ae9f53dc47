"""Books that have not begun: every screen of them says what to do, and the Swiss chart is one click away."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask
from db.access.rules import Role, system_actor
from db.ledger.accounts.queries import chart
from tests.browser.conftest import SignIn
from tests.serving import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation of its own, without accounts until the last test makes them."""
    with serving(tmp_path_factory.mktemp("empty-books")) as running:
        yield running


class TestEmptyBooks:
    @pytest.mark.parametrize("address", ["/comptes", "/ecritures", "/saisie"])
    def test_lead_to_the_chart(self, page: Page, sign_in: SignIn, server: Server, address: str) -> None:
        with server.database():
            assert not ask(system_actor(), chart)
        sign_in(Role.ACCOUNTANT)
        page.goto(address)
        if address == "/ecritures":
            page.locator(".empty").get_by_role("link", name="Saisir une écriture").click()

        page.get_by_role("link", name="Créer ou importer le plan").click()

        expect(page.get_by_role("button", name="Créer le plan comptable des PME")).to_be_visible()
        expect(page.get_by_role("link", name="Importer un plan")).to_be_visible()

    def test_are_only_read_by_an_analyst(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ANALYST)
        page.goto("/reglages/comptabilite")

        expect(page.get_by_text("Aucun compte encore.")).to_be_visible()
        expect(page.get_by_role("button", name="Créer le plan comptable des PME")).to_have_count(0)


class TestTheSwissChart:
    def test_is_one_click_away_in_three_languages(self, page: Page, sign_in: SignIn, server: Server) -> None:
        sign_in(Role.ACCOUNTANT)
        page.goto("/reglages/comptabilite")

        page.get_by_role("button", name="Créer le plan comptable des PME").click()

        expect(page.get_by_text("149\xa0comptes").or_(page.get_by_text("149 comptes")).first).to_be_visible()
        expect(page.get_by_role("button", name="Créer le plan comptable des PME")).to_have_count(0)
        page.get_by_role("link", name="Ouvrir le plan comptable").click()
        expect(page.locator(".list tbody tr").first).to_contain_text("1000")
        with server.database():
            [cash] = [one for one in ask(system_actor(), chart) if one.number == "1000"]
        assert (cash.name, cash.name_de, cash.name_en) == ("Caisse", "Kasse", "Cash")
