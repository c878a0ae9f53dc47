"""From an empty installation to a second sign-in with a lost phone, as a newcomer lives it."""

import re
import time
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import tab_of
from tests.serving import Server, serving

PASSWORD = "quatre mots bien choisis"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation of its own, because the first run happens once."""
    with serving(tmp_path_factory.mktemp("first-run")) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, empty: Server) -> Iterator[Page]:
    """A tab of somebody who was never here; fails its test when the console reported an error."""
    with tab_of(browser, empty, []) as tab:
        yield tab


def _go(page: Page, address: str) -> None:
    page.goto(address)
    _ready(page)


def _ready(page: Page) -> None:
    expect(page.locator("[data-hydrated=yes]")).to_be_attached()


def _sign_in(page: Page, email: str = "claire@example.ch", password: str = PASSWORD) -> None:
    _go(page, "/connexion")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Se connecter").click()


def _code_now(secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


class TestComingIn:
    def test_from_the_first_page_to_a_recovery_code(self, visitor: Page, empty: Server) -> None:
        self._creates_the_firm(visitor)
        _secret, codes = self._sets_up_a_second_factor(visitor)

        visitor.locator(".person summary").click()
        visitor.get_by_role("button", name="Se déconnecter").click()
        visitor.wait_for_url("**/connexion")

        _sign_in(visitor)
        visitor.wait_for_url(re.compile("/connexion/code"))
        _ready(visitor)
        visitor.fill("[name=code]", "000 000")
        visitor.get_by_role("button", name="Continuer").click()
        expect(visitor.locator(".callout.error")).to_contain_text("Ce code ne convient pas")
        visitor.fill("[name=code]", codes[0])
        visitor.get_by_role("button", name="Continuer").click()
        visitor.wait_for_url(lambda url: "/connexion" not in url)

        _go(visitor, "/compte")
        expect(visitor.locator("#second-facteur")).to_contain_text("codes de secours restants : 9")

        self._lets_a_colleague_in(visitor)

    def _creates_the_firm(self, visitor: Page) -> None:
        _go(visitor, "/connexion")
        visitor.wait_for_url("**/bienvenue")
        _ready(visitor)
        visitor.fill("[name=company]", "Ateliers du Léman SA")
        visitor.fill("[name=uid]", "che123456788")
        visitor.fill("[name=name]", "Claire Rochat")
        expect(visitor.locator("[name=uid]")).to_have_value("CHE-123.456.788")
        expect(visitor.get_by_text("chiffre de contrôle juste")).to_be_visible()
        visitor.fill("[name=email]", "claire@example.ch")
        visitor.fill("[name=password]", "password1234")
        visitor.get_by_role("button", name="Créer l’entreprise").click()
        expect(visitor.locator(".callout.error")).to_contain_text("trop répandu")
        expect(visitor.locator("[name=company]")).to_have_value("Ateliers du Léman SA")
        visitor.fill("[name=password]", PASSWORD)
        visitor.get_by_role("button", name="Créer l’entreprise").click()
        visitor.wait_for_url(lambda url: "/bienvenue" not in url)

    def _sets_up_a_second_factor(self, visitor: Page) -> tuple[str, list[str]]:
        _go(visitor, "/compte")
        visitor.get_by_role("button", name="Activer un second facteur").click()
        expect(visitor.locator("img.qr")).to_be_visible()
        secret = visitor.locator("#second-facteur code.secret").inner_text()
        visitor.fill("[name=code]", _code_now(secret, steps=-1))
        visitor.fill("#second-facteur [name=password]", PASSWORD)
        visitor.get_by_role("button", name="Activer", exact=True).click()
        expect(visitor.locator(".codes code")).to_have_count(10)
        return secret, visitor.locator(".codes code").all_inner_texts()

    def _lets_a_colleague_in(self, visitor: Page) -> None:
        _go(visitor, "/reglages/personnes")
        visitor.get_by_text("Ajouter une personne").click()
        visitor.fill(".add-person [name=name]", "Luc Favre")
        visitor.fill(".add-person [name=email]", "luc@example.ch")
        visitor.check(".add-person [name=role_sales]")
        visitor.get_by_role("button", name="Ajouter", exact=True).click()
        link = visitor.locator(".peek code.secret").inner_text()

        visitor.context.clear_cookies()
        _go(visitor, link)
        visitor.fill("[name=password]", "cinq autres mots bien choisis")
        visitor.get_by_role("button", name="Changer le mot de passe").click()
        visitor.wait_for_url("**/connexion?change=1")
        _sign_in(visitor, "luc@example.ch", "cinq autres mots bien choisis")
        visitor.wait_for_url(lambda url: "/connexion" not in url)
        _go(visitor, "/compte")
        expect(visitor.locator("[name=name]")).to_have_value("Luc Favre")

    def test_asks_a_person_without_second_factor_to_set_one_up(self, visitor: Page) -> None:
        _sign_in(visitor, "luc@example.ch", "cinq autres mots bien choisis")
        visitor.wait_for_url(lambda url: "/connexion" not in url)
        _go(visitor, "/compte")

        visitor.get_by_text("Je serai absent").click()
        visitor.select_option("[name=deputy]", label="Claire Rochat")
        visitor.fill("[name=first]", "2030-01-07")
        visitor.fill("[name=last]", "2030-01-11")
        visitor.get_by_role("button", name="Désigner").click()

        dialog = visitor.get_by_role("dialog", name="Confirmer que c’est vous")
        expect(dialog.get_by_role("link", name="Activer un second facteur")).to_be_visible()
        dialog.get_by_role("button", name="Ne rien faire").click()
        expect(dialog).to_have_count(0)
