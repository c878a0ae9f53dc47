"""A server that does not answer at once: one sees that it was heard."""

from playwright.sync_api import Page, WebSocketRoute, expect

from db.access.rules import Role
from tests.browser.conftest import SignIn

WAITING = "html[data-waiting]"


class TestWaiting:
    def test_shows_that_a_press_was_felt_until_the_answer_comes(self, page: Page, sign_in: SignIn) -> None:
        sign_in(Role.SALES)
        held: list[str | bytes] = []
        lines: list[WebSocketRoute] = []
        is_slow = False

        def between(line: WebSocketRoute) -> None:
            server = line.connect_to_server()
            lines.append(line)
            line.on_message(server.send)
            server.on_message(lambda told: held.append(told) if is_slow else line.send(told))

        page.route_web_socket("**/_event**", between)
        page.goto("/appel")
        box = page.get_by_role("searchbox", name="Qui avez-vous appelé ?")
        expect(box).to_be_visible()
        expect(page.locator(WAITING)).to_have_count(0)

        is_slow = True
        box.fill("xqzwv")
        expect(page.locator(WAITING)).to_have_count(1)
        expect(page.get_by_text("Personne à ce nom.")).to_have_count(0)
        is_slow = False
        for told in held:
            lines[-1].send(told)

        expect(page.get_by_text("Personne à ce nom.")).to_be_visible()
        expect(page.locator(WAITING)).to_have_count(0)
