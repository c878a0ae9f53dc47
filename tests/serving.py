"""The built product, really served, for tests that need the whole of it."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from app.build import ensure_built
from app.doors import do
from db.access.people.actions import add_user
from db.access.people.sessions.tables import SignInSession
from db.access.people.tokens.rules import token_hash
from db.access.rules import Role, system_actor
from db.session import transaction

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 120


@dataclass
class Server:
    """A running installation."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    address: str = ""  # of its database, when that is not the file in its folder

    @contextmanager
    def database(self) -> Iterator[None]:
        """Let `ask`, `do`, `reading` and `transaction` of this process work on the server's database."""
        before = {name: os.environ.pop(name, None) for name in ("BOUSSOLE_DATA", "BOUSSOLE_DATABASE_URL")}
        os.environ["BOUSSOLE_DATA"] = str(self.data)
        if self.address:
            os.environ["BOUSSOLE_DATABASE_URL"] = self.address
        try:
            yield
        finally:
            del os.environ["BOUSSOLE_DATA"]
            os.environ.pop("BOUSSOLE_DATABASE_URL", None)
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
def serving(data: Path, *, port: int | None = None, **settings: str) -> Iterator[Server]:
    """Run `boussole serve` on a free port (or on one that it had before) until the block ends."""
    ensure_built()
    port = port or free_port()
    own = {name: value for name, value in os.environ.items() if name != "BOUSSOLE_DATABASE_URL"}
    environment = {**own, "PORT": str(port), "BOUSSOLE_DATA": str(data), **settings}
    log = (data / "serve.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log, text=True
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}", process, log.name)
        yield Server(f"http://127.0.0.1:{port}", data, process, settings.get("BOUSSOLE_DATABASE_URL", ""))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
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


def signed_in(server: Server, *roles: Role, name: str = "Anne Essai") -> tuple[UUID, str]:
    """Make a person with these roles and a session of hers, second factor just entered; return id and cookie value."""
    with server.database():
        address = f"{secrets.token_hex(6)}@example.ch"
        user_id: UUID = do(system_actor(), add_user, name=name, email=address, roles=roles)
    return user_id, session_of(server, user_id)


def session_of(server: Server, user_id: UUID) -> str:
    """Open a session for a person, second factor just entered; return the cookie's value."""
    at, token = datetime.now(UTC), secrets.token_urlsafe(32)
    with server.database(), transaction() as session:
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
    return token
