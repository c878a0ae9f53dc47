"""A day at one record: edited, disputed, left unfinished, discussed, with its papers."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, select
from sqlmodel import col

from app.doors import ask, do
from app.session import SESSION_COOKIE
from db.access.people.sessions.tables import SignInSession
from db.access.rules import Role, system_actor
from db.crm.opportunities.actions import add_opportunity
from db.crm.opportunities.rules import OpportunityDraft
from db.jobs.tables import Event
from db.parties.actions import add_contact, add_party, change_party
from db.parties.queries import party_card
from db.parties.rules import PartyDraft, PartyKind
from db.session import reading, transaction
from tests.browser.conftest import SignIn
from tests.serving import Server, serving, session_of, signed_in

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


@pytest.fixture
def firm(server: Server) -> UUID:
    """A company with a contact and an opportunity."""
    with server.database():
        system = system_actor()
        company: UUID = do(system, add_party, draft=PartyDraft(PartyKind.COMPANY, "Chantier Bornand SA"))
        person = do(system, add_party, draft=PartyDraft(PartyKind.PERSON, "Ingrid Keller"))
        do(system, add_contact, company_id=company, person_id=person, function="Achats")
        do(system, add_opportunity, draft=OpportunityDraft("Passerelle du quai", company, contact_id=person))
    return company


def open_record(page: Page, firm: UUID) -> None:
    """Open the company's page."""
    page.goto(f"/societes/{firm}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bornand")
    page.locator('.app[data-hydrated="yes"]').wait_for()


def open_form(page: Page, firm: UUID) -> None:
    """Open the form of the company."""
    open_record(page, firm)
    page.keyboard.press("e")
    expect(page.get_by_label("Nom de la société")).to_be_visible()


class TestRecord:
    def test_is_edited_by_keyboard_with_errors_beside_the_field(
        self, page: Page, sign_in: SignIn, firm: UUID, server: Server
    ) -> None:
        sign_in(Role.SALES)
        open_form(page, firm)
        page.get_by_label("Téléphone", exact=True).fill("12")
        page.keyboard.press("Tab")
        expect(page.get_by_label("E-mail", exact=True)).to_be_focused()
        page.keyboard.type("info@bornand.example")
        page.keyboard.press("Control+Enter")

        expect(page.get_by_role("alert")).to_contain_text("n’est pas un numéro de téléphone")
        expect(page.get_by_label("Téléphone", exact=True)).to_be_focused()
        page.get_by_label("Téléphone", exact=True).fill("+41 21 555 01 42")
        page.keyboard.press("Control+Enter")

        expect(page.locator(".lead-main")).to_contain_text("info@bornand.example")
        expect(page.locator(".stories")).to_contain_text("Téléphone : — → 021 555 01 42")

    def test_leads_to_what_belongs_to_it(self, page: Page, sign_in: SignIn, firm: UUID) -> None:
        sign_in(Role.SALES)
        open_record(page, firm)
        page.locator(".lead-main").get_by_role("link", name="Passerelle du quai").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Passerelle du quai")

        page.locator("summary", has_text="Perdue…").click()
        page.locator("details[open] input[name=reason]").fill("trop cher")
        page.keyboard.press("Enter")
        expect(page.locator(".head .tag")).to_have_text("Perdue")
        expect(page.locator(".stories")).to_contain_text("Affaire perdue : trop cher")

        page.get_by_role("button", name="Rouvrir").click()
        expect(page.locator(".head .tag")).to_have_text("En cours")

        page.locator(".lead-main").get_by_role("link", name="Ingrid Keller").click()
        expect(page).to_have_url(re.compile("/contacts/"))
        expect(page.locator(".stories")).to_contain_text("Affaire perdue : trop cher")

    def test_lets_two_people_settle_a_field(self, page: Page, sign_in: SignIn, firm: UUID, server: Server) -> None:
        sign_in(Role.SALES)
        open_form(page, firm)
        page.get_by_label("Localité").fill("Nyon")
        page.get_by_label("Rue").fill("Quai Ouest")
        with server.database():
            version = ask(system_actor(), party_card, party_id=firm).row_version
            given = {"party_id": firm, "values": {"city": "Morges"}, "expected_version": version}
            do(system_actor(), change_party, **given)

        page.keyboard.press("Control+Enter")
        expect(page.locator(".meanwhile")).to_contain_text("Boussole a modifié « Localité »")
        expect(page.locator(".meanwhile")).to_contain_text("rien → Morges")
        expect(page.get_by_label("Rue")).to_have_value("Quai Ouest")

        page.get_by_label("prendre l’autre valeur").check()
        expect(page.get_by_label("Localité")).to_have_value("Morges")
        page.get_by_label("garder ma valeur").check()
        expect(page.get_by_label("Localité")).to_have_value("Nyon")
        page.get_by_role("button", name="Enregistrer").click()

        expect(page.locator(".lead-main")).to_contain_text("Quai Ouest, Nyon")

    def test_tells_who_is_mentioned(self, page: Page, sign_in: SignIn, firm: UUID, server: Server) -> None:
        luc, _ = signed_in(server, Role.MANAGER, name="Ludivine Monnier")
        sign_in(Role.SALES)
        open_record(page, firm)
        page.get_by_role("button", name="Suivre").click()
        expect(page.get_by_role("button", name="Ne plus suivre")).to_be_visible()

        page.get_by_label("Note", exact=True).fill("À voir avec ")
        page.get_by_label("Note", exact=True).press("End")
        page.keyboard.type("@ludiv")
        expect(page.get_by_role("option", name="@Ludivine Monnier").first).to_be_visible()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Noter").click()

        expect(page.locator(".stories")).to_contain_text("À voir avec @Ludivine Monnier")
        with server.database(), reading() as session:
            told = list(session.scalars(select(Event).where(col(Event.subject) == firm)))
        assert [str(luc) in event.facts["user_ids"] for event in told if event.kind == "records.mentioned"] == [True]

    def test_keeps_and_shows_papers(self, page: Page, sign_in: SignIn, firm: UUID) -> None:
        sign_in(Role.SALES)
        open_record(page, firm)
        drop_file(page, "offre signée.pdf", PDF)

        expect(page.locator(".files")).to_contain_text("offre signée.pdf")
        page.get_by_role("button", name="Aperçu").click()
        address = page.locator(".preview iframe").get_attribute("src")
        assert address is not None
        answer = page.request.get(address)
        assert (answer.body(), answer.headers["content-type"]) == (PDF, "application/pdf")
        assert page.context.browser is not None
        stranger = page.context.browser.new_context(base_url=page.url).request.get(answer.url)
        assert stranger.status == 401


