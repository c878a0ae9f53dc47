"""What the server writes reaches an English reader in English: every page, a scored lead, a version."""

import importlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do, now
from app.insights import job as jobs
from app.pages import PAGES
from app.platform import SCREENS
from app.session import SESSION_COOKIE
from app.text import catalogue
from db.access.people.actions import add_user
from db.access.rules import Actor, Role, system_actor
from db.insights.predictions.queries import current_scores
from tests.app.insights.make import MODEL, past_and_present, put_live
from tests.serving import Server, serving, session_of

for _module in PAGES:
    importlib.import_module(_module)

PLAIN = sorted(one.route for one in SCREENS if one.permission != "anybody" and "[" not in one.route)
DATA = {"Salon", "Recommandation", "Site", "Annonce"}  # typed by people
TEXTS = """() => {
  const found = [], walker = document.createTreeWalker(document.querySelector(".app"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) found.push(walker.currentNode.textContent.trim());
  return found;
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what other tests typed in French would stand on the pages."""
    with serving(tmp_path_factory.mktemp("languages")) as running:
        yield running


@pytest.fixture(scope="module")
def lead_address(server: Server) -> str:
    """The address of a lead that a model has scored."""
    with server.database(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "freeze", lambda facts: (None, ""))
        at = now()
        people = {}
        for role in (Role.ANALYST, Role.MANAGER, Role.SALES):
            user_id = do(system_actor(), add_user, name=f"L {role.value}", email=f"{role}.l@example.ch", roles=[role])
            people[role] = Actor(user_id, role.value, frozenset({role}), fresh_until=at + timedelta(hours=1))
        past_and_present(people[Role.SALES], at)
        version = put_live(people, at)
        row = next(one for one in ask(system_actor(), current_scores, model=MODEL, version_id=version) if one.reasons)
    return f"/pistes/{row.subject_id}"


def come_in(page: Page, server: Server, *roles: Role) -> None:
    """Sign in somebody who reads English."""
    with server.database():
        email = f"{roles[-1]}.reader@example.ch"
        user_id = do(system_actor(), add_user, name="Ann Reader", email=email, roles=roles, language="en")
    cookie = {"name": SESSION_COOKIE, "value": session_of(server, user_id), "url": server.url}
    page.context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[typeddict-item]


def french_left(page: Page) -> set[str]:
    """Return the sentences of the catalogue that stand on the page in French."""
    english = catalogue("en")
    said = {text.replace("\u00a0", " ") for text in page.evaluate(TEXTS)}
    return {text for text in said if english.get(text, text) != text and text not in set(english.values())} - DATA


class TestEnglishReader:
    def test_reads_no_french(self, page: Page, server: Server, lead_address: str) -> None:
        come_in(page, server, *Role)
        left: dict[str, set[str]] = {}
        for address in [*PLAIN, lead_address, "/modeles/lead_score/1"]:
            page.goto(address)
            expect(page.locator("[data-hydrated=yes]")).to_be_visible()
            page.wait_for_load_state("networkidle")
            if found := french_left(page):
                left[address] = found

        assert left == {}

    def test_reads_why_a_lead_is_scored(self, page: Page, server: Server, lead_address: str) -> None:
        come_in(page, server, Role.SALES)
        page.goto(lead_address)

        expect(page.locator(".fa").first).to_contain_text("cases")
