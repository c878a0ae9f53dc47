"""Settings in a real browser: backup, its proof, restore; and the bell after a mention."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from app.session import actor_of_user
from db.access.company.actions import edit_company, found_company
from db.access.company.queries import company
from db.access.rules import Role, system_actor
from db.crm.leads.actions import create_lead
from db.crm.leads.rules import LeadDraft
from db.records.notes.actions import write_note
from db.records.notifications.actions import choose_hours
from db.records.notifications.rules import Hours
from tests.browser.conftest import SignIn
from tests.browser.test_frame import open_page
from tests.serving import Server, signed_in

NAME = "Ateliers du Léman"
SLOW = 60_000


@pytest.fixture
def firm(server: Server) -> None:
    """A firm with a name to type."""
    with server.database():
        system = system_actor()
        if ask(system, company) is None:
            do(system, found_company, name=NAME)


class TestBackups:
    def test_are_made_verified_and_restored(self, page: Page, sign_in: SignIn, server: Server, firm: None) -> None:
        sign_in(Role.ADMINISTRATOR)
        open_page(page, "/reglages/sauvegardes")
        page.get_by_role("button", name="Sauvegarder maintenant").first.click()
        expect(page.get_by_text(re.compile("Vérifiée par restauration le")).first).to_be_visible(timeout=SLOW)

        with server.database():
            facts = ask(system_actor(), company)
            assert facts is not None
            version = facts.row_version
            do(system_actor(), edit_company, name="Autre SA", uid="", language="fr", expected_version=version)
        open_page(page, "/reglages/sauvegardes")
        page.get_by_role("button", name="Restaurer…").last.click()
        page.locator("input[name=typed]").fill("faux")
        page.get_by_role("button", name="Restaurer", exact=True).click()
        expect(page.get_by_text("écrivez la raison sociale exactement")).to_be_visible()
        page.locator("input[name=typed]").fill("Autre SA")
        page.get_by_role("button", name="Restaurer", exact=True).click()

        expect(page.get_by_text("avant une restauration")).to_be_visible(timeout=SLOW)  # still signed in
        with server.database():
            facts = ask(system_actor(), company)
            assert facts is not None
            assert facts.name == NAME

    def test_are_downloaded(self, page: Page, sign_in: SignIn, firm: None) -> None:
        sign_in(Role.ADMINISTRATOR)
        open_page(page, "/reglages/sauvegardes")
        page.get_by_role("button", name="Sauvegarder maintenant").first.click()
        expect(page.get_by_text(re.compile("Vérifiée par restauration le")).first).to_be_visible(timeout=SLOW)
        with page.expect_download() as fetched:
            page.get_by_role("button", name="Télécharger").first.click()

        assert fetched.value.suggested_filename.endswith(".tar.gz")


class TestMessages:
    def test_a_mention_rings_and_is_read(self, page: Page, sign_in: SignIn, server: Server, firm: None) -> None:
        me = sign_in(Role.SALES, name="Léa Cloche")
        other, _ = signed_in(server, Role.MANAGER, name="Marc Chef")
        with server.database():
            do(actor_of_user(me), choose_hours, hours=Hours(quiet_from=0, quiet_to=0))
            boss = actor_of_user(other)
            draft = LeadDraft(name="Toit de l’école", received_at=datetime.now(UTC))
            lead = do(boss, create_lead, draft=draft)
            do(boss, write_note, kind="lead", record_id=lead, text="@Léa Cloche peux-tu appeler ?")

        said = page.get_by_role("button", name="Marc Chef vous mentionne : Toit de l’école")
        for _ in range(20):
            open_page(page, "/messages")
            if said.count():
                break
            page.wait_for_timeout(500)
        bell = page.get_by_role("navigation").get_by_role("link", name="Messages")
        if datetime.now(UTC).weekday() != 6:  # a Sunday is quiet: the bell waits, the list does not
            expect(bell).to_contain_text("1")
        said.click()
        expect(page).to_have_url(re.compile("/pistes/"))
        open_page(page, "/messages")
        expect(page.get_by_role("button", name="Marquer non lu")).to_be_visible()
        expect(bell).not_to_contain_text("1")


class TestPages:
    @pytest.mark.parametrize(
        ("address", "text"),
        [
            ("/reglages", "Sauvegardes"),
            ("/reglages/numerotation", "F-2"),
            ("/reglages/tva-et-calendrier", "8.1 %"),
            ("/reglages/conservation", "Traces techniques"),
            ("/reglages/entreprise", "Coordonnées"),
            ("/compte", "On me mentionne"),
        ],
    )
    def test_show_what_is_set(self, address: str, text: str, page: Page, sign_in: SignIn, firm: None) -> None:
        sign_in(Role.ADMINISTRATOR)
        open_page(page, address)

        expect(page.locator("main").get_by_text(text).first).to_be_visible()

    def test_numbering_shows_what_a_format_gives(self, page: Page, sign_in: SignIn, firm: None) -> None:
        sign_in(Role.ADMINISTRATOR)
        open_page(page, "/reglages/numerotation")
        page.get_by_label("Facture").fill("FA-{AA}-{000}")
        expect(page.get_by_text(re.compile(r"FA-\d\d-012"))).to_be_visible()
        page.get_by_label("Facture").fill("FA")
        expect(page.get_by_text("format incomplet")).to_be_visible()
