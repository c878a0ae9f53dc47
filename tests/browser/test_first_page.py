"""The first page of an empty installation: a new firm, the demonstration, or an exported company."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.doors import do
from app.exchange.write import export_company
from db.access.company.actions import set_up
from db.access.rules import NOBODY, system_actor
from db.migrations.run import upgrade
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.session import COMPANY
from tests.browser.conftest import tab_of
from tests.serving import Server, serving

PASSWORD = "quatre mots bien choisis"
DEMO_PATIENCE = 120_000  # milliseconds; three years of an invented firm are written


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of a firm in which one person works and one customer is known."""
    folder = tmp_path_factory.mktemp("old")
    with Server("", folder, None).database():  # type: ignore[arg-type]
        upgrade(COMPANY)
        who = {"name": "Claire Rochat", "email": "claire@example.ch", "password": PASSWORD}
        do(NOBODY, set_up, company_name="Ateliers du Léman SA", uid="", **who)
        do(system_actor(), add_party, draft=PartyDraft(PartyKind.COMPANY, "Garage du Lac SA"))
        export_company(folder / "export.zip", at=datetime.now(UTC))
    return folder / "export.zip"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    """An installation of its own, because the first run happens once."""
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, empty: Server) -> Iterator[Page]:
    """A tab of somebody who was never here, on the first page; fails its test when the console reported an error."""
    with tab_of(browser, empty, []) as tab:
        tab.goto("/")
        tab.wait_for_url("**/bienvenue")
        ready(tab)
        yield tab


def ready(page: Page) -> None:
    expect(page.locator("[data-hydrated=yes]")).to_be_attached()


def bring(page: Page, archive: Path) -> None:
    """Bring an archive from the first page."""
    page.set_input_files("[name=archive]", archive)
    page.get_by_role("button", name="Vérifier et importer").click()
    page.wait_for_url("**/bienvenue/import")


@contextmanager
def worker_at_rest(server: Server) -> Iterator[None]:
    """Let the worker of an installation stand still for a while."""
    children = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=True
    ).stdout
    [worker] = [int(line.split()[0]) for line in children.splitlines() if "app.worker" in line]
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


class TestTheFirstPage:
    def test_offers_three_ways(self, visitor: Page) -> None:
        expect(visitor.get_by_role("heading", name="Créer l’entreprise")).to_be_visible()
        expect(visitor.get_by_role("heading", name="Reprendre une entreprise exportée")).to_be_visible()
        expect(visitor.get_by_role("button", name="Essayer avec une entreprise de démonstration")).to_be_visible()

    def test_opens_the_demonstration_and_leaves_it(self, visitor: Page) -> None:
        visitor.get_by_role("button", name="Essayer avec une entreprise de démonstration").click()
        visitor.wait_for_url(re.compile("/bienvenue/demonstration"))
        expect(visitor.get_by_role("status")).to_contain_text("Trois ans d’activité")
        manager = visitor.get_by_role("button", name=re.compile("Claire Rochat"))
        expect(manager).to_be_enabled(timeout=DEMO_PATIENCE)

        manager.click()
        visitor.wait_for_url(lambda url: "/bienvenue" not in url)
        expect(visitor.get_by_role("heading", name="Décisions en attente")).to_be_visible()
        visitor.get_by_role("button", name="Quitter la démonstration").click()

        visitor.wait_for_url("**/bienvenue")
        expect(visitor.get_by_role("heading", name="Créer l’entreprise")).to_be_visible()


class TestAnExportedCompany:
    def test_comes_in_and_its_people_sign_in(self, visitor: Page, archive: Path) -> None:
        bring(visitor, archive)
        expect(visitor.get_by_text("Ateliers du Léman SA est importée.")).to_be_visible()
        visitor.get_by_role("button", name=re.compile("Claire Rochat")).click()
        visitor.wait_for_url(re.compile("/mot-de-passe"))
        ready(visitor)
        visitor.fill("[name=password]", PASSWORD)
        visitor.get_by_role("button", name="Changer le mot de passe").click()
        expect(visitor.get_by_role("button", name="Se connecter")).to_be_visible()
        ready(visitor)
        visitor.fill("[name=email]", "claire@example.ch")
        visitor.fill("[name=password]", PASSWORD)
        visitor.get_by_role("button", name="Se connecter").click()
        visitor.wait_for_url(lambda url: "/connexion" not in url)

        visitor.goto("/societes")

        expect(visitor.locator(".list tbody tr")).to_have_count(1)
        expect(visitor.locator(".list tbody tr")).to_contain_text("Garage du Lac SA")
        visitor.goto("/bienvenue/import")
        visitor.wait_for_url(lambda url: "/bienvenue/import" in url)
        expect(visitor.get_by_role("link", name="Se connecter")).to_be_visible()  # nobody comes in this way again

    def test_that_is_none_leaves_the_installation_as_it_was(self, visitor: Page, archive: Path, tmp_path: Path) -> None:
        bad = tmp_path / "abime.zip"
        bad.write_bytes(archive.read_bytes()[:2000])
        bring(visitor, bad)
        expect(visitor.get_by_role("alert")).to_contain_text("n’est pas l’export d’une entreprise")
        expect(visitor.get_by_text("Rien n’a été importé")).to_be_visible()

        visitor.get_by_role("link", name="Revenir au début").click()
        visitor.wait_for_url("**/bienvenue")
        ready(visitor)
        bring(visitor, archive)

        expect(visitor.get_by_text("Ateliers du Léman SA est importée.")).to_be_visible()

    def test_is_followed_and_stopped(self, visitor: Page, empty: Server, archive: Path) -> None:
        with worker_at_rest(empty):
            bring(visitor, archive)
            expect(visitor.get_by_role("progressbar")).to_be_visible()
            expect(visitor.get_by_text("en attente")).to_be_visible()
            visitor.goto("/bienvenue")  # whoever comes now is led to what goes on
            visitor.wait_for_url("**/bienvenue/import")
            visitor.get_by_role("button", name="Arrêter").click()
            expect(visitor.get_by_text("Import arrêté.")).to_be_visible()

        visitor.get_by_role("link", name="Revenir au début").click()
        visitor.wait_for_url("**/bienvenue")
        expect(visitor.get_by_role("heading", name="Créer l’entreprise")).to_be_visible()
