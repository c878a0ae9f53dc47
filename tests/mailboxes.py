"""Mailboxes on real servers for tests: our own small IMAP server, dovecot where it is installed, and aiosmtpd.

dovecot is not asked for by `make test`; where it is there, every test of a mailbox runs on it too. Nothing is skipped.
"""

import getpass
import grp
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.doors import ask, do
from db.access.rules import system_actor
from db.documents.mail.accounts.actions import allow_mail_servers
from db.documents.mail.accounts.queries import MailServers, mail_servers
from db.documents.mail.accounts.rules import MailboxDraft
from tests.imap_server import ImapServer

DOVECOT = shutil.which("dovecot") or next((p for p in ("/usr/sbin/dovecot",) if Path(p).exists()), None)
SERVERS = ["own", *(["dovecot"] if DOVECOT else [])]
USER, PASSWORD = "nadia@boussole.test", "secret"


class ImapMailbox(Protocol):
    """A mailbox on a server: what a test puts there and finds there."""

    port: int

    def put(self, raw: bytes, folder: str = "INBOX") -> None:
        """Let a message arrive."""

    def kept(self, folder: str) -> list[bytes]:
        """Return the messages of a folder."""


class OwnMailbox:
    """A mailbox on our own server."""

    def __init__(self, server: ImapServer) -> None:
        self.server, self.port = server, server.port

    def put(self, raw: bytes, folder: str = "INBOX") -> None:
        """Let a message arrive."""
        self.server.folders[folder].add(raw)

    def kept(self, folder: str) -> list[bytes]:
        """Return the messages of a folder."""
        return list(self.server.folders[folder].messages.values())


class DovecotMailbox:
    """A mailbox on dovecot, in a folder of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port, self._count = home, port, 0

    def put(self, raw: bytes, folder: str = "INBOX") -> None:
        """Let a message arrive."""
        place = self._place(folder) / "new"
        place.mkdir(parents=True, exist_ok=True)
        for other in ("cur", "tmp"):
            (place.parent / other).mkdir(exist_ok=True)
        self._count += 1
        if os.getuid() == 0:
            for one in (place.parent, *place.parent.iterdir()):
                shutil.chown(one, "nobody")
        (place / f"{1_700_000_000 + self._count}.M{self._count}P1.test").write_bytes(raw)

    def kept(self, folder: str) -> list[bytes]:
        """Return the messages of a folder."""
        place = self._place(folder)
        return [file.read_bytes() for part in ("new", "cur") for file in sorted((place / part).glob("*"))]

    def _place(self, folder: str) -> Path:
        return self.home / "mail" / ("" if folder == "INBOX" else f".{folder}")


@contextmanager
def mailbox_on(kind: str, folder: Path) -> Iterator[ImapMailbox]:
    """Run a server of a kind with an empty mailbox."""
    if kind == "own":
        with ImapServer(USER, PASSWORD) as server:
            yield OwnMailbox(server)
        return
    home = Path(tempfile.mkdtemp(prefix="boussole-imap-"))  # not below pytest's folder, which other users do not enter
    try:
        with _dovecot(home) as port:
            yield DovecotMailbox(home, port)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _dovecot(folder: Path) -> Iterator[int]:
    assert DOVECOT is not None
    port, me, is_root = _free_port(), getpass.getuser(), os.getuid() == 0
    login, inner, keeper = ("dovenull", "dovecot", "nobody") if is_root else (me, me, me)  # never root, says dovecot
    for name in ("run", "mail/cur", "mail/new", "mail/tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    group, kept_by = ("dovecot", "nogroup") if is_root else (grp.getgrgid(os.getgid()).gr_name,) * 2
    settings = folder / "dovecot.conf"
    settings.write_text(
        CONFIGURATION.format(
            folder=folder, port=port, login=login, inner=inner, keeper=keeper, group=group, kept_by=kept_by
        )
    )
    folder.chmod(0o755)
    if is_root:
        for place in (folder / "mail", *(folder / "mail").iterdir()):
            shutil.chown(place, keeper)
    running = subprocess.Popen(
        [DOVECOT, "-F", "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, running)
        yield port
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(20)


CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
ssl = no
disable_plaintext_auth = no
default_internal_user = {inner}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 0
mail_home = {folder}
mail_location = maildir:{folder}/mail
listen = 127.0.0.1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={keeper} gid={kept_by} home={folder}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def _wait_for(port: int, running: "subprocess.Popen[Any]") -> None:
    for _ in range(200):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        if running.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("dovecot did not start")


class Receiver:
    """What an SMTP server received; `refuse` says with what it answers to the content."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.refuse = ""
        self.refused_address = ""

    def signs_in(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        """Let in with the right password, or with the right token."""
        wanted = (USER.encode(), PASSWORD.encode())
        return AuthResult(success=isinstance(given, LoginPassword) and (given.login, given.password) == wanted)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Answer to an address."""
        if address == self.refused_address:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a message."""
        if self.refuse == "cut":
            self.messages.append(envelope.content)
            session.peer = None
            server.transport.close()
            return "250 OK"
        if self.refuse:
            return self.refuse
        self.messages.append(envelope.content)
        return "250 OK"


@contextmanager
def smtp_server() -> Iterator[tuple[int, Receiver]]:
    """Run an SMTP server; give its port and what it received."""
    receiver = Receiver()
    controller = Controller(
        receiver,
        hostname="127.0.0.1",
        port=_free_port(),
        authenticator=receiver.signs_in,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield controller.port, receiver
    finally:
        controller.stop()


def allow_servers(*names: str) -> None:
    """Name the servers that mailboxes may use."""
    decided: MailServers = ask(system_actor(), mail_servers, by=system_actor())
    do(system_actor(), allow_mail_servers, servers=names, expected_version=decided.row_version)


def box_draft(imap_port: int, smtp_port: int = 1, **other: Any) -> MailboxDraft:
    """Return a mailbox on servers of this machine."""
    values: dict[str, Any] = {
        "name": "Nadia Rey",
        "address": USER,
        "user": USER,
        "method": "password",
        "imap_host": "127.0.0.1",
        "imap_port": imap_port,
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_security": "none",
        "is_on": True,
    }
    return MailboxDraft(**{**values, **other})


def written(
    *,
    sender: str = "Paul Favre <paul@favre.example>",
    to: str = USER,
    subject: str = "Devis pour dix tables",
    text: str = "Bonjour, pouvez-vous m’envoyer un devis ?",
    at: datetime,
    message_id: str = "<un@favre.example>",
    **headers: str,
) -> EmailMessage:
    """Return an e-mail as somebody would write it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = format_datetime(at), message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message
