"""Work in the background in a real browser: seen, read, tried again, settled; programs told of events."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from app.session import actor_of_user
from db.access.rules import Role
from db.jobs.actions import ask_for_job
from db.session import transaction
from tests.browser.conftest import SignIn
from tests.serving import Server


class TestJobs:
    def test_that_failed_are_counted_read_tried_again_and_settled(
        self, page: Page, sign_in: SignIn, server: Server
    ) -> None:
        user_id = sign_in(Role.SALES)
        with server.database(), transaction() as session:
            ask_for_job(
                session,
                kind="crm.undo_import",
                arguments={"import_id": "00000000-0000-0000-0000-000000000000"},
                by=actor_of_user(user_id),
                at=datetime.now(UTC),
            )
        page.goto("/travaux")
        row = page.get_by_role("row").filter(has_text="Annuler un import")
        expect(row.get_by_text("en échec")).to_be_visible(timeout=20_000)  # the page follows by itself

        row.get_by_role("button", name="Annuler un import").click()
        log = page.get_by_role("log")
        expect(log.get_by_text("Commencé")).to_be_visible()
        expect(log.get_by_text("Cet import n’existe pas ou n’est pas le vôtre.")).to_be_visible()

        row.get_by_role("button", name="Relancer").click()
        expect(log.get_by_text(re.compile("^Relancé par Anne"))).to_be_visible()
        expect(row.get_by_text("en échec")).to_be_visible(timeout=20_000)

        page.goto("/travaux")
        link = page.get_by_role("navigation").get_by_role("link", name="Travaux")
        expect(link).to_contain_text("1")
        row.get_by_role("button", name="Classer").click()
        expect(row.get_by_role("button", name="Classer")).to_have_count(0)

    def test_of_others_are_for_those_who_may_see_them(self, page: Page, sign_in: SignIn, server: Server) -> None:
        user_id = sign_in(Role.HR)
        with server.database(), transaction() as session:
            ask_for_job(session, kind="insights.rescore", arguments={}, by=actor_of_user(user_id), at=datetime.now(UTC))
        sign_in(Role.WAREHOUSE, name="Karim Autre")
        page.goto("/travaux")
        expect(page.get_by_text("Aucun travail ici.")).to_be_visible()

        sign_in(Role.MANAGER, name="Claire Autre")
        page.goto("/travaux")
        expect(page.get_by_role("row").filter(has_text="Recalculer toutes les chances").first).to_be_visible()
        expect(page.get_by_role("heading", name="Tâches régulières")).to_be_visible()


class TestWebhooks:
    def test_are_set_up_with_a_secret_that_is_shown_once(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.ADMINISTRATOR)
        page.goto("/reglages/api")
        page.get_by_label("Boussole avertit d’autres programmes").check()
        page.get_by_role("button", name="Enregistrer").click()
        expect(page.get_by_text("Réglage enregistré.")).to_be_visible()

        page.get_by_text("Nouveau webhook").click()
        page.get_by_role("textbox", name="Adresse").fill("http://example.ch/hook")
        page.get_by_label("Piste créée").check()
        page.get_by_role("button", name="Créer le webhook").click()
        expect(page.get_by_text("L’adresse commence par https://")).to_be_visible()
        page.get_by_role("textbox", name="Adresse").fill("https://example.invalid/hook")
        page.get_by_role("button", name="Créer le webhook").click()

        expect(page.get_by_text(re.compile("^whsec_"))).to_be_visible()
        page.get_by_role("button", name="https://example.invalid/hook").click()
        expect(page.get_by_text(re.compile("^whsec_"))).to_have_count(0)
        page.get_by_role("button", name="Essayer").click()
        expect(page.get_by_text("Message d’essai en route.")).to_be_visible()
        expect(page.get_by_role("complementary").get_by_text("Message d’essai")).to_be_visible()
