"""A small IMAP4rev1 server on a real socket: what a client needs to read, to look for and to append (RFC 3501).

`tests/mailboxes.py` runs the same tests against dovecot as well where it is installed.
"""

import base64
import re
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from types import TracebackType
from typing import Any

LITERAL = re.compile(rb"\{(\d+)\+?\}$")


@dataclass
class Folder:
    """A folder: messages by UID."""

    validity: int = 1
    next_uid: int = 1
    flags: str = ""
    messages: dict[int, bytes] = field(default_factory=dict)

    def add(self, raw: bytes) -> int:
        """Put a message into the folder; return its UID."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.messages[uid] = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return uid


class ImapServer:
    """A server with one mailbox. `before` is called with each command and may cut the connection (OSError)."""

    def __init__(self, user: str = "nadia@boussole.test", password: str = "secret", token: str = "") -> None:
        self.user, self.password, self.token = user, password, token
        self.folders = {"INBOX": Folder(), "Sent": Folder(flags="\\Sent")}
        self.before: Callable[[str], None] = lambda command: None
        self.seen: list[str] = []
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                Conversation(server, self.rfile, self.wfile).run()

        class Threads(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing of connections that were cut on purpose."""

        self._server = Threads(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "ImapServer":
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class Conversation:
    """One connection."""

    def __init__(self, server: ImapServer, reading: Any, writing: Any) -> None:
        self.server, self.reading, self.writing = server, reading, writing
        self.folder: Folder | None = None
        self.is_in = False

    def say(self, line: bytes | str) -> None:
        """Send one line."""
        self.writing.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def run(self) -> None:
        """Answer until the client says good-bye."""
        self.say("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready")
        while (words := self.command()) is not None:
            tag, name, rest = words
            self.server.seen.append(f"{name} {rest.decode('latin-1')[:80]}")
            self.server.before(name)
            if name == "LOGOUT":
                self.say("* BYE")
                self.say(f"{tag} OK done")
                return
            self.say(f"{tag} {self.answer(name, rest)} done")

    def command(self) -> tuple[str, str, bytes] | None:
        """Read one command with its literals."""
        line: bytes = self.reading.readline()
        if not line:
            return None
        line = line.rstrip(b"\r\n")
        while (literal := LITERAL.search(line)) is not None:
            self.say("+ go on")
            content = self.reading.read(int(literal[1]))
            self.literal = content
            line = line[: literal.start()] + b"{}" + self.reading.readline().rstrip(b"\r\n")
        tag, name, *rest = line.split(b" ", 2)
        return tag.decode(), name.decode().upper(), rest[0] if rest else b""

    def answer(self, name: str, rest: bytes) -> str:
        """Do what a command says; return how it ended."""
        method = getattr(self, f"do_{name.lower()}", None)
        if method is None:
            return "BAD unknown command"
        if not self.is_in and name not in ("CAPABILITY", "LOGIN", "AUTHENTICATE", "NOOP"):
            return "NO sign in first"
        return str(method(rest))

    def do_capability(self, rest: bytes) -> str:
        self.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2")
        return "OK"

    def do_noop(self, rest: bytes) -> str:
        return "OK"

    def do_login(self, rest: bytes) -> str:
        user, password = (_unquoted(part) for part in re.findall(rb'"(?:[^"\\]|\\.)*"|\S+', rest)[:2])
        self.is_in = (user, password) == (self.server.user, self.server.password) and not self.server.token
        return "OK" if self.is_in else "NO [AUTHENTICATIONFAILED] wrong"

    def do_authenticate(self, rest: bytes) -> str:
        self.say("+ ")
        given = base64.b64decode(self.reading.readline()).decode()
        wanted = f"user={self.server.user}\x01auth=Bearer {self.server.token}\x01\x01"
        self.is_in = bool(self.server.token) and given == wanted
        return "OK" if self.is_in else "NO [AUTHENTICATIONFAILED] wrong"

    def do_list(self, rest: bytes) -> str:
        for name, folder in self.server.folders.items():
            self.say(f'* LIST ({folder.flags}) "/" "{name}"')
        return "OK"

    def do_examine(self, rest: bytes) -> str:
        self.folder = self.server.folders.get(_unquoted(rest))
        if self.folder is None:
            return "NO no such folder"
        self.say(f"* {len(self.folder.messages)} EXISTS")
        self.say("* FLAGS (\\Seen)")
        self.say(f"* OK [UIDVALIDITY {self.folder.validity}]")
        self.say(f"* OK [UIDNEXT {self.folder.next_uid}]")
        return "OK [READ-ONLY]"

    def do_uid(self, rest: bytes) -> str:
        assert self.folder is not None
        name, _, wanted = rest.partition(b" ")
        return self.search(wanted) if name.upper() == b"SEARCH" else self.fetch(wanted)

    def search(self, wanted: bytes) -> str:
        assert self.folder is not None
        words = wanted.split()
        if words[0].upper() == b"UID":
            first = int(words[1].split(b":")[0])
            last = max(self.folder.messages, default=0)
            found = [uid for uid in sorted(self.folder.messages) if uid >= min(first, last)]
        else:
            value = _unquoted(words[-1])
            found = [u for u, raw in self.folder.messages.items() if message_from_bytes(raw)["Message-ID"] == value]
        self.say("* SEARCH " + " ".join(map(str, found)))
        return "OK"

    def fetch(self, wanted: bytes) -> str:
        assert self.folder is not None
        uid, _, items = wanted.partition(b" ")
        raw = self.folder.messages.get(int(uid))
        if raw is None:
            return "OK"
        if b"RFC822.SIZE" in items:
            self.say(f"* 1 FETCH (UID {int(uid)} RFC822.SIZE {len(raw)})")
            return "OK"
        part = re.search(rb"<0\.(\d+)>", items)
        given = raw[: int(part[1])] if part else raw
        name = b"BODY[]" + (b"<0>" if part else b"")
        self.writing.write(b"* 1 FETCH (UID %d %s {%d}\r\n" % (int(uid), name, len(given)) + given + b")\r\n")
        return "OK"

    def do_append(self, rest: bytes) -> str:
        name = re.match(rb'"((?:[^"\\]|\\.)*)"|(\S+)', rest)
        assert name is not None
        folder = self.server.folders.get((name[1] or name[2]).decode())
        if folder is None:
            return "NO [TRYCREATE] no such folder"
        folder.add(self.literal)
        return "OK"


def _unquoted(part: bytes) -> str:
    text = part.decode()
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
