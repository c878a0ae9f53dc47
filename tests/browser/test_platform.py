"""The platform in a real browser."""

from playwright.sync_api import Page, expect

from app import routes
from db.access.rules import Role
from tests.browser.conftest import SignIn


class TestPages:
    def test_an_unknown_address_says_so_in_french(self, page: Page, complaints: list[str]) -> None:
        answer = page.goto("/nulle-part")

        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", name="Rien à cette adresse")).to_be_visible()
        assert page.title() == "Page introuvable · Boussole"
        complaints.clear()  # Chromium reports the 404 itself

    def test_lead_a_visitor_to_the_sign_in_page(self, page: Page) -> None:
        page.goto(routes.ACCOUNT)

        page.wait_for_url(f"**{routes.SIGN_IN}*")

    def test_refuse_whom_the_policy_refuses_and_say_so(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.SALES)

        page.goto(routes.PEOPLE)

        expect(
            page.get_by_role("alert").filter(has_text="Vos droits ne permettent pas cette opération.")
        ).to_be_visible()
        expect(page).not_to_have_url(f"**{routes.PEOPLE}")
