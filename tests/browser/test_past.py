"""The past in the browser: a record as it was on a day, digests that are verified, and many records undone as a job."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do, now
from app.session import actor_of_user
from db.access.deeds.queries import DeedFilter, deed_page
from db.access.rules import Role, system_actor
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import LeadDraft
from db.records.undo.many.actions import ask_for_undo
from tests.browser.conftest import SignIn
from tests.serving import Server

DAY = timedelta(days=1)


@pytest.fixture
def lead_id(server: Server) -> UUID:
    """A lead that was made three days ago and moved to Nyon yesterday."""
    with server.database():
        at, system = now(), system_actor()
        draft = LeadDraft(name="Toiture Mottier", city="Vevey", received_at=at - 3 * DAY)
        made: UUID = do(system, create_lead, at=at - 3 * DAY, draft=draft)
        do(system, edit_lead, at=at - DAY, lead_id=made, values={"city": "Nyon"}, expected_version=1)
    return made


def ready(page: Page, address: str) -> None:
    """Open a page and wait until it listens."""
    page.goto(address)
    page.locator('.app[data-hydrated="yes"]').wait_for()


class TestPast:
    def test_shows_what_differs_from_today_and_who_changed_it(self, page: Page, sign_in: SignIn, lead_id: UUID) -> None:
        sign_in(Role.SALES)
        ready(page, f"/pistes/{lead_id}")
        day = (now() - 2 * DAY).date().isoformat()
        choice = page.locator("form.past-choice")
        choice.locator("input[type=date]").fill(day)
        choice.get_by_role("button", name="Voir").click()

        page.wait_for_url(f"**/tel-quel/lead/*?le={day}")
        row = page.locator("table.past tr.changed")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Vevey")
        expect(row).to_contain_text("Nyon")
        expect(row).to_contain_text("Boussole")
        expect(page.get_by_text("Une valeur a changé depuis.")).to_be_visible()

    def test_says_when_the_record_was_not_there_yet(self, page: Page, sign_in: SignIn, lead_id: UUID) -> None:
        sign_in(Role.SALES)
        ready(page, f"/tel-quel/lead/{lead_id}?le=2020-01-01")

        expect(page.get_by_text("Cette fiche n’existait pas encore")).to_be_visible()

    def test_is_reached_from_the_history(self, page: Page, sign_in: SignIn, lead_id: UUID) -> None:
        sign_in(Role.MANAGER)
        ready(page, f"/historique?objet=lead&id={lead_id}")
        page.get_by_role("link", name="ce jour-là").last.click()

        expect(page.locator("table.past")).to_contain_text("Vevey")


class TestDigests:
    def test_are_written_verified_and_downloaded(self, page: Page, sign_in: SignIn, lead_id: UUID) -> None:
        sign_in(Role.MANAGER)
        ready(page, "/historique/empreintes")
        page.get_by_role("button", name="Écrire celle d’aujourd’hui").click()
        expect(page.get_by_text("pas encore vérifiée").first).to_be_visible()

        page.get_by_role("button", name="Vérifier maintenant").click()

        expect(page.get_by_text("Rien n’a été altéré").first).to_be_visible(timeout=60_000)
        expect(page.locator("table.list")).to_contain_text("concorde")
        with page.expect_download() as script:
            page.get_by_role("link", name="Télécharger le script").click()
        assert script.value.suggested_filename == "verify_digest.py"
        with page.expect_download() as chain:
            page.get_by_role("link", name="Télécharger la chaîne").click()
        assert chain.value.suggested_filename == "chaine.jsonl"


class TestManyUndone:
    def test_shows_what_stayed_and_hands_it_out(
        self, page: Page, sign_in: SignIn, lead_id: UUID, server: Server
    ) -> None:
        nadia = sign_in(Role.SALES, name="Nadia Rochat")
        with server.database():
            actor = actor_of_user(nadia, via="screen")
            for city in ("Lutry", "Morges"):
                version = ask(actor, lead_detail, lead_id=lead_id, by=actor).row_version
                do(actor, edit_lead, lead_id=lead_id, values={"city": city, "source": city}, expected_version=version)
        claire = sign_in(Role.MANAGER, name="Claire Favre")
        with server.database():
            manager = actor_of_user(claire, via="screen")
            deeds = ask(manager, deed_page, wanted=DeedFilter(kind="lead", record_id=lead_id))
            job_id = do(manager, ask_for_undo, deeds=[deeds[1].id])

        ready(page, f"/historique/annulation/{job_id}")

        stayed = page.locator(".sect", has_text="Reste comme c’est")
        expect(stayed).to_contain_text("Nadia Rochat a changé cette valeur le", timeout=60_000)
        expect(stayed.locator("tbody tr")).to_have_count(2)
        with page.expect_download() as table:
            stayed.get_by_role("button", name="Télécharger").click()
        assert table.value.suggested_filename == "reste-apres-annulation.csv"
