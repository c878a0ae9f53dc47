"""A page whose server answers when the test says so: what was sent before an answer came is then no matter of luck."""

import re

from playwright.sync_api import Page, WebSocketRoute


class SlowServer:
    """Stands between a page and the server’s socket and holds answers back on demand; made before the page opens."""

    def __init__(self, page: Page) -> None:
        self.page_side: WebSocketRoute | None = None
        self.held: list[str | bytes] | None = None
        page.route_web_socket(re.compile("/_event"), self._connect)

    def _connect(self, page_side: WebSocketRoute) -> None:
        self.page_side = page_side
        server = page_side.connect_to_server()
        server.on_message(self._answer)

    def _answer(self, message: str | bytes) -> None:
        if self.held is not None:
            self.held.append(message)
        elif self.page_side is not None:
            self.page_side.send(message)

    def wait(self) -> None:
        """Hold back every answer from now on."""
        self.held = self.held or []

    def answer(self) -> None:
        """Let the answers come, in their order."""
        held, self.held = self.held or [], None
        for message in held:
            self._answer(message)
