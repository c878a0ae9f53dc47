"""Every page, light and dark: no serious finding of axe-core, none wider than a phone, scripts within their budget."""

import importlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from app import routes
from app.doors import ask, do
from app.pages import PAGES
from app.platform import NOT_FOUND, SCREENS
from app.session import actor_of_user
from app.text import TRANSLATIONS
from db.access.rules import Role
from db.crm.leads.actions import convert_lead, create_lead
from db.crm.leads.rules import LeadDraft
from db.crm.opportunities.queries import opportunity_facts
from tests.browser.conftest import SignIn
from tests.serving import Server

for _module in PAGES:
    importlib.import_module(_module)

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => {
    const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
    return found.violations.filter(one => ["serious", "critical"].includes(one.impact))
        .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | ")}`);
}"""
BECOME_DARK = """() => {
    document.documentElement.classList.remove("light");
    document.documentElement.classList.add("dark");
    return new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}"""  # the frame after next has every colour
LARGEST_SCRIPT = 400 * 1024  # bytes as they travel, without a chart
WITH_CHARTS = frozenset[str]()
EVERYBODY = tuple(Role)
PHONE = {"width": 390, "height": 844}
NO_RECORD = "00000000-0000-7000-8000-000000000000"  # pages of records that this test does not make say so in words

FORMS = (routes.LEAD, routes.OPPORTUNITY, routes.COMPANY_RECORD, routes.CONTACT_RECORD)
FRAMED = sorted(screen.route for screen in SCREENS if screen.permission != "anybody")
VISITED = sorted(screen.route for screen in SCREENS if screen.permission == "anybody")


@pytest.fixture
def visit(page: Page, server: Server, sign_in: SignIn) -> Callable[[str], None]:
    """Sign in a person with every role and a lead, and open pages by their routes."""
    user_id = sign_in(*EVERYBODY)
    with server.database():
        at = datetime.now(UTC) - timedelta(days=2)
        draft = LeadDraft(name="Boulangerie Dupont", received_at=at, email="dupont@example.ch", city="Vevey")
        somebody = actor_of_user(user_id, via="screen")
        lead_id = do(somebody, create_lead, draft=draft)
        signed = replace(draft, company_name="Dupont SA", person_name="Ida Dupont")
        deal_id = do(somebody, convert_lead, lead_id=do(somebody, create_lead, draft=signed))
        deal = ask(somebody, opportunity_facts, opportunity_id=deal_id, by=somebody)
    records = {
        "[lead_id]": lead_id,
        "[opportunity_id]": deal_id,
        "societes/[party_id]": f"societes/{deal.party_id}",
        "contacts/[party_id]": f"contacts/{deal.contact_id}",
    }

    page.emulate_media(reduced_motion="reduce")  # colours at once

    def go(route: str) -> None:
        address = route.replace("[model]", "lead_score").replace("[version]", "1")
        for placeholder, record in records.items():
            address = address.replace(placeholder, str(record))
        page.goto(re.sub(r"\[\w+\]", NO_RECORD, address))
        expect(page.locator("[data-hydrated=yes]")).to_be_visible()
        page.wait_for_load_state("networkidle")

    return go


def serious_findings(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical, with the elements concerned."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN_AXE)
    return found


def scripts_of(page: Page, go: Callable[[], Any]) -> int:
    """Return the bytes of script, as they travel, that a page asks for."""
    sizes: list[int] = []

    def note(response: Response) -> None:
        if response.url.split("?")[0].endswith(".js") and response.status == 200:
            sizes.append(int(response.headers.get("content-length", "0")))

    page.on("response", note)
    go()
    page.remove_listener("response", note)
    return sum(sizes)


class TestEveryPage:
    @pytest.mark.parametrize("route", FRAMED)
    def test_is_accessible_narrow_and_light(self, page: Page, visit: Callable[[str], None], route: str) -> None:
        size = scripts_of(page, lambda: visit(route))
        findings = serious_findings(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.evaluate(BECOME_DARK)
        findings += [f"dark: {found}" for found in serious_findings(page)]
        page.set_viewport_size(PHONE)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

        assert findings == []
        assert overflow <= 0, f"{overflow} px wider than a phone"
        assert route in WITH_CHARTS or 0 < size <= LARGEST_SCRIPT, f"{size} bytes of script"

    @pytest.mark.parametrize("language", TRANSLATIONS)
    @pytest.mark.parametrize("route", [routes.LEAD, routes.IMPORT_KIND])
    def test_brings_only_the_words_of_its_reader(
        self, page: Page, server: Server, visit: Callable[[str], None], language: str, route: str
    ) -> None:
        page.context.add_cookies([{"name": "boussole_language", "value": language, "url": server.url}])
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        size = scripts_of(page, lambda: visit(route))

        assert {name for name in TRANSLATIONS if any(f"words_{name}" in url for url in asked)} == {language}
        assert 0 < size <= LARGEST_SCRIPT, f"{size} bytes of script"

    @pytest.mark.parametrize("route", FORMS)
    def test_is_accessible_with_its_form_open(self, page: Page, visit: Callable[[str], None], route: str) -> None:
        visit(route)
        page.keyboard.press("e")
        expect(page.locator(".record-form")).to_be_visible()

        assert serious_findings(page) == []

    @pytest.mark.parametrize("route", VISITED)
    def test_of_a_visitor_is_accessible(self, page: Page, complaints: list[str], route: str) -> None:
        page.goto(route)
        page.wait_for_load_state("networkidle")

        assert serious_findings(page) == []
        if route == NOT_FOUND:
            complaints.clear()  # the browser itself notes that the address answered 404
