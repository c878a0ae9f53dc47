"""What the server writes reaches its reader in English and in German: every page, a scored lead, a version."""

import importlib
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

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
PLACE = re.compile(r"\{\w+[^}]*\}")
DATA = {"Salon", "Recommandation", "Site", "Annonce", "Contact"}  # typed by people; a stage of the firm’s pipeline
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


def come_in(page: Page, server: Server, *roles: Role, language: str = "en") -> None:
    """Sign in somebody who reads another language than French."""
    with server.database():
        email = f"{roles[-1]}.{language}.reader@example.ch"
        user_id = do(system_actor(), add_user, name="Ann Reader", email=email, roles=roles, language=language)
    cookie = {"name": SESSION_COOKIE, "value": session_of(server, user_id), "url": server.url}
    page.context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[typeddict-item]


@cache
def filled(language: str) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """Return how sentences with places look in French and in another language, where the two differ."""
    found = []
    for french, said in catalogue(language).items():
        around = re.findall(r"[A-Za-zÀ-ÿ]{3,}", PLACE.sub(" ", french))
        if PLACE.search(french) and len(around) > 1 and french != said:
            found.append((looks_like(french), looks_like(said)))
    return tuple(found)


def looks_like(sentence: str) -> re.Pattern[str]:
    """Return what a sentence is once its places are filled."""
    return re.compile(".{1,80}".join(re.escape(part) for part in PLACE.split(sentence)), re.DOTALL)


def is_filled_french(text: str, language: str) -> bool:
    """Test if a text is a French sentence of the catalogue with its places filled."""
    return any(french.fullmatch(text) and not said.fullmatch(text) for french, said in filled(language))


def french_left(page: Page, language: str) -> set[str]:
    """Return the sentences of the catalogue that stand on the page in French."""
    known = catalogue(language)
    spoken = set(known.values())
    said = {text.replace("\u00a0", " ") for text in page.evaluate(TEXTS)} - DATA - spoken
    return {text for text in said if known.get(text, text) != text or is_filled_french(text, language)}


class TestOtherReaders:
    @pytest.mark.parametrize("language", ["en", "de"])
    def test_read_no_french(self, page: Page, server: Server, lead_address: str, language: str) -> None:
        come_in(page, server, *Role, language=language)
        left: dict[str, set[str]] = {}
        for address in [*PLAIN, lead_address, "/modeles/lead_score/1"]:
            page.goto(address)
            expect(page.locator("[data-hydrated=yes]")).to_be_visible()
            page.wait_for_load_state("networkidle")
            if found := french_left(page, language):
                left[address] = found

        assert left == {}

    @pytest.mark.parametrize(("language", "word"), [("en", "cases"), ("de", "Fälle")])
    def test_read_why_a_lead_is_scored(
        self, page: Page, server: Server, lead_address: str, language: str, word: str
    ) -> None:
        come_in(page, server, Role.SALES, language=language)
        page.goto(lead_address)

        expect(page.locator(".fa").first).to_contain_text(word)
