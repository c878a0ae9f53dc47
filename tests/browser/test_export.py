"""The export of the whole company: asked for, followed, taken, gone after a day; and who may not."""

import io
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect
from sqlmodel import col, update

from app.routes import EXPORT_FILE
from db.access.people.sessions.tables import SignInSession
from db.access.rules import Role
from db.session import transaction
from tests.browser.conftest import SignIn
from tests.serving import Server

DAY_AND_HOUR = 25 * 3600


@pytest.fixture
def exports(server: Server) -> Iterator[Path]:
    """The folder of exports, empty before and after."""
    folder = server.data / "exports"
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.zip"):
        path.unlink()
    yield folder
    for path in folder.glob("*.zip"):
        path.unlink()


def kept(folder: Path, *, age: int = 0) -> str:
    """Put an export there that was made some seconds ago; return its name."""
    path = folder / "company-20261124-080000.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("manifest.json", "{}")
    os.utime(path, (time.time() - age,) * 2)
    return path.name


def content_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


class TestTheExport:
    def test_is_asked_for_followed_and_taken(self, page: Page, sign_in: SignIn, exports: Path) -> None:
        sign_in(Role.ADMINISTRATOR)
        page.goto("/reglages/export")
        expect(page.get_by_text("Aucun export")).to_be_visible()

        page.get_by_role("button", name="Exporter toute l’entreprise").click()

        line = page.locator("table.list tbody tr")
        expect(line).to_have_count(1, timeout=60_000)
        expect(line).to_contain_text("Ko")
        expect(page.get_by_role("button", name="Exporter toute l’entreprise")).to_be_enabled()
        with page.expect_download() as waiting:
            line.get_by_role("button", name="Télécharger").click()
        with zipfile.ZipFile(io.BytesIO(content_of(waiting.value))) as archive:
            assert {"manifest.json", "LISEZMOI.txt", "tables/party.csv"} <= set(archive.namelist())
        page.goto("/historique")
        expect(page.get_by_text("Télécharger un export de l’entreprise").first).to_be_visible()

    def test_goes_after_a_day(self, page: Page, sign_in: SignIn, exports: Path, complaints: list[str]) -> None:
        sign_in(Role.ADMINISTRATOR)
        name = kept(exports)
        page.goto("/reglages/export")
        expect(page.locator("table.list tbody tr")).to_have_count(1)
        os.utime(exports / name, (time.time() - DAY_AND_HOUR,) * 2)

        page.get_by_role("button", name="Télécharger").click()
        expect(page.get_by_text("Cet export n’existe plus")).to_be_visible()
        page.reload()

        expect(page.get_by_text("Aucun export")).to_be_visible()
        assert page.request.get(f"{EXPORT_FILE}/{name}").status == 404

    def test_asks_for_the_second_factor_of_now(
        self, page: Page, sign_in: SignIn, server: Server, exports: Path
    ) -> None:
        person = sign_in(Role.ADMINISTRATOR)
        kept(exports)
        with server.database(), transaction() as session:
            stale = update(SignInSession).where(col(SignInSession.user_id) == person)
            session.exec(stale.values(fresh_until=None))
        page.goto("/reglages/export")

        for button in ("Exporter toute l’entreprise", "Télécharger"):
            page.get_by_role("button", name=button).click()
            dialog = page.get_by_role("dialog", name="Confirmer que c’est vous")
            expect(dialog).to_be_visible()
            dialog.get_by_role("button", name="Ne rien faire").click()
            expect(dialog).to_have_count(0)

        expect(page.locator("table.list tbody tr")).to_have_count(1)

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.SALES, Role.ANALYST])
    def test_is_not_for_others(self, page: Page, sign_in: SignIn, exports: Path, role: Role) -> None:
        name = kept(exports)
        sign_in(role)

        page.goto("/reglages/export")

        expect(page.get_by_text("Vos droits ne permettent pas")).to_be_visible()
        expect(page.get_by_role("button", name="Télécharger")).to_have_count(0)
        assert page.request.get(f"{EXPORT_FILE}/{name}").status == 403
