"""Every page, light and dark: no serious finding of axe-core, none wider than a phone, scripts within their budget."""

import importlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from app.doors import do
from app.pages import PAGES
from app.platform import NOT_FOUND, SCREENS
from app.session import actor_of_user
from db.access.rules import Role
from db.crm.leads.actions import create_lead
from db.crm.leads.rules import LeadDraft
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
LARGEST_SCRIPT = 400 * 1024  # bytes as they travel, without a chart
WITH_CHARTS = frozenset[str]()
EVERYBODY = tuple(Role)
PHONE = {"width": 390, "height": 844}
NO_RECORD = "00000000-0000-7000-8000-000000000000"  # pages of records that this test does not make say so in words

FRAMED = sorted(screen.route for screen in SCREENS if screen.permission != "anybody")
VISITED = sorted(screen.route for screen in SCREENS if screen.permission == "anybody")


@pytest.fixture
def visit(page: Page, server: Server, sign_in: SignIn) -> Callable[[str], None]:
    """Sign in a person with every role and a lead, and open pages by their routes."""
    user_id = sign_in(*EVERYBODY)
    with server.database():
        at = datetime.now(UTC) - timedelta(days=2)
        draft = LeadDraft(name="Boulangerie Dupont", received_at=at, email="dupont@example.ch", city="Vevey")
        lead_id = do(actor_of_user(user_id, via="screen"), create_lead, draft=draft)

    page.emulate_media(reduced_motion="reduce")  # colours at once

    def go(route: str) -> None:
        address = route.replace("[lead_id]", str(lead_id)).replace("[model]", "lead_score").replace("[version]", "1")
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
        page.evaluate("document.documentElement.classList.replace('light', 'dark')")
        findings += [f"dark: {found}" for found in serious_findings(page)]
        page.set_viewport_size(PHONE)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

        assert findings == []
        assert overflow <= 0, f"{overflow} px wider than a phone"
        assert route in WITH_CHARTS or 0 < size <= LARGEST_SCRIPT, f"{size} bytes of script"

    @pytest.mark.parametrize("route", VISITED)
    def test_of_a_visitor_is_accessible(self, page: Page, complaints: list[str], route: str) -> None:
        page.goto(route)
        page.wait_for_load_state("networkidle")

        assert serious_findings(page) == []
        if route == NOT_FOUND:
            complaints.clear()  # the browser itself notes that the address answered 404
