"""The list part by keyboard: search, walk, edit in place, change many, a view as a link, a block from Excel."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from db.access.rules import Role, system_actor
from db.crm.leads.actions import add_leads
from db.crm.leads.queries import lead_detail
from db.parties.actions import add_party
from db.parties.queries import party_card
from db.parties.rules import PartyDraft, PartyKind
from tests.browser.conftest import SignIn
from tests.db.crm.leads.make import make_draft
from tests.serving import Server

PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
COPY = """() => {
  const data = new DataTransfer();
  document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true }));
  return data.getData("text/plain");
}"""


@pytest.fixture
def word() -> str:
    """A word that only this test's records have."""
    return "q" + uuid4().hex[:9]


@pytest.fixture
def companies(server: Server, word: str) -> list[UUID]:
    """Three companies."""
    with server.database():
        return [
            do(system_actor(), add_party, draft=PartyDraft(PartyKind.COMPANY, f"{word} {letter} SA"))
            for letter in "ABC"
        ]


@pytest.fixture
def leads(server: Server, word: str) -> list[UUID]:
    """Three open leads."""
    at = datetime.now(UTC) - timedelta(hours=1)
    drafts = [make_draft(name=f"{word} {letter}", received_at=at) for letter in "ABC"]
    with server.database():
        made: list[UUID] = do(system_actor(), add_leads, drafts=drafts, import_id=None)
    return made


