"""The built product, really served, and a browser in front of it.

`server` starts once per test process with an empty data folder; `page` is a fresh tab that fails its test when the browser's
console reported an error; `sign_in(Role.SALES)` makes a person with these roles and signs the tab in.
Our content security policy forbids `eval`: wait with locators and `expect`, not with `page.wait_for_function("…")`.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from app.build import ensure_built
from app.doors import do
from app.session import SESSION_COOKIE
from db.access.people.actions import add_user
from db.access.people.sessions.tables import SignInSession
from db.access.people.tokens.rules import token_hash
from db.access.rules import Role, system_actor
from db.session import transaction

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
SignIn = Callable[..., UUID]


@dataclass
class Server:
    """A running installation."""

    url: str
    data: Path
    process: subprocess.Popen[str]

    @contextmanager
    def database(self) -> Iterator[None]:
        """Let `ask`, `do`, `reading` and `transaction` of this process work on the server's database."""
        before = {name: os.environ.pop(name, None) for name in ("BOUSSOLE_DATA", "BOUSSOLE_DATABASE_URL")}
        os.environ["BOUSSOLE_DATA"] = str(self.data)
        try:
            yield
        finally:
            del os.environ["BOUSSOLE_DATA"]
            os.environ.update({name: value for name, value in before.items() if value is not None})


def free_port() -> int:
    """Return a port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Server]:
    """Run `boussole serve` on a free port until the block ends."""
    ensure_built()
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "BOUSSOLE_DATA": str(data), **settings}
    environment.pop("BOUSSOLE_DATABASE_URL", None)
    log = (data / "serve.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log, text=True
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}", process, log.name)
        yield Server(f"http://127.0.0.1:{port}", data, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        log.close()


def _wait_until_healthy(url: str, process: subprocess.Popen[str], log: str) -> None:
    last_moment = time.monotonic() + READY_SECONDS
    while time.monotonic() < last_moment and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not become healthy:\n{Path(log).read_text()[-3000:]}")


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


@pytest.fixture
def page(browser: Browser, server: Server, complaints: list[str]) -> Iterator[Page]:
    """A fresh tab (1440 × 900, French) whose relative addresses are the server's."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900}, locale="fr-CH")
    context.set_default_timeout(15_000)
    tab = context.new_page()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield tab
    context.close()
    assert complaints == [], "the console reported errors"


@pytest.fixture
def sign_in(page: Page, server: Server) -> SignIn:
    """Make a person with the roles given, sign the tab in as her (second factor entered a moment ago) and return her id."""

    def enter(*roles: Role, name: str = "Anne Essai") -> UUID:
        at, token = datetime.now(UTC), secrets.token_urlsafe(32)
        with server.database():
            address = f"{secrets.token_hex(6)}@example.ch"
            user_id: UUID = do(system_actor(), add_user, name=name, email=address, roles=roles)
            with transaction() as session:
                session.add(
                    SignInSession(
                        user_id=user_id,
                        token_hash=token_hash(token),
                        device="Chromium",
                        address="127.0.0.1",
                        opened_at=at,
                        last_seen_at=at,
                        fresh_until=at + timedelta(minutes=10),
                    )
                )
        page.context.add_cookies(
            [{"name": SESSION_COOKIE, "value": token, "url": server.url, "httpOnly": True, "sameSite": "Lax"}]
        )
        return user_id

    return enter
