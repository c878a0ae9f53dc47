"""A day's work without one mouse click: the focus is always somewhere, Escape closes, and every key is told by "?"."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from app.doors import do
from db.access.people.actions import add_user
from db.access.rules import Role, system_actor
from db.crm.leads.actions import add_leads
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from tests.db.crm.leads.make import make_draft
from tests.serving import Server

PASSWORD = "quatre mots font un chemin"
IS_LOST = "() => { const here = document.activeElement; return !here || here === document.body; }"


@dataclass(frozen=True)
class Desk:
    """A seller, with a word that only her records have."""

    email: str
    word: str


@pytest.fixture
def desk(server: Server) -> Desk:
    """A seller with a step that is late, two more leads, and a company."""
    word = "k" + uuid4().hex[:9]
    at = datetime.now(UTC) - timedelta(days=3)
    with server.database():
        email = f"{word}@example.ch"
        user_id = do(system_actor(), add_user, name="Nadia Clavier", email=email, roles=[Role.SALES], password=PASSWORD)
        late = {"next_step": f"Rappeler {word}", "next_step_date": at.date()}
        drafts = [
            make_draft(name=f"{word} {letter}", received_at=at, owner_id=user_id, **(late if letter == "A" else {}))
            for letter in "ABC"
        ]
        do(system_actor(), add_leads, drafts=drafts, import_id=None)
        do(system_actor(), add_party, draft=PartyDraft(PartyKind.COMPANY, f"Atelier {word} SA"))
    return Desk(email, word)


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def is_ready(page: Page) -> None:
    """Wait until the page listens."""
    expect(page.locator("[data-hydrated=yes]")).to_be_visible()


def keeps_focus(page: Page) -> None:
    """Wait until something has the focus."""
    for _ in range(50):
        if not page.evaluate(IS_LOST):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the focus is lost")


def tab_to(page: Page, target: Locator, most: int = 160) -> None:
    """Go to an element by Tab, as a person does."""
    for _ in range(most):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {target}")


def sign_in_by_keyboard(page: Page, desk: Desk) -> None:
    """Come in as the seller."""
    page.goto("/connexion")
    expect(page.locator("[name=email]")).to_be_focused()
    page.keyboard.type(desk.email)
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.wait_for_url("**/ma-journee")
    is_ready(page)


class TestDay:
    def test_is_worked_without_a_mouse(self, page: Page, desk: Desk) -> None:
        sign_in_by_keyboard(page, desk)
        notes_a_call(page, desk)
        edits_in_the_list(page, desk)
        loses_two_and_takes_it_back(page, desk)
        opens_an_opportunity(page, desk)
        leaves(page)


def notes_a_call(page: Page, desk: Desk) -> None:
    """Note a call on the late line, then open it."""
    expect(page.locator(".b-late")).to_contain_text(desk.word)
    press(page, "j")
    line = page.locator(".b-late [data-line]").first
    expect(line).to_be_focused()
    press(page, "t")
    expect(page.locator(".call-note textarea")).to_be_focused()
    page.keyboard.type("Rappelle demain, veut deux variantes")
    press(page, "Control+Enter")
    expect(page.locator(".call-note")).to_have_count(0)
    keeps_focus(page)
    expect(line).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(desk.word)
    expect(page.locator(".lead-side")).to_contain_text("veut deux variantes")
    keeps_focus(page)


def edits_in_the_list(page: Page, desk: Desk) -> None:
    """Search, filter, walk, change a name in its cell, look beside the list."""
    press(page, "g", "p")
    page.wait_for_url("**/pistes*")
    expect(page.locator(".list tbody tr").first).to_be_visible()
    press(page, "/")
    page.keyboard.type(desk.word)
    expect(page.locator(".list tbody tr")).to_have_count(3)
    press(page, "Enter")
    expect(page.locator(".list")).to_be_focused()
    press(page, "f")
    expect(page.locator(".facets input").first).to_be_focused()
    press(page, "Escape")
    expect(page.locator(".facets")).to_be_hidden()
    keeps_focus(page)
    press(page, "j", "k", "F2")
    expect(page.locator(".cell-in")).to_be_focused()
    press(page, "Control+a")
    page.keyboard.type(f"{desk.word} changée")
    press(page, "Enter")
    expect(page.locator(".list tbody")).to_contain_text(f"{desk.word} changée")
    keeps_focus(page)
    press(page, "Escape", " ")
    expect(page.locator(".peek")).to_be_visible()
    press(page, "Escape")
    expect(page.locator(".peek")).to_have_count(0)
    keeps_focus(page)


def loses_two_and_takes_it_back(page: Page, desk: Desk) -> None:
    """Choose two, say why they are lost, see what would happen, do it, and undo it."""
    press(page, "Home", "x", "j", "x")
    expect(page.locator(".bulk b")).to_have_text("2 choisies")
    press(page, "b")
    tab_to(page, page.get_by_role("button", name="Perdues…"))
    press(page, "Enter")
    expect(page.get_by_label("Motif de la perte")).to_be_focused()
    page.keyboard.type("sans réponse")
    press(page, "Enter")
    expect(page.get_by_role("button", name="Confirmer (2)")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_text("2 pistes perdues.")).to_be_visible()
    keeps_focus(page)
    press(page, "z")
    expect(page.locator(".list tbody tr").nth(2)).to_be_visible()
    expect(page.locator(".list tbody .st.lost")).to_have_count(0)


def opens_an_opportunity(page: Page, desk: Desk) -> None:
    """Ctrl-K, the form by Tab, save."""
    press(page, "Control+k")
    page.keyboard.type(f"nouvelle affaire pour {desk.word}")
    expect(page.locator("dialog.pal").get_by_role("option").first).to_contain_text("Nouvelle affaire pour")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/affaires/nouvelle"))
    is_ready(page)
    tab_to(page, page.locator("[name=name]"))
    page.keyboard.type(f"Rampe {desk.word}")
    press(page, "Tab", "Tab")
    press(page, "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Rampe {desk.word}")
    keeps_focus(page)


def leaves(page: Page) -> None:
    """The list of keys opens and closes; the person's menu leads out."""
    press(page, "?")
    expect(page.locator("dialog.keys")).to_be_visible()
    expect(page.locator("dialog.keys")).to_contain_text("Chercher ou agir")
    press(page, "Escape")
    expect(page.locator("dialog.keys")).to_be_hidden()
    keeps_focus(page)
    press(page, "g", "q")
    tab_to(page, page.get_by_role("button", name="Se déconnecter"))
    press(page, "Enter")
    page.wait_for_url("**/connexion*")