def show(page: Page, address: str, word: str) -> None:
    """Open a list, search with the keyboard, and stand on its first row."""
    page.goto(address)
    expect(page.locator(".list tbody tr").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(word)
    expect(page).to_have_url(re.compile("q=" + word))
    expect(page.locator(".list table")).to_have_attribute("data-shown", re.compile("q=" + word))  # not an earlier view
    expect(page.locator(".list tbody tr")).to_have_count(3)
    expect(page.locator(".total")).to_contain_text("3\xa0")
    page.keyboard.press("Enter")
    page.locator(".list").focus()


class TestCompanies:
    def test_are_edited_in_place_with_the_error_beside_the_cell(
        self, page: Page, sign_in: SignIn, server: Server, companies: list[UUID], word: str
    ) -> None:
        sign_in(Role.SALES)
        show(page, "/societes?sort=name&columns=name,city,canton", word)
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.keyboard.type("Nyon")
        page.keyboard.press("Tab")
        page.keyboard.type("Vaud")
        page.keyboard.press("Enter")
        expect(page.locator(".cell-error")).to_contain_text("n’est pas un canton")
        expect(page.locator("td.bad")).to_contain_text("Vaud")

        page.keyboard.press("F2")
        page.keyboard.press("Control+a")
        page.keyboard.type("vd")
        page.keyboard.press("Enter")
        expect(page.locator("#cell-0-2")).to_have_text("VD")
        expect(page.locator(".cell-error")).to_have_count(0)
        with server.database():
            address = ask(system_actor(), party_card, party_id=companies[0]).address
        assert (address.city, address.canton) == ("Nyon", "VD")

    def test_take_a_block_from_excel_and_give_one(
        self, page: Page, sign_in: SignIn, server: Server, companies: list[UUID], word: str
    ) -> None:
        sign_in(Role.SALES)
        show(page, "/societes?sort=name&columns=name,postal_code,city,canton", word)
        page.keyboard.press("ArrowRight")
        page.evaluate(PASTE, "1260\tNyon\tVD\n1800\tVevey\tXXX\n")
        expect(page.locator("dialog.paste")).to_contain_text("n’est pas un canton")
        page.get_by_role("button", name=re.compile("Coller")).click()
        expect(page.locator("#cell-0-2")).to_have_text("Nyon")

        page.keyboard.press("Shift+ArrowRight")
        expect(page.locator("td.blk")).to_have_count(2)
        assert page.evaluate(COPY) == "1260\tNyon"
        with server.database():
            assert ask(system_actor(), party_card, party_id=companies[0]).address.postal_code == "1260"

    def test_show_the_same_view_to_whom_gets_the_link(
        self, page: Page, sign_in: SignIn, companies: list[UUID], word: str
    ) -> None:
        sign_in(Role.MANAGER)
        show(page, "/societes?sort=-name&columns=city~222,name", word)
        page.locator(".tabs summary").click()
        page.get_by_label("Nom de la vue").fill(word)
        page.get_by_label("pour tout le monde").check()
        page.get_by_role("button", name="Enregistrer cette vue").click()
        expect(page.locator(".tabs > a", has_text=word)).to_have_attribute("aria-current", "page")
        link = page.url

        sign_in(Role.SALES, name="Luc Essai")
        page.goto(link)
        expect(page.locator(".list tbody tr")).to_have_count(3)
        expect(page.locator("thead th").nth(1)).to_have_text("Localité")
        expect(page.locator(".list tbody tr").first).to_contain_text("C SA")
        expect(page.locator(".tabs > a", has_text=word)).to_be_visible()

    def test_are_grouped_with_counts(self, page: Page, sign_in: SignIn, companies: list[UUID], word: str) -> None:
        sign_in(Role.SALES)
        page.goto(f"/societes?q={word}&group=canton")
        expect(page.locator("tr.group")).to_have_count(1)
        expect(page.locator("tr.group")).to_contain_text("3")
        page.locator("tr.group button").click()
        expect(page.locator(".list tbody tr[data-id]")).to_have_count(3)

    def test_are_looked_at_beside_the_list(self, page: Page, sign_in: SignIn, companies: list[UUID], word: str) -> None:
        sign_in(Role.SALES)
        show(page, "/societes?sort=name", word)
        page.keyboard.press(" ")
        expect(page.locator(".peek")).to_contain_text(f"{word} A SA")
        page.keyboard.press("j")
        expect(page.locator(".peek")).to_contain_text(f"{word} B SA")

        page.keyboard.press("Escape")
        expect(page.locator(".peek")).to_have_count(0)

    def test_are_exported_as_they_are_shown(
        self, page: Page, sign_in: SignIn, companies: list[UUID], word: str
    ) -> None:
        sign_in(Role.SALES)
        show(page, "/societes?sort=-name&columns=name,city", word)
        page.get_by_text("Exporter").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()

        lines = download.value.path().read_bytes().decode("utf-8-sig").splitlines()
        assert lines[0] == "Société;Localité"
        assert lines[1].startswith(f"{word} C SA")


class TestLeads:
    def test_are_changed_many_at_once_after_a_preview(
        self, page: Page, sign_in: SignIn, server: Server, leads: list[UUID], word: str
    ) -> None:
        me = sign_in(Role.SALES, name=f"Anne {word}")
        show(page, "/pistes?view=all&sort=name", word)
        page.keyboard.press("x")
        page.keyboard.press("Shift+J")
        expect(page.locator(".bulk b").first).to_have_text("2 choisies")
        page.get_by_role("button", name="Attribuer…").click()
        page.get_by_label("Attribuer à").select_option(label=f"Anne {word}")
        page.get_by_role("button", name="Vérifier").click()
        expect(page.locator(".bulk .told")).to_contain_text("2\xa0fiches, 0\xa0refusée")
        page.get_by_role("button", name="Confirmer (2)").click()
        expect(page.get_by_text("2 pistes attribuées.")).to_be_visible()

        with server.database():
            by = system_actor()
            owners = [ask(by, lead_detail, lead_id=one, by=by).owner_id for one in leads]
        assert owners == [me, me, None]

    def test_tell_what_is_refused_before_anything_is_done(
        self, page: Page, sign_in: SignIn, leads: list[UUID], word: str
    ) -> None:
        sign_in(Role.SALES)
        show(page, "/pistes?view=all&sort=name", word)
        page.get_by_label("Choisir toute la page").click()
        page.get_by_role("button", name="Perdues…").click()
        page.get_by_label("Motif de la perte").fill(" ")
        page.get_by_role("button", name="Vérifier").click()
        expect(page.locator(".bulk .told")).to_contain_text("3\xa0refusées")
        expect(page.get_by_role("button", name=re.compile("Confirmer"))).to_have_count(0)

    def test_keep_columns_in_order_and_width_in_the_address(
        self, page: Page, sign_in: SignIn, leads: list[UUID], word: str
    ) -> None:
        sign_in(Role.SALES)
        show(page, "/pistes?view=all&sort=name&columns=name,city,canton", word)
        edge = page.locator("th.c-city .edge").bounding_box()
        assert edge is not None
        page.mouse.move(edge["x"] + 3, edge["y"] + 8)
        page.mouse.down()
        page.mouse.move(edge["x"] + 83, edge["y"] + 8)
        page.mouse.up()
        expect(page).to_have_url(re.compile(r"city%7E\d{3}"))

        page.get_by_text("Colonnes").click()
        page.get_by_label("Plus à droite : Localité").click()
        expect(page).to_have_url(re.compile(r"name%2Ccanton%2Ccity"))
        expect(page.locator("thead th").nth(2)).to_have_text("Canton")
        assert json.dumps(page.url).count("city") == 1
