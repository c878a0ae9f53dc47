"""What opens over a page is as accessible as the page; odd names, long German, a narrow or slow or lost window."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from app.doors import do
from db.access.rules import Role, system_actor
from db.crm.leads.actions import add_leads
from tests.browser.conftest import SignIn
from tests.browser.test_looks import serious_findings
from tests.db.crm.leads.make import make_draft
from tests.serving import Server

ODD_NAMES = (
    "شركة الحديد",
    "日内瓦钢铁有限公司",
    "Verwaltungsgesellschaft-für-Stahlkonstruktionen-" * 4,
    "O’Neil & <b>Fils</b>",
)
OPENED = {
    "the sheet of keys": ("/pistes", ["?"], "dialog.keys[open]"),
    "the box of Ctrl-K": ("/ma-journee", ["Control+k"], "dialog.pal[open]"),
    "the filters": ("/pistes", ["f"], ".facets"),
    "what is looked at beside the list": ("/pistes", [" "], ".peek"),
    "chosen rows": ("/pistes", ["x", "j", "x"], ".bulk"),
    "a cell that is edited": ("/pistes", ["F2"], ".cell-in"),
    "the person's menu": ("/ma-journee", ["g", "q"], ".person[open] .pop"),
    "a drop zone and a story": ("/pistes", ["Enter"], ".drop"),
}
SHIFT = """() => new Promise((done) => {
    let sum = 0;
    const add = (list) => list.getEntries().forEach((one) => { sum += one.hadRecentInput ? 0 : one.value; });
    new PerformanceObserver(add)
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 300);
})"""
STICKS_OUT = """() => [...document.querySelectorAll(".main .head > *, .main .head .btn, .main .tools .btn, .sect .btn")]
    .filter((one) => one.offsetParent && one.getBoundingClientRect().right > window.innerWidth + 1)
    .map((one) => one.textContent)"""


@pytest.fixture
def leads(server: Server) -> list[UUID]:
    """Leads with odd names and a sum of nine digits."""
    at = datetime.now(UTC) - timedelta(hours=1)
    drafts = [
        make_draft(
            name=f"{name} {uuid4().hex[:4]}", received_at=at, company_name=name, expected_amount=Decimal(987654321)
        )
        for name in ODD_NAMES
    ]
    with server.database():
        made: list[UUID] = do(system_actor(), add_leads, drafts=drafts, import_id=None)
    return made


def open_page(page: Page, address: str) -> None:
    """Open a page and wait until its data is there."""
    page.goto(address)
    expect(page.locator("[data-hydrated=yes]")).to_be_visible()
    page.wait_for_load_state("networkidle")


@pytest.mark.usefixtures("leads")
class TestOpened:
    @pytest.mark.parametrize("what", OPENED)
    def test_is_accessible(self, page: Page, sign_in: SignIn, what: str) -> None:
        address, keys, shown = OPENED[what]
        sign_in(*Role)
        page.emulate_media(reduced_motion="reduce")
        open_page(page, address)
        if address != "/ma-journee":
            expect(page.locator(".list tbody tr").first).to_be_visible()
        for key in keys:
            page.keyboard.press(key)
        expect(page.locator(shown).first).to_be_attached()
        page.wait_for_timeout(300)

        assert serious_findings(page) == []


@pytest.mark.usefixtures("leads")
class TestList:
    def test_holds_odd_names_and_large_sums(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.SALES)
        page.set_viewport_size({"width": 1280, "height": 800})
        open_page(page, "/pistes?sort=amount")
        sums = page.locator(".list td.c-amount")
        expect(sums.first).to_be_visible()

        cut = sums.evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
        )
        assert cut == []
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert page.locator(".list b", has_text="Fils").count() == 0

    def test_keeps_amount_and_probability_beside_the_peek(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.SALES)
        page.set_viewport_size({"width": 1280, "height": 800})
        open_page(page, "/pistes")
        expect(page.locator(".list tbody tr").first).to_be_visible()
        page.keyboard.press(" ")
        peek = page.locator(".peek")
        expect(peek).to_be_visible()
        expect(page.locator("nav.nav")).to_have_css("width", "48px")
        left = peek.evaluate("one => one.getBoundingClientRect().left")
        for column in ("amount", "probability"):
            right = page.locator(f"th.c-{column}").evaluate("one => one.getBoundingClientRect().right")
            assert right <= left + 1, column

        page.keyboard.press("Escape")
        expect(page.locator("nav.nav")).to_have_css("width", "200px")


class TestWindow:
    @pytest.mark.parametrize(
        "address", ["/ma-journee", "/pistes", "/compte", "/reglages/droits", "/importer", "/travaux"]
    )
    def test_holds_german_at_every_width(self, page: Page, sign_in: SignIn, address: str) -> None:
        sign_in(*Role)
        open_page(page, address)
        page.keyboard.press("g")
        page.keyboard.press("q")
        page.get_by_role("button", name="Deutsch").click()
        expect(page.locator("html")).to_have_attribute("lang", "de")
        page.keyboard.press("Escape")
        for width in (1280, 1024, 768, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, width
        page.set_viewport_size({"width": 1280, "height": 800})
        assert page.evaluate(STICKS_OUT) == []

    @pytest.mark.parametrize("address", ["/ma-journee", "/pistes"])
    def test_does_not_jump_when_data_arrives(self, page: Page, sign_in: SignIn, address: str) -> None:
        sign_in(Role.SALES)
        open_page(page, address)
        expect(page.locator(".head h1")).to_be_visible()

        assert page.evaluate(SHIFT) < 0.1

    def test_says_that_the_connection_is_lost_and_keeps_what_is_typed(
        self, page: Page, sign_in: SignIn, complaints: list[str]
    ) -> None:
        sign_in(Role.SALES)
        open_page(page, "/pistes/nouvelle")
        page.locator("[name=name]").fill("Rampe sans réseau")
        page.context.set_offline(True)
        page.evaluate("window.dispatchEvent(new Event('offline'))")
        expect(page.locator(".offline")).to_be_visible(timeout=60_000)
        page.context.set_offline(False)
        expect(page.locator(".offline")).to_have_count(0, timeout=60_000)

        expect(page.locator("[name=name]")).to_have_value("Rampe sans réseau")
        complaints.clear()  # the browser itself notes each failed attempt
