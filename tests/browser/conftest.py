"""The built product, really served, and a browser in front of it.

`server` starts once per test process with an empty data folder; `page` is a fresh tab that fails its test when the
browser's console reported an error; `sign_in(Role.SALES)` makes a person with these roles and signs the tab in.
Our content security policy forbids `eval`: wait with locators and `expect`, not with `page.wait_for_function("…")`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.session import SESSION_COOKIE
from db.access.rules import Role
from tests.serving import Server, serving, signed_in

SignIn = Callable[..., UUID]
PATIENCE = 20_000  # milliseconds: how long a loaded machine may take to show what a person would see
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The product with an empty database, one per test process."""
    with serving(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the system."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable, "Chromium manque : sudo apt install chromium"
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=options)
        yield running
        running.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console complained about; a test that provokes a complaint clears it."""
    return []


@contextmanager
def tab_of(browser: Browser, server: Server, complaints: list[str]) -> Iterator[Page]:
    """Open a tab of somebody who was never here; fails when the console reported an error."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900}, locale="fr-CH")
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield tab
    context.close()
    assert complaints == [], "the console reported errors"


@pytest.fixture
def page(browser: Browser, server: Server, complaints: list[str]) -> Iterator[Page]:
    """A fresh tab (1440 × 900, French) whose relative addresses are the server's."""
    with tab_of(browser, server, complaints) as tab:
        yield tab


@pytest.fixture
def phone(browser: Browser, server: Server, complaints: list[str]) -> Iterator[Page]:
    """A phone's browser: 390 × 844, touched."""
    context = browser.new_context(
        base_url=server.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="fr-CH"
    )
    context.set_default_timeout(15_000)
    tab = context.new_page()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield tab
    context.close()
    assert complaints == [], "the console reported errors"


@pytest.fixture
def sign_in(page: Page, server: Server) -> SignIn:
    """Make a person with these roles and sign the tab in as her, second factor just entered; return her id."""

    def enter(*roles: Role, name: str = "Anne Essai") -> UUID:
        user_id, token = signed_in(server, *roles, name=name)
        page.context.add_cookies(
            [{"name": SESSION_COOKIE, "value": token, "url": server.url, "httpOnly": True, "sameSite": "Lax"}]
        )
        return user_id

    return enter
