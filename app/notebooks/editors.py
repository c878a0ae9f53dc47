"""One confined `marimo edit` per analyst: started when she comes, stopped when she is gone."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx

from app.notebooks.places import Home
from db.kernel.errors import BusinessError
from workspace.confinement.policy import command, environment, link_code, policy_for

BASE_PATH = "/edit"
KERNEL_PORTS = 8
START_SECONDS = 60.0
IDLE_SECONDS = 30 * 60.0
STOP_SECONDS = 5.0
SESSION_SECONDS = 300  # marimo ends a kernel so long after its tab was closed


class NotebookDidNotStart(BusinessError):
    """The editor's process ended, or did not answer in time."""


@dataclass
class Editor:
    """A running editor of one analyst, reachable with its token only."""

    user_id: UUID
    port: int
    token: str
    process: subprocess.Popen[bytes]
    started: float
    last_used: float
    sockets: int = 0

    @property
    def address(self) -> str:
        """The address of the editor behind the proxy."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def authorization(self) -> str:
        """The header value that marimo accepts."""
        return f"Bearer {self.token}"

    def is_running(self) -> bool:
        """Test if its process lives."""
        return self.process.poll() is None

    def touch(self) -> None:
        """Note that it is being used."""
        self.last_used = time.monotonic()


@dataclass
class Editors:
    """All running editors of this installation; lives in one process only."""

    api_port: int
    running: dict[UUID, Editor] = field(default_factory=dict)
    locks: dict[UUID, asyncio.Lock] = field(default_factory=dict)

    async def of(self, user_id: UUID, home: Home, capability: Callable[[], Mapping[str, str]]) -> Editor:
        """Return the analyst's editor, started first where none runs. `capability` gives what it may do with the API.

        Raises:
            NotebookDidNotStart: with the last line of what it said.
        """
        async with self.locks.setdefault(user_id, asyncio.Lock()):
            found = self.running.get(user_id)
            if found is not None and found.is_running():
                found.touch()
                return found
            made = self.start(user_id, home, await asyncio.to_thread(capability))
            self.running[user_id] = made
            await self._wait_until_ready(made, home)
            return made

    def start(self, user_id: UUID, home: Home, capability: Mapping[str, str]) -> Editor:
        """Start a confined editor. Runs in the main thread: the kernel ends it with the thread that started it."""
        port, *kernel_ports = free_ports(1 + KERNEL_PORTS)
        token = secrets.token_urlsafe(32)
        token_file = home.run / "token"
        _write_private(token_file, token)
        code = link_code(home.run / "code")
        policy = policy_for(
            read=[home.snapshot, home.settings, code, token_file],
            write=[home.work],
            bind=[port],
            connect=[self.api_port],
            kernel_ports=kernel_ports,
        ).save(home.run / "policy.json")
        extra = {"BOUSSOLE_SNAPSHOT": str(home.snapshot / "snapshot.sqlite"), **capability}
        with (home.run / "editor.log").open("wb") as log:
            process = subprocess.Popen(
                [*command(policy), *_marimo(home.work, port, token_file)],
                cwd=home.work,
                env=environment(home=home.work, code=code, extra=extra),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return Editor(user_id, port, token, process, started=time.monotonic(), last_used=time.monotonic())

    async def _wait_until_ready(self, editor: Editor, home: Home) -> None:
        """Wait until the editor answers, then forget the file with its token."""
        async with httpx.AsyncClient(trust_env=False) as client:
            while time.monotonic() - editor.started < START_SECONDS and editor.is_running():
                try:
                    answer = await client.get(f"{editor.address}{BASE_PATH}/health", timeout=2)
                    if answer.status_code == httpx.codes.OK:
                        (home.run / "token").unlink(missing_ok=True)
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        self.stop(editor.user_id)
        last_lines = (home.run / "editor.log").read_text(errors="replace").strip().splitlines()[-1:]
        raise NotebookDidNotStart("Le carnet n'a pas démarré. {reason}", reason="".join(last_lines))

    def stop(self, user_id: UUID) -> bool:
        """End an analyst's editor with all its kernels; return False when none ran."""
        editor = self.running.pop(user_id, None)
        if editor is None or not editor.is_running():
            return False
        _signal(editor, signal.SIGTERM)
        try:
            editor.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            _signal(editor, signal.SIGKILL)
            editor.process.wait()
        _signal(editor, signal.SIGKILL)  # kernels that survived their editor
        return True

    def stop_all(self) -> None:
        """End all editors."""
        for user_id in list(self.running):
            self.stop(user_id)

    def reap(self, *, idle_seconds: float = IDLE_SECONDS) -> list[UUID]:
        """End the editors that nobody has used for a while; return whose."""
        idle = [
            user_id
            for user_id, editor in self.running.items()
            if not editor.is_running() or time.monotonic() - editor.last_used > idle_seconds
        ]
        for user_id in idle:
            self.stop(user_id)
        return idle


def _marimo(work: Path, port: int, token_file: Path) -> list[str]:
    """Return marimo's arguments (the token in a file: a command line can be read by everybody)."""
    flags = ["--headless", "--no-sandbox", "--skip-update-check", "--host", "127.0.0.1", "--port", str(port)]
    flags += ["--base-url", BASE_PATH, "--token-password-file", str(token_file), "--session-ttl", str(SESSION_SECONDS)]
    return ["marimo", "-q", "-y", "edit", str(work), *flags]


def _write_private(file: Path, content: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(content)


def _signal(editor: Editor, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(editor.process.pid, sign)


def free_ports(count: int) -> list[int]:
    """Return so many TCP ports of this machine that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
