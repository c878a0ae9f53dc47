"""A field that the firm adds: set up, filled in a form, shown as a column, filtered, exported, retired."""

import re
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from db.access.rules import Role, system_actor
from db.parties.actions import add_party
from db.parties.queries import party_card
from db.parties.rules import PartyDraft, PartyKind
from tests.browser.conftest import SignIn
from tests.serving import Server


@pytest.fixture
def word() -> str:
    """A word that only this test's field and records have."""
    return "q" + uuid4().hex[:9]


@pytest.fixture
def companies(server: Server, word: str) -> list[UUID]:
    """Two companies."""
    with server.database():
        return [
            do(system_actor(), add_party, draft=PartyDraft(PartyKind.COMPANY, f"{word} {letter} SA")) for letter in "AB"
        ]


def open_settings(page: Page) -> None:
    """Open the settings of the companies' fields."""
    page.goto("/reglages/champs")
    page.locator('.app[data-hydrated="yes"]').wait_for()
    page.get_by_role("button", name="Sociétés", exact=True).click()
    expect(page.get_by_role("button", name="Sociétés", exact=True)).to_have_attribute("aria-pressed", "true")


def add(page: Page, label: str) -> None:
    """Add a required amount."""
    page.get_by_role("button", name="Ajouter un champ").click()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Donnez un nom")
    page.locator("input[name=label]").fill(label)
    page.locator("input[name=label_de]").fill(f"Vertrag {label}")
    page.locator("select[name=type]").select_option("amount")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("row", name=re.compile(f"^{label}"))).to_contain_text("Montant (CHF)")


class TestAddedField:
    def test_is_set_up_filled_listed_filtered_exported_and_retired(
        self, page: Page, sign_in: SignIn, server: Server, companies: list[UUID], word: str
    ) -> None:
        sign_in(Role.MANAGER)
        label = f"Contrat {word}"
        open_settings(page)
        add(page, label)

        page.goto(f"/societes/{companies[0]}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(word)
        page.locator('.app[data-hydrated="yes"]').wait_for()
        page.keyboard.press("e")
        page.get_by_label(label).fill("beaucoup")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("n’est pas un nombre")
        page.get_by_label(label).fill("1250.5")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".lead-main")).to_contain_text("1'250.50")
        expect(page.locator(".stories")).to_contain_text(f"{label} : — → 1'250.50")

        key = f"custom.contrat_{word}"
        page.goto(f"/societes?q={word}&columns=name,{key}&sort=-{key}")
        rows = page.locator(".list tbody tr")
        expect(rows).to_have_count(2)
        expect(page.get_by_role("columnheader", name=re.compile(label))).to_be_visible()
        expect(rows.first).to_contain_text("1'250.50")

        page.locator("summary", has_text="Filtre").first.click()
        page.locator("select[name=custom_key]").select_option(f"contrat_{word}")
        page.locator("select[name=custom_operator]").select_option("from")
        page.locator("input[name=custom_value]").fill("1000")
        page.get_by_role("button", name="Filtrer").click()
        expect(page.locator(".chip.on").filter(has_text=label)).to_contain_text("≥ 1000")
        expect(rows).to_have_count(1)

        address = page.url.partition("?")[2]
        answer = page.request.get(f"/listes/company/export/csv?{address}")
        assert answer.text().splitlines() == [f"\ufeffSociété;{label}", f"{word} A SA;1250.50"]
        with server.database():
            [entry] = [one for one in ask(system_actor(), party_card, party_id=companies[0]).custom if one.value]
            assert entry.field.label_de == f"Vertrag {label}"

        open_settings(page)
        page.get_by_role("row", name=re.compile(f"^{label}")).get_by_role("button", name="Retirer").click()
        expect(page.get_by_role("button", name="Reprendre")).to_be_visible()
        page.goto(f"/societes/{companies[0]}")
        expect(page.locator(".lead-main")).to_contain_text("1'250.50")
