"""Starts, watches and stops the processes of one installation: web, worker, notebooks."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.build import ROOT, ensure_built
from app.origins import port, public_url
from app.parent import ask_kernel
from app.trouble import BadPort, BadSetting, DatabaseNewer, DiskFull, PortTaken, Trouble

LEAST_FREE_MEGABYTES = 200
MEGABYTE = 1024**2
STOP_SECONDS = 10.0
WATCH_SECONDS = 0.3
SOON_SECONDS = 10.0
MOST_EARLY_ENDS = 3
MOST_WEB_PROCESSES = 16


class KeepsEnding(Trouble):
    """A process ended again and again right after its start."""


@dataclass
class Child:
    """One process of the installation and how often it ended right after its start."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    early_ends: int = 0

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it in a session of its own: Ctrl-C reaches the supervisor only, which stops the others in order."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=environment, start_new_session=True, preexec_fn=ask_kernel
        )

    def has_ended(self) -> bool:
        """Test if it was started and is no longer running."""
        return self.process is not None and self.process.poll() is not None

    def stop(self, sign: signal.Signals) -> None:
        """Send a signal to it and to all that it started."""
        if self.process is None or self.process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, sign)


@dataclass
class Supervisor:
    """Keeps the children running until told to stop."""

    children: Sequence[Child]
    environment: Mapping[str, str]
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Start all, replace those that end, stop all.

        Raises:
            KeepsEnding: one of them does not stay up.
        """
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda *_: self.over.set())
        try:
            for child in self.children:
                child.start(self.environment)
            while not self.over.wait(WATCH_SECONDS):
                for child in self.children:
                    self._replace(child)
        finally:
            self._stop_all()

    def _replace(self, child: Child) -> None:
        """Start a process anew that ended by itself."""
        if not child.has_ended():
            return
        child.early_ends = child.early_ends + 1 if time.monotonic() - child.started < SOON_SECONDS else 0
        if child.early_ends >= MOST_EARLY_ENDS:
            raise KeepsEnding(
                f"Le processus « {child.name} » s'arrête aussitôt démarré. Ses dernières lignes sont ci-dessus."
            )
        child.start(self.environment)

    def _stop_all(self) -> None:
        """Ask all to end; whoever does not within ten seconds is killed."""
        for child in reversed(self.children):
            child.stop(signal.SIGTERM)
        last_moment = time.monotonic() + STOP_SECONDS
        while time.monotonic() < last_moment and not all(child.has_ended() for child in self.children if child.process):
            time.sleep(0.05)
        for child in self.children:
            child.stop(signal.SIGKILL)


def serve(announce: Callable[[str], None] = print) -> None:
    """Check, migrate, build, then run all processes until Ctrl-C.

    Raises:
        Trouble: one of its kinds, each with a sentence for the person at the terminal.
    """
    public_url()  # refused at once when it is no address
    check_ports(port())
    web_processes()
    check_room(data_folder())
    migrate()
    build = ensure_built()
    announce(f"Boussole : {public_url() or f'http://127.0.0.1:{port()}'}   (Ctrl-C pour arrêter)")
    announce_setup_link(announce)
    Supervisor(children(), child_environment(build)).run()


def announce_setup_link(announce: Callable[[str], None]) -> None:
    """Show, while nobody exists yet, the link for creating the company from another machine."""
    from app.access.setup_link import setup_link

    link = setup_link(port())
    if link is not None:
        announce(f"Premier lancement depuis un autre appareil : {link}")


def check_ports(first: int) -> None:
    """Refuse to start when the product's port or the notebooks' is in use."""
    for number, purpose in ((first, "de Boussole"), (first + 1, "des notebooks")):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except PermissionError as problem:
                raise BadPort(f"Le port {number} demande des droits d'administrateur. Choisir PORT=3000.") from problem
            except OSError as problem:
                raise PortTaken(
                    f"Le port {number} ({purpose}) est déjà pris par un autre programme. "
                    f"Arrêter ce programme, ou choisir un autre port : PORT={first + 10} make run."
                ) from problem


def data_folder() -> Path:
    """Return the folder of databases and files.

    Raises:
        DiskFull: it cannot be created for want of room.
    """
    from db.session import data_folder as folder

    try:
        return folder()
    except OSError as problem:
        raise DiskFull(f"Le dossier des données ne peut pas être créé : {problem}.") from problem


def check_room(folder: Path) -> None:
    """Refuse to start on a full disk, before a database is opened on it."""
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < LEAST_FREE_MEGABYTES:
        raise DiskFull(
            f"Le disque est plein : il reste {free} Mo dans {folder}, il en faut {LEAST_FREE_MEGABYTES}. "
            "Libérer de la place, puis relancer."
        )


def migrate() -> None:
    """Create the company's database or bring it to the newest revision, and the demonstration's where there is one.

    Raises:
        DatabaseNewer: it was written by a later version.
        DiskFull: there is no room for it.
    """
    from sqlalchemy.exc import OperationalError

    from db.migrations.run import DatabaseIsNewer, upgrade
    from db.session import COMPANY, DEMO

    try:
        upgrade(COMPANY)
        if (data_folder() / f"{DEMO}.sqlite").exists():
            upgrade(DEMO)
    except DatabaseIsNewer as refusal:
        raise DatabaseNewer(str(refusal)) from refusal
    except OperationalError as problem:
        if "disk is full" in str(problem) or "disk I/O" in str(problem):
            raise DiskFull("Le disque est plein : la base de données n'a pas pu être écrite.") from problem
        raise


def web_processes() -> int:
    """Return how many processes answer browsers (`BOUSSOLE_WEB_PROCESSES`); several share tabs by Redis.

    Raises:
        BadSetting: it is no number, or several would not know of each other's tabs.
    """
    given = os.environ.get("BOUSSOLE_WEB_PROCESSES", "1")
    if not given.isdigit() or not 1 <= int(given) <= MOST_WEB_PROCESSES:
        raise BadSetting(f"BOUSSOLE_WEB_PROCESSES={given} : indiquer un nombre de 1 à {MOST_WEB_PROCESSES}.")
    if int(given) > 1 and not os.environ.get("REFLEX_REDIS_URL"):
        raise BadSetting("Plusieurs processus web demandent Redis : REFLEX_REDIS_URL=redis://127.0.0.1:6379.")
    return int(given)


def children() -> list[Child]:
    """List the processes of an installation."""
    web = [
        sys.executable,
        "-m",
        "granian",
        "--factory",
        "--interface",
        "asgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port()),
    ]
    web += ["--workers", str(web_processes()), "--workers-kill-timeout", "3", "--log-level", "warning"]
    web += ["app.edge.main:create"]
    worker = [sys.executable, "-m", "app.worker"]
    notebooks = [sys.executable, "-m", "app.notebooks"]
    return [Child("web", web), Child("worker", worker), Child("notebooks", notebooks)]


def child_environment(build: Path) -> dict[str, str]:
    """Return what the processes get to know: which front end to serve, and nothing to report to anybody."""
    return {
        **os.environ,
        "PORT": str(port()),
        "REFLEX_WEB_WORKDIR": str(build),
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_UPLOADED_FILES_DIR": str(build / "uploads"),
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    }
