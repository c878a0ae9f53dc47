"""Saved views (pinned, shared, first of a role) and a change of many records as a job with its notice and *Annuler*."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from app.doors import ask, do
from app.lists.changes import MOST_IN_ONE_DEED
from app.session import SESSION_COOKIE
from db.access.rules import Role, system_actor
from db.crm.leads.actions import add_leads
from db.crm.leads.queries import lead_detail
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.views.actions import begin_with_view
from db.records.views.queries import saved_views
from tests.browser.conftest import SignIn
from tests.db.crm.leads.make import make_draft
from tests.serving import Server, session_of

JOB_PATIENCE = 60_000  # milliseconds; several hundred records are written


@pytest.fixture
def word() -> str:
    """A word that only this test's records have."""
    return "q" + uuid4().hex[:9]


@pytest.fixture
def company(server: Server, word: str) -> UUID:
    """A company that the view of a test finds."""
    with server.database():
        made: UUID = do(system_actor(), add_party, draft=PartyDraft(PartyKind.COMPANY, f"{word} SA"))
    return made


@pytest.fixture(autouse=True)
def no_first_views(server: Server) -> Iterator[None]:
    """Leave no view behind with which others would begin."""
    yield
    with server.database():
        for view in ask(system_actor(), saved_views, kind="company", by=system_actor()):
            do(system_actor(), begin_with_view, view_id=view.view_id, roles=[])


def tab(page: Page, word: str) -> Locator:
    return page.locator(".tabs > a", has_text=word)


def save(page: Page, word: str, *, shared: bool) -> None:
    """Search for the word and keep what is shown as a view of that name."""
    page.goto(f"/societes?q={word}")
    expect(page.locator(".list tbody tr")).to_have_count(1)
    page.locator(".tabs summary").click()
    page.get_by_label("Nom de la vue").fill(word)
    if shared:
        page.get_by_label("pour tout le monde").check()
    page.get_by_role("button", name="Enregistrer cette vue").click()
    expect(tab(page, word)).to_have_attribute("aria-current", "page")


def line(page: Page, word: str) -> Locator:
    """Open the menu of views; return the line of this one."""
    page.locator(".tabs summary").click()
    return page.locator(".view-line", has_text=word)


class TestSavedViews:
    def test_are_pinned_and_unpinned(self, page: Page, sign_in: SignIn, company: UUID, word: str) -> None:
        sign_in(Role.SALES)
        save(page, word, shared=False)
        page.goto("/societes?view=all")
        expect(tab(page, word)).to_be_visible()

        line(page, word).get_by_label(f"Épingler {word}").click()
        expect(tab(page, word)).to_have_count(0)
        page.reload()
        expect(page.locator(".list tbody tr").first).to_be_visible()
        expect(tab(page, word)).to_have_count(0)

        line(page, word).get_by_role("link", name=word).click()

        expect(page.locator(".list tbody tr")).to_have_count(1)
        expect(page.locator(".list tbody tr")).to_contain_text(f"{word} SA")

    def test_of_one_person_are_not_shown_to_others(self, page: Page, sign_in: SignIn, company: UUID, word: str) -> None:
        sign_in(Role.MANAGER)
        save(page, word, shared=False)

        sign_in(Role.SALES, name="Luc Essai")
        page.goto("/societes?view=all")
        expect(page.locator(".list tbody tr").first).to_be_visible()
        page.locator(".tabs summary").click()

        expect(page.locator(".view-line", has_text=word)).to_have_count(0)
        expect(tab(page, word)).to_have_count(0)
        expect(page.get_by_label("pour tout le monde")).to_have_count(0)  # sharing is the manager's

    def test_are_shared_and_taken_back(
        self, page: Page, sign_in: SignIn, server: Server, company: UUID, word: str
    ) -> None:
        manager = sign_in(Role.MANAGER)
        save(page, word, shared=True)
        sign_in(Role.SALES, name="Luc Essai")
        page.goto("/societes?view=all")
        shared = line(page, word)
        expect(shared).to_contain_text("partagée")
        expect(shared.get_by_role("button", name=f"Supprimer la vue {word}")).to_have_count(0)  # it is not hers
        shared.get_by_role("link", name=word).click()
        expect(page.locator(".list tbody tr")).to_have_count(1)

        page.context.add_cookies([{"name": SESSION_COOKIE, "value": session_of(server, manager), "url": server.url}])
        page.goto("/societes?view=all")
        line(page, word).get_by_role("button", name=f"Supprimer la vue {word}").click()
        expect(page.get_by_text("Vue supprimée.")).to_be_visible()

        expect(tab(page, word)).to_have_count(0)

    def test_are_what_a_role_begins_with(self, page: Page, sign_in: SignIn, company: UUID, word: str) -> None:
        sign_in(Role.MANAGER)
        save(page, word, shared=True)
        line(page, word).get_by_label("Vente").click()
        expect(page.get_by_text("Vue de départ enregistrée.")).to_be_visible()

        sign_in(Role.SALES, name="Luc Essai")
        page.goto("/societes")
        expect(page.locator(".list tbody tr")).to_have_count(1)
        expect(tab(page, word)).to_have_attribute("aria-current", "page")

        sign_in(Role.PURCHASING, name="Ada Essai")  # another role begins as always
        page.goto("/societes")
        expect(page.locator(".list tbody tr").first).to_be_visible()
        expect(page.locator(".list table")).not_to_have_attribute("data-shown", re.compile(word))


class TestAJobOfTheList:
    def test_is_told_when_it_ends_and_can_be_taken_back(
        self, page: Page, sign_in: SignIn, server: Server, word: str
    ) -> None:
        person = sign_in(Role.MANAGER, name="Anne Nombre")
        at = datetime.now(UTC) - timedelta(hours=1)
        drafts = [make_draft(name=f"{word} {n}", received_at=at) for n in range(MOST_IN_ONE_DEED + 5)]
        with server.database():
            made: list[UUID] = do(system_actor(), add_leads, drafts=drafts, import_id=None)
        page.goto(f"/pistes?view=all&q={word}&sort=name&columns=name,owner")
        expect(page.locator(".list tbody tr").first).to_contain_text(word)
        page.get_by_label("Choisir toute la page").check()
        page.get_by_role("button", name=re.compile("Choisir toute la vue")).click()
        page.get_by_role("button", name="Attribuer…").click()
        page.get_by_label("Attribuer à").select_option(str(person))
        page.get_by_role("button", name="Vérifier").click()
        expect(page.get_by_text("Travail en arrière-plan")).to_be_visible()

        page.get_by_role("button", name=re.compile("^Confirmer")).click()

        expect(page.get_by_text("Le travail est lancé")).to_be_visible()
        notice = page.get_by_text(f"{len(made)} fiches modifiées.")
        expect(notice).to_be_visible(timeout=JOB_PATIENCE)
        page.locator(".toast", has=notice).get_by_role("button", name=re.compile("^Annuler")).click()

        expect(page.get_by_text("C’est annulé.")).to_be_visible(timeout=JOB_PATIENCE)
        expect(page.locator(".list tbody tr", has_text="Anne Nombre")).to_have_count(0)
        with server.database():
            assert {ask(system_actor(), lead_detail, lead_id=one, by=system_actor()).owner_id for one in made} == {None}
