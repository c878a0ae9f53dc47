"""An analyst's hour in a real browser: from the menu into the notebook, a knob, a published version."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from playwright.sync_api import Page, Request, expect

from app.doors import ask, do
from app.notebooks.places import LEAD_SCORING
from db.access.rules import Role, system_actor
from db.crm.leads.intake.actions import add_leads
from db.crm.leads.rules import LeadDraft, LeadState
from db.insights.proposals.queries import VersionFacts, versions
from db.insights.proposals.rules import VersionState
from tests.browser.conftest import Server, SignIn

RATES = {"Bouche à oreille": 0.5, "Salon": 0.3, "Site web": 0.1}
KERNEL_MILLISECONDS = 240_000  # a kernel, a model and its figures, on a machine that others use too
WORKER_SECONDS = 240


def drafts(count: int) -> Iterator[LeadDraft]:
    """Yield leads of the last two years, most of them closed, whose outcome depends on their source."""
    random, begin = np.random.default_rng(5), datetime.now(UTC) - timedelta(days=730)
    for number in range(count):
        source = str(random.choice(list(RATES)))
        received = begin + timedelta(days=700 * number / count)
        won = bool(random.random() < RATES[source])
        is_open = number % 8 == 0
        state = LeadState.NEW if is_open else LeadState.CONVERTED if won else LeadState.LOST
        yield LeadDraft(
            name=f"Demande {number}",
            source=source,
            canton=str(random.choice(["VD", "GE", "FR"])),
            expected_amount=Decimal(int(random.integers(5, 400)) * 100),
            state=state,
            received_at=received,
            closed_at=None if is_open else received + timedelta(days=15),
            lost_reason="" if is_open or won else "Prix",
        )


@pytest.fixture
def leads(server: Server) -> None:
    """Four hundred leads in the server's database, once."""
    with server.database():
        do(system_actor(), add_leads, drafts=list(drafts(400)), import_id=None)


def handed_in(server: Server) -> list[VersionFacts]:
    with server.database():
        return list(ask(system_actor(), versions, model="lead_score"))


def open_notebook(page: Page) -> Page:
    """Open the notebook from the menu; return its tab once it has run through."""
    page.goto("/ma-journee")
    page.get_by_role("link", name="Carnets").click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Ouvrir le carnet").click()
    notebook = opened.value
    expect(notebook.get_by_text("Rien n’est publié.")).to_be_visible(timeout=KERNEL_MILLISECONDS)
    return notebook


class TestLeadScoringNotebook:
    def test_publishes_on_a_click_and_never_because_a_knob_moved(
        self, page: Page, server: Server, sign_in: SignIn, leads: None
    ) -> None:
        before = handed_in(server)
        sign_in(Role.ANALYST)
        notebook = open_notebook(page)
        asked: list[str] = []
        notebook.on("request", lambda request: asked.append(host_of(request)))
        expect(notebook.get_by_text("Dans le premier dixième").first).to_be_visible()

        move_knob(notebook)
        assert handed_in(server) == before

        publish(notebook, "Les salons à part")
        expect(notebook.get_by_text(re.compile(r"Version \d+ remise"))).to_be_visible(timeout=KERNEL_MILLISECONDS)
        (made,) = [version for version in handed_in(server) if version not in before]
        assert made.note == "Les salons à part"

        move_knob(notebook)
        expect(notebook.get_by_text("Rien n’est publié.")).to_be_visible(timeout=KERNEL_MILLISECONDS)
        assert len(handed_in(server)) == len(before) + 1
        assert set(asked) <= {host_of_url(notebook.url)}

        assert wait_for_check(server, made.version) is VersionState.PROPOSED
        sign_in(Role.MANAGER)
        read_frozen_notebook(page, made.version)

    def test_is_closed_to_everybody_else(self, page: Page, sign_in: SignIn, complaints: list[str]) -> None:
        sign_in(Role.SALES)

        answer = page.request.post(
            "/notebooks/open", form={"kind": "edit", "subject": LEAD_SCORING}, headers={"Origin": origin_of(page)}
        )

        assert answer.status == 403
        page.goto("/ma-journee")
        expect(page.get_by_role("link", name="Carnets")).to_have_count(0)
        complaints.clear()


def wait_for_check(server: Server, number: int) -> VersionState:
    """Wait until the worker has checked the version; return what became of it."""
    last_moment = time.monotonic() + WORKER_SECONDS
    while True:
        state = next(version.state for version in handed_in(server) if version.version == number)
        if state is not VersionState.DRAFT or time.monotonic() > last_moment:
            return state
        time.sleep(1)


def read_frozen_notebook(page: Page, number: int) -> None:
    """Open the frozen notebook from the version's page: pictures are there, and nothing came from elsewhere."""
    page.goto(f"/modeles/lead_score/{number}")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Carnet figé").click()
    frozen, asked = opened.value, []
    frozen.on("response", lambda answer: asked.append(host_of(answer.request)))
    expect(frozen.get_by_text("Dans le premier dixième").first).to_be_visible(timeout=KERNEL_MILLISECONDS)
    expect(frozen.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert set(asked) <= {host_of_url(frozen.url), host_of_url(page.url), ""}


def origin_of(page: Page) -> str:
    page.goto("/")
    return "/".join(page.url.split("/")[:3])


def host_of_url(url: str) -> str:
    return url.split("/")[2]


def host_of(request: Request) -> str:
    """Return where a request goes; data and blob addresses stay inside the browser."""
    return host_of_url(request.url) if request.url.startswith(("http", "ws")) else ""


def move_knob(notebook: Page) -> None:
    notebook.get_by_label("laisser deux champs agir ensemble").click()


def publish(notebook: Page, note: str) -> None:
    notebook.get_by_label("Pourquoi cette version").fill(note)
    notebook.get_by_label("Pourquoi cette version").blur()
    notebook.get_by_role("button", name="Publier", exact=True).click()
