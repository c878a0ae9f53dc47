"""The platform in a real browser."""

from playwright.sync_api import Page, expect


class TestPages:
    def test_an_unknown_address_says_so_in_french(self, page: Page, complaints: list[str]) -> None:
        answer = page.goto("/nulle-part")

        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", name="Rien à cette adresse")).to_be_visible()
        assert page.title() == "Page introuvable · Boussole"
        complaints.clear()  # Chromium reports the 404 itself
