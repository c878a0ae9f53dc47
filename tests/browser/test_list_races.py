"""What is typed into the search of a list is never lost, whatever else is pressed while the server has not answered."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from app.doors import do
from db.access.rules import Role, system_actor
from db.crm.leads.actions import add_leads
from tests.browser.conftest import SignIn
from tests.browser.slow import SlowServer
from tests.db.crm.leads.make import make_draft
from tests.serving import Server

AT_ONCE = """([box, button, text]) => {
  const input = document.querySelector(box);
  input.focus();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  button.click();
}"""
Deed = Callable[[Page], None]


@pytest.fixture
def word() -> str:
    """What the names of this test's leads begin with."""
    return "q" + uuid4().hex[:9]


@pytest.fixture
def slow(page: Page, sign_in: SignIn, server: Server, word: str) -> SlowServer:
    """A person with two leads of her own, of which the whole word finds one, in front of her list."""
    person = sign_in(Role.SALES)
    at = datetime.now(UTC) - timedelta(hours=1)
    drafts = [make_draft(name=f"{word}{end}", received_at=at, owner_id=person) for end in ("nord", "sud")]
    with server.database():
        do(system_actor(), add_leads, drafts=drafts, import_id=None)
    between = SlowServer(page)
    page.goto("/pistes")
    expect(page.locator(".list tbody tr").first).to_be_visible()
    expect(chip(page)).to_be_visible()
    return between


def chip(page: Page) -> object:
    return page.locator(".tools").get_by_role("button", name=re.compile("^À moi"))


def press_chip(page: Page) -> None:
    page.locator(".tools").get_by_role("button", name=re.compile("^À moi")).click()


def press_sort(page: Page) -> None:
    page.locator("th").get_by_role("button", name="Piste", exact=False).first.click()


def press_tab(page: Page) -> None:
    page.locator(".tabs a", has_text="Mes pistes").click()


def choose_group(page: Page) -> None:
    page.locator("summary", has_text="Grouper").click()
    page.get_by_role("button", name="Canton", exact=True).click()


DEEDS = {
    "chip": (press_chip, re.compile("owner=")),
    "sort": (press_sort, re.compile("sort=name")),
    "tab": (press_tab, re.compile("owner=")),
    "group": (choose_group, re.compile("group=canton")),
}


def type_whole(page: Page, word: str) -> None:
    """Type the beginning of a word, and then the rest."""
    page.keyboard.press("/")
    page.keyboard.type(word)
    expect(page).to_have_url(re.compile(f"q={word}(&|$)"))


def shows(page: Page, found: str, also: re.Pattern[str]) -> None:
    """Check that the box, the address and the list all hold the whole word, and what was pressed."""
    expect(page.get_by_label("Chercher dans la liste")).to_have_value(found)
    for holds in (re.compile(f"q={found}(&|$)"), also):
        expect(page).to_have_url(holds)
        expect(page.locator(".list table")).to_have_attribute("data-shown", holds)
    expect(page.locator(".list table")).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize("name", DEEDS)
class TestTheSearch:
    def test_is_kept_by_what_is_pressed_before_its_answer(
        self, page: Page, slow: SlowServer, word: str, name: str
    ) -> None:
        press, also = DEEDS[name]
        type_whole(page, word)
        expect(page.locator(".list table")).to_have_attribute("data-shown", re.compile("q=" + word))
        slow.wait()
        page.keyboard.type("nord")
        expect(page).to_have_url(re.compile(f"q={word}nord"))

        press(page)
        expect(page).to_have_url(also)
        slow.answer()

        shows(page, word + "nord", also)

    def test_is_kept_by_what_is_pressed_before_it_was_asked(
        self, page: Page, slow: SlowServer, word: str, name: str
    ) -> None:
        if name == "group":
            page.locator("summary", has_text="Grouper").click()
        button = {
            "chip": page.locator(".tools .chip", has_text="À moi"),
            "sort": page.locator("th button", has_text="Piste").first,
            "tab": page.locator(".tabs a", has_text="Mes pistes"),
            "group": page.get_by_role("button", name="Canton", exact=True),
        }[name]

        page.evaluate(AT_ONCE, ["input.search", button.element_handle(), word + "nord"])

        shows(page, word + "nord", DEEDS[name][1])

    def test_keeps_what_was_pressed_before(self, page: Page, slow: SlowServer, word: str, name: str) -> None:
        press, also = DEEDS[name]
        slow.wait()
        press(page)
        expect(page).to_have_url(also)

        type_whole(page, word + "nord")
        slow.answer()

        shows(page, word + "nord", also)


class TestANewPage:
    def test_does_not_take_the_search_back(self, page: Page, slow: SlowServer, word: str) -> None:
        type_whole(page, word)
        expect(page.locator(".list tbody tr")).to_have_count(2)
        slow.wait()
        page.keyboard.type("sud")
        expect(page).to_have_url(re.compile(f"q={word}sud"))
        page.keyboard.press("Escape")  # the focus leaves the box while the answer is on its way

        slow.answer()

        expect(page.locator(".list tbody tr")).to_have_count(1)
        expect(page.locator(".list tbody tr")).to_contain_text(word + "sud")
        expect(page.get_by_label("Chercher dans la liste")).to_have_value(word + "sud")
