"""Reading a mailbox over IMAP (RFC 3501): what is new in a folder, and copies of what was sent. Nothing is changed
or marked in the folder that is read."""

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from app.gateways.mail_access import MailboxRefuses, close_imap, open_imap
from app.gateways.mime import MOST_BYTES
from db.documents.mail.accounts.queries import FolderMark, OpenedMailbox

BEGINNING = 256 * 1024  # of a message that is too large
SENT_NAMES = ("sent", "sent items", "sent messages", "[gmail]/sent mail", "éléments envoyés", "envoyés", "gesendet",
              "messages envoyés", "gesendete elemente", "inbox.sent")  # fmt: skip
AT_MOST = 500  # messages of one round; the next goes on


@dataclass(frozen=True)
class Fetched:
    """One message as it was fetched: all of it, or its beginning when it is too large."""

    uid: int
    raw: bytes
    size_bytes: int


@dataclass(frozen=True)
class FolderState:
    """What a folder says of itself, and which messages are new."""

    validity: int
    new: tuple[int, ...]


class Mailbox:
    """A mailbox that is open for reading."""

    def __init__(self, server: imaplib.IMAP4, box: OpenedMailbox) -> None:
        self._server, self._box = server, box

    def sent_folder(self) -> str:
        """Return the folder of sent messages: the one that was set, else the one that the server marks or names so."""
        if self._box.draft.sent:
            return self._box.draft.sent
        named = ""
        for line in self._asked(self._server.list()):
            found = re.match(rb'\(([^)]*)\) (?:"[^"]*"|NIL) (.+)', line if isinstance(line, bytes) else b"")
            if found is None:
                continue
            name = found[2].decode("ascii", "replace").strip().strip('"')
            if b"\\sent" in found[1].lower():
                return name
            if _utf7(name).lower() in SENT_NAMES:
                named = named or name
        return named

    def look(self, folder: str, mark: FolderMark) -> FolderState:
        """Open a folder without changing it and return what is new since the mark, the oldest first.

        When the folder has another validity, all of it is new: what is here already is found by its content.
        """
        self._asked(self._server.select(_quoted(folder), readonly=True), folder)
        answer = self._server.response("UIDVALIDITY")[1]
        validity = int(answer[0]) if answer and answer[0] else 0  # type: ignore[arg-type]
        since = mark.last_uid if validity == mark.validity else 0
        found = self._asked(self._server.uid("SEARCH", f"UID {since + 1}:*"), folder)
        uids = sorted({int(one) for one in b" ".join(one for one in found if isinstance(one, bytes)).split()})
        return FolderState(validity, tuple(uid for uid in uids if uid > since)[:AT_MOST])

    def fetch(self, uid: int) -> Fetched | None:
        """Return a message of the open folder; None when it is gone."""
        told = self._asked(self._server.uid("FETCH", str(uid), "(UID RFC822.SIZE)"))
        size = next((int(n[1]) for one in told if (n := re.search(rb"RFC822\.SIZE (\d+)", _line(one)))), None)
        if size is None:
            return None
        what = "(UID BODY.PEEK[])" if size <= MOST_BYTES else f"(UID BODY.PEEK[]<0.{BEGINNING}>)"
        answer = self._asked(self._server.uid("FETCH", str(uid), what))
        raw = next((one[1] for one in answer if isinstance(one, tuple) and len(one) > 1), None)
        return Fetched(uid, raw, size) if isinstance(raw, bytes) else None

    def holds(self, folder: str, message_id: str) -> bool:
        """Test if a folder holds a message with an id."""
        self._asked(self._server.select(_quoted(folder), readonly=True), folder)
        found = self._asked(self._server.uid("SEARCH", "HEADER", "Message-ID", _quoted(message_id)), folder)
        return any(isinstance(one, bytes) and one.strip() for one in found)

    def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """Put a copy of what was sent into a folder."""
        self._asked(self._server.append(_quoted(folder), "(\\Seen)", imaplib.Time2Internaldate(at), raw), folder)

    def _asked(self, answer: tuple[str, list[object]], folder: str = "") -> list[object]:
        status, told = answer
        if status != "OK":
            raise MailboxRefuses(
                "La boîte {address} ne donne pas le dossier « {folder} ».",
                address=self._box.draft.address,
                folder=folder or "INBOX",
            )
        return told


def _line(one: object) -> bytes:
    if isinstance(one, tuple):
        return b" ".join(part for part in one if isinstance(part, bytes))
    return one if isinstance(one, bytes) else b""


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(name: str) -> str:
    """Return the name of a folder as people read it. Source: RFC 3501, section 5.1.3."""

    def plain(found: "re.Match[str]") -> str:
        if not found[1]:
            return "&"
        return ("+" + found[1].replace(",", "/") + "-").encode().decode("utf-7", "replace")

    return re.sub(r"&([^-]*)-", plain, name)


@contextmanager
def opened(box: OpenedMailbox) -> Iterator[Mailbox]:
    """Open a mailbox, and close it whatever happens.

    Raises: MailboxRefuses: it cannot be reached, does not let in, or the connection broke.
    """
    server = open_imap(box)
    try:
        yield Mailbox(server, box)
    except (OSError, imaplib.IMAP4.error) as problem:
        raise MailboxRefuses(
            "La connexion avec la boîte {address} s’est interrompue ({kind}) ; elle sera reprise.",
            address=box.draft.address,
            kind=type(problem).__name__,
        ) from problem
    finally:
        close_imap(server)