def drop_file(page: Page, name: str, content: bytes) -> None:
    """Drag a file onto the place for files, as the browser does."""
    dropped = page.evaluate_handle(
        """([name, content]) => {
            const given = new DataTransfer();
            given.items.add(new File([new Uint8Array(content)], name, { type: "application/pdf" }));
            return given;
        }""",
        [name, list(content)],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#record-files", event, {"dataTransfer": dropped})


class TestDraft:
    def test_survives_reload_restart_and_the_end_of_the_session(self, browser: Browser, tmp_path: Path) -> None:
        with serving(tmp_path) as server:
            with server.database():
                draft = PartyDraft(PartyKind.COMPANY, "Chantier Bornand SA")
                company: UUID = do(system_actor(), add_party, draft=draft)
            user_id, token = signed_in(server, Role.SALES)
            page = tab_of(browser, server, token)
            open_form(page, company)
            page.get_by_label("Localité").fill("Vevey")
            expect(page.get_by_text("Brouillon gardé à")).to_be_visible()

            page.reload()
            expect(page.get_by_label("Localité")).to_have_value("Vevey")
            expect(page.get_by_text(re.compile("Brouillon du .* repris"))).to_be_visible()

        page.get_by_label("Localité").fill("Vevey-Plage")  # nobody listens: the words wait in the tab
        with serving(tmp_path, port=int(server.url.rsplit(":", 1)[1])):
            page.reload()
            expect(page.get_by_label("Localité")).to_have_value("Vevey-Plage")
            expect(page.get_by_text("Brouillon gardé à")).to_be_visible()

            with server.database(), transaction() as session:
                session.execute(delete(SignInSession).where(col(SignInSession.user_id) == user_id))
            page.get_by_label("Rue").fill("Quai Ouest")
            expect(page).to_have_url(re.compile("/connexion"))
            enter(page, server, session_of(server, user_id))
            page.goto(f"/societes/{company}")
            expect(page.get_by_label("Localité")).to_have_value("Vevey-Plage")
            expect(page.get_by_label("Rue")).to_have_value("Quai Ouest")

            page.get_by_role("button", name="Abandonner").click()
            expect(page.get_by_label("Localité")).to_have_value("")
            page.context.close()


def tab_of(browser: Browser, server: Server, token: str) -> Page:
    """Open a tab in which somebody is signed in."""
    context = browser.new_context(base_url=server.url, locale="fr-CH")
    page = context.new_page()
    enter(page, server, token)
    return page


def enter(page: Page, server: Server, token: str) -> None:
    """Sign a tab in."""
    page.context.add_cookies(
        [{"name": SESSION_COOKIE, "value": token, "url": server.url, "httpOnly": True, "sameSite": "Lax"}]
    )
