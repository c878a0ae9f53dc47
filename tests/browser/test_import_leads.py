"""A salesperson imports a file on the screen, looks at what is refused, and takes it all back."""

import csv
import io
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlmodel import func, select

from app import routes
from db.access.rules import Role
from db.crm.leads.tables import Lead
from db.session import reading
from tests.browser.conftest import SignIn
from tests.serving import Server

ROWS = 1200


def swiss_file(folder: Path) -> Path:
    """Return a file as a Swiss office exports it, two of its rows with mistakes."""
    lines = ["Dossier n°;Société;E-mail;Montant;Reçue le;Résultat;Machines"]
    for n in range(1, ROWS + 1):
        amount = "douze" if n == 7 else f"{n % 9 + 1}'234.50"
        day = "31.02.2026" if n == 9 else f"{n % 28 + 1:02d}.{n % 9 + 1:02d}.2026"
        lines.append(f"{n};Menuiserie Été {n};m{n}@exemple.ch;{amount};{day};{'gagné' if n % 3 else 'perdu'};{n % 12}")
    path = folder / "export été.csv"
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def count_leads(server: Server) -> int:
    with server.database(), reading() as session:
        return session.exec(select(func.count()).select_from(Lead)).one()


class TestImportLeads:
    def test_goes_from_a_file_to_leads_and_back(
        self, page: Page, server: Server, sign_in: SignIn, tmp_path: Path
    ) -> None:
        sign_in(Role.SALES)
        before = count_leads(server)
        page.goto(routes.IMPORT_LEADS)
        expect(page.get_by_text("Aucun import")).to_be_visible()
        page.locator("input[type=file]").set_input_files(swiss_file(tmp_path))

        row = page.locator("tr", has=page.get_by_text("Société", exact=True))
        expect(row.locator("select").first).to_have_value("company_name")
        expect(page.get_by_text("1'200 lignes, 7 colonnes")).to_be_visible()
        expect(page.get_by_text("Texte Windows, séparateur « ; »")).to_be_visible()
        machines = page.locator("tr", has=page.get_by_text("Machines", exact=True))
        expect(machines.locator("select").nth(1)).to_have_value("number")

        page.get_by_role("button", name="Vérifier le fichier").click()
        expect(page.get_by_text("« 31.02.2026 » n’existe pas dans le calendrier.")).to_be_visible()
        with page.expect_download() as handed:
            page.get_by_role("button", name="Télécharger les refus").click()
        refused = list(csv.reader(io.StringIO(Path(handed.value.path()).read_text("utf-8-sig")), delimiter=";"))
        assert [cells[:3] for cells in refused] == [
            ["Ligne", "Colonne", "Valeur"],
            ["8", "Montant", "douze"],
            ["10", "Reçue le", "31.02.2026"],
        ]
        assert count_leads(server) == before

        page.get_by_role("button", name="Importer 1'198 lignes").click()
        expect(page.get_by_role("heading", name="Import terminé")).to_be_visible(timeout=60_000)
        assert count_leads(server) == before + 1198

        page.get_by_role("link", name="Voir ce qui est importé").click()
        expect(page.get_by_text("D’un import")).to_be_visible()
        expect(page.get_by_text("Menuiserie Été").first).to_be_visible()
        page.go_back()

        page.reload()
        expect(page.get_by_role("heading", name="Import terminé")).to_be_visible()
        page.get_by_role("button", name="Annuler l’import").click()
        expect(page.get_by_role("heading", name="Import annulé")).to_be_visible(timeout=60_000)
        assert count_leads(server) == before

    def test_says_why_a_file_cannot_be_read(self, page: Page, sign_in: SignIn, tmp_path: Path) -> None:
        sign_in(Role.MANAGER)
        path = tmp_path / "faux.csv"
        path.write_bytes(b"%PDF-1.7 rien")
        page.goto(routes.IMPORT_LEADS)
        expect(page.get_by_text("Aucun import")).to_be_visible()

        page.locator("input[type=file]").set_input_files(path)

        expect(page.get_by_text("Le fichier est un PDF, pas un tableau CSV ou XLSX.")).to_be_visible(timeout=30_000)

    def test_keeps_what_was_chosen_when_the_page_is_loaded_again(
        self, page: Page, sign_in: SignIn, tmp_path: Path
    ) -> None:
        sign_in(Role.SALES)
        page.goto(routes.IMPORT_LEADS)
        expect(page.get_by_text("Mes imports")).to_be_visible()
        page.locator("input[type=file]").set_input_files(swiss_file(tmp_path))
        machines = page.locator("tr", has=page.get_by_text("Machines", exact=True))
        machines.locator("select").first.select_option("ignore")
        expect(page.locator("tr.ignored")).to_have_count(1)

        page.reload()

        expect(machines.locator("select").first).to_have_value("ignore")
