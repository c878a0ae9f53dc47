"""Companies out of a workbook on the screen: mistakes are named, the same file again updates, and all is undone."""

from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import Page, expect
from sqlmodel import func, select

from app import routes
from db.access.rules import Role
from db.parties.tables import Party
from db.session import reading
from tests.browser.conftest import SignIn
from tests.serving import Server

ROWS = 100


def workbook(folder: Path) -> Path:
    """Return a workbook of companies, three of ten rows with a mistake."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Raison sociale", "E-mail", "NPA", "Localité", "Client"])
    for n in range(1, ROWS + 1):
        email = "pas une adresse" if n % 10 in (1, 2, 3) else f"info{n}@firme{n}.example"
        sheet.append([f"Menuiserie Été {n}", email, f"{1000 + n}", "Lausanne", "oui" if n % 2 else "non"])
    path = folder / "sociétés.xlsx"
    book.save(path)
    return path


def count_parties(server: Server) -> int:
    with server.database(), reading() as session:
        return session.exec(select(func.count()).select_from(Party)).one()


def run_import(page: Page, path: Path, sentence: str) -> None:
    page.goto(routes.import_of("companies"))
    expect(page.get_by_text("Mes imports")).to_be_visible()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Vérifier le fichier").click(timeout=60_000)
    expect(page.get_by_text("n’est pas une adresse e-mail").first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name=sentence).click()
    expect(page.get_by_role("heading", name="Import terminé")).to_be_visible(timeout=60_000)


class TestImportCompanies:
    def test_names_mistakes_updates_the_second_time_and_is_undone(
        self, page: Page, server: Server, sign_in: SignIn, tmp_path: Path
    ) -> None:
        sign_in(Role.SALES)
        before = count_parties(server)
        page.goto(routes.IMPORT)
        page.get_by_role("main").get_by_role("link", name="Sociétés Clients").click()
        expect(page.get_by_text("Mes imports")).to_be_visible()

        run_import(page, workbook(tmp_path), "Importer 70 lignes")
        assert count_parties(server) == before + 70

        run_import(page, workbook(tmp_path), "Importer 70 lignes")
        expect(page.get_by_text("dont inchangées")).to_be_visible()
        assert count_parties(server) == before + 70

        page.goto(routes.import_of("companies"))
        page.get_by_role("link", name="sociétés.xlsx").last.click()
        page.get_by_role("button", name="Annuler l’import").click()
        expect(page.get_by_role("heading", name="Import annulé")).to_be_visible(timeout=60_000)
        assert count_parties(server) == before
