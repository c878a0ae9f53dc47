"""The manager approves a version in the browser, its scores appear, and one click brings the former ones back."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do, now
from app.insights import job as jobs
from db.access.people.actions import add_user
from db.access.rules import Actor, Role, system_actor
from db.insights.predictions.queries import current_scores
from tests.app.insights.make import MODEL, facts_of, hand_in_fitted, past_and_present, put_live, work
from tests.browser.conftest import SignIn
from tests.browser.test_day_by_keyboard import keeps_focus, press, tab_to
from tests.browser.test_phone import check_width, enter, touch
from tests.serving import Server, serving
from workspace.models.lead_score.estimator import Knobs


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: versions that other tests handed in would stand in the list too."""
    with serving(tmp_path_factory.mktemp("models")) as running:
        yield running


@pytest.fixture(scope="module")
def versions(server: Server) -> Iterator[tuple[UUID, UUID]]:
    """One live version and a proposed one, in the server's database."""
    with server.database(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "freeze", lambda facts: (None, "pas ici"))
        at = now()
        people = {}
        for role in (Role.ANALYST, Role.MANAGER, Role.SALES):
            address = f"{role.value}.models@example.ch"
            user_id = do(system_actor(), add_user, name=f"Modèle {role.value}", email=address, roles=[role])
            people[role] = Actor(user_id, role.value, frozenset({role}), fresh_until=at + timedelta(hours=1))
        past_and_present(people[Role.SALES], at)
        first = put_live(people, at)
        second = hand_in_fitted(people[Role.ANALYST], at, knobs=Knobs(boosted_trees=False, regularisation=9.0))
        work()
        yield first, second.version_id


def proposed_version(server: Server, *, regularisation: float) -> int:
    """Hand in one more version, have it checked, and return its number."""
    with server.database():
        at = now()
        address = f"analyst.{regularisation}@example.ch"
        user_id = do(system_actor(), add_user, name="Aline Favre", email=address, roles=[Role.ANALYST])
        analyst = Actor(user_id, "Aline Favre", frozenset({Role.ANALYST}), fresh_until=at + timedelta(hours=1))
        knobs = Knobs(boosted_trees=False, regularisation=regularisation)
        handed = hand_in_fitted(analyst, at, knobs=knobs)
        work()
        return facts_of(handed.version_id).version


def scores(server: Server, version_id: UUID) -> dict[UUID, float]:
    with server.database():
        rows = ask(system_actor(), current_scores, model=MODEL, version_id=version_id)
    return {row.subject_id: row.probability for row in rows}


class TestReview:
    def test_compares_approves_and_returns(
        self, page: Page, sign_in: SignIn, server: Server, versions: tuple[UUID, UUID]
    ) -> None:
        first, second = versions
        before = scores(server, first)
        sign_in(Role.MANAGER, name="Claire Rochat")

        page.goto("/modeles")
        expect(page.get_by_text("attend une décision")).to_be_visible()
        page.get_by_role("link", name="v2").click()
        expect(page.get_by_text("Dans le premier dixième")).to_be_visible()
        expect(page.locator(".moves tbody tr")).to_have_count(20)
        page.locator("textarea[name=reason]").fill("Plus prudente, même ordre")
        page.get_by_role("button", name="Mettre en service").click()
        expect(page.locator(".head .tag")).to_have_text("en service", timeout=60_000)
        assert set(scores(server, second)) == set(before)
        assert scores(server, first) == {}

        page.get_by_role("button", name="Revenir à la version précédente").click()
        expect(page.locator(".head .tag")).to_have_text("retirée", timeout=60_000)
        assert scores(server, first) == before

    def test_is_approved_by_keyboard_alone(
        self, page: Page, sign_in: SignIn, server: Server, versions: tuple[UUID, UUID]
    ) -> None:
        number = proposed_version(server, regularisation=4.0)
        sign_in(Role.MANAGER, name="Claire Rochat")
        page.goto("/ma-journee")
        expect(page.locator("[data-hydrated=yes]")).to_be_visible()

        press(page, "g", "m")
        page.wait_for_url("**/modeles")
        tab_to(page, page.get_by_role("link", name=f"v{number}", exact=True))
        press(page, "Enter")
        page.wait_for_url(f"**/modeles/lead_score/{number}")
        tab_to(page, page.locator("textarea[name=reason]"))
        page.keyboard.type("Même ordre, mieux calibrée")
        press(page, "Control+Enter")

        expect(page.locator(".head .tag")).to_have_text("en service", timeout=60_000)
        keeps_focus(page)

    def test_is_approved_on_a_phone(self, phone: Page, server: Server, versions: tuple[UUID, UUID]) -> None:
        number = proposed_version(server, regularisation=2.5)
        enter(phone, server, Role.MANAGER, "Claire Rochat")
        phone.goto("/ma-journee")
        expect(phone.get_by_text(f"Mettre en service la version {number}")).to_be_visible()
        phone.goto(f"/modeles/lead_score/{number}")

        phone.locator("textarea[name=reason]").fill("Vue en déplacement")
        check_width(phone)
        touch(phone.get_by_role("button", name="Mettre en service"))

        expect(phone.locator(".head .tag")).to_have_text("en service", timeout=60_000)
        check_width(phone)

    def test_shows_an_analyst_no_decision(
        self, page: Page, sign_in: SignIn, server: Server, versions: tuple[UUID, UUID]
    ) -> None:
        sign_in(Role.ANALYST, name="Aline Favre")

        page.goto("/modeles/lead_score/2")

        expect(page.get_by_text("Garde-fous")).to_be_visible()
        expect(page.get_by_role("button", name="Mettre en service")).to_have_count(0)
        expect(page.get_by_role("button", name="Revenir à la version précédente")).to_have_count(0)

    def test_says_when_a_version_does_not_exist(
        self, page: Page, sign_in: SignIn, server: Server, versions: tuple[UUID, UUID]
    ) -> None:
        sign_in(Role.MANAGER, name="Claire Rochat")

        page.goto("/modeles/lead_score/99")

        expect(page.get_by_text("La version 99 du modèle")).to_be_visible()
