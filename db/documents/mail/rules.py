"""E-mails: what one is, whose eyes it is for, which belong together, and the life of one that is sent.

Source: RFC 5322 (messages), RFC 5256 section 2.1 (base subject), RFC 3834 (automatic answers), RFC 3464 (bounces).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.kernel.errors import BadInput
from db.kernel.findings import BadFields, Finding
from db.kernel.lifecycle import Lifecycle
from db.records.kinds.rules import RecordKind, register_kind
from db.records.search.rules import fold

KIND = "mail"
READ, SEND, TAKE_IN = "documents.read_mail", "documents.send_mail", "documents.take_in_mail"
EXPORT, MANAGE = "documents.export_mail", "documents.manage_mailboxes"
register_kind(RecordKind(KIND, "E-mail", "E-mails", "mail_message", READ, SEND, frozenset(), through="mail_link"))

LONGEST_ID = 900
LONGEST_TEXT = 200_000
MOST_RECIPIENTS = 100
SAME_SUBJECT = timedelta(days=30)  # an answer without references still belongs to a thread that is no older
ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_PREFIX = re.compile(r"^\s*(?:(?:re|aw|antw|rép|rep|ref|fw|fwd|tr|wg|i|r)(?:\[\d+\])?\s*:|\[[^\]]{1,40}\])\s*", re.I)


class MailState(StrEnum):
    """Where an e-mail stands."""

    RECEIVED = "received"
    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"  # the connection broke while it was handed over
    FAILED = "failed"


STATE_LABELS = {
    MailState.RECEIVED: "Reçu",
    MailState.DRAFT: "Brouillon",
    MailState.SENDING: "Envoi en cours",
    MailState.SENT: "Envoyé",
    MailState.UNCERTAIN: "À vérifier",
    MailState.FAILED: "Non envoyé",
}
MAIL_LIFE = Lifecycle(
    "e-mail",
    {
        MailState.RECEIVED: frozenset(),
        MailState.DRAFT: frozenset({MailState.SENDING}),
        MailState.SENDING: frozenset({MailState.SENT, MailState.UNCERTAIN, MailState.FAILED}),
        MailState.UNCERTAIN: frozenset({MailState.SENT, MailState.SENDING}),
        MailState.FAILED: frozenset({MailState.SENDING}),
        MailState.SENT: frozenset(),
    },
)


@dataclass(frozen=True)
class Address:
    """One address of an e-mail with the name that stands beside it."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True)
class ArrivedFile:
    """One file of an e-mail."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Bounce:
    """What a report of non-delivery says: which e-mail, to whom, why."""

    message_id: str
    address: str
    reason: str


@dataclass(frozen=True)
class ArrivedMail:
    """An e-mail as it was read from a mailbox; `html` is safe to show, `key` is the same for every copy of it."""

    message_id: str
    key: str
    sender: Address
    recipients: tuple[Address, ...]
    copies: tuple[Address, ...]
    subject: str
    written_at: datetime
    text: str = ""
    quoted: str = ""
    html: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    is_auto: bool = False
    bounce: Bounce | None = None
    authentication: str = ""
    remark: str = ""  # what could not be read, a French sentence
    remark_params: dict[str, Any] = field(default_factory=dict)
    size_bytes: int = 0
    files: tuple[ArrivedFile, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Return the ids of the messages that this one answers, the nearest first."""
        ids = [self.in_reply_to, *reversed(self.references)]
        return tuple(dict.fromkeys(one for one in ids if one and one != self.message_id))


@dataclass(frozen=True)
class MailDraft:
    """An e-mail as somebody writes it; recipients as typed, separated by commas."""

    account_id: UUID
    recipients: str
    copies: str
    subject: str
    text: str


class BadMail(BadFields):
    """An e-mail cannot be kept or sent so; `findings` says which value and why."""


def base_subject(subject: str) -> str:
    """Return a subject without « Re: », « Tr: » and the like, folded.

    >>> base_subject("Re: AW: [Ventes] Devis été")
    'devis ete'
    """
    before = None
    while before != subject:
        before, subject = subject, _PREFIX.sub("", subject)
    return fold(subject)[:300]


def is_answer(subject: str) -> bool:
    """Test if a subject says that the message answers another."""
    return _PREFIX.match(subject) is not None and not subject.lstrip().startswith("[")


def plain_address(text: str) -> str:
    """Return an address in lower case without what surrounds it."""
    return text.strip().strip("<>").lower()[:320]


def read_addresses(text: str, *, where: str) -> tuple[Address, ...]:
    """Return the addresses that somebody typed, separated by commas, semicolons or lines.

    Raises: BadMail: one of them is none.
    """
    found: dict[str, Address] = {}
    for part in (one.strip() for one in re.split(r"[,;\n]+", text)):
        if not part:
            continue
        match = re.fullmatch(r"(?:\"?([^<>\"]*?)\"?\s*<\s*)?([^<>\s]+)\s*>?", part)
        address = plain_address(match[2]) if match else ""
        if match is None or not ADDRESS.fullmatch(address) or not address.isascii():
            told = {"address": part[:100]}
            raise BadMail([Finding(where, "« {address} » n’est pas une adresse e-mail.", told)])
        found.setdefault(address, Address(address, (match[1] or "").strip()[:200]))
    if len(found) > MOST_RECIPIENTS:
        raise BadMail([Finding(where, "Au plus {most} destinataires.", {"most": MOST_RECIPIENTS})])
    return tuple(found.values())


def check_sendable(recipients: Sequence[Address], copies: Sequence[Address], subject: str, text: str) -> None:
    """Refuse an e-mail that lacks what every one needs.

    Raises: BadMail: with all its findings.
    """
    found = []
    if not recipients:
        found.append(Finding("recipients", "Indiquez au moins un destinataire."))
    if not subject.strip():
        found.append(Finding("subject", "Indiquez l’objet."))
    if not text.strip():
        found.append(Finding("text", "Écrivez le message."))
    if found:
        raise BadMail(found)


def clean_draft(draft: MailDraft) -> MailDraft:
    """Return the draft on the lines that a header may have.

    Raises: BadInput: far too long.
    """
    if len(draft.text) > LONGEST_TEXT:
        raise BadInput("Ce message est trop long : au plus {most} caractères.", most=LONGEST_TEXT)
    subject = " ".join(draft.subject.split())[:500]
    return MailDraft(draft.account_id, draft.recipients[:20_000], draft.copies[:20_000], subject, draft.text.rstrip())


def own_message_id(mail_id: UUID, address: str) -> str:
    """Return the Message-ID of an e-mail that is sent: always the same for the same e-mail."""
    return f"<{mail_id}@{address.rpartition('@')[2] or 'boussole.invalid'}>"


def answer_subject(subject: str) -> str:
    """Return the subject of an answer."""
    return subject if re.match(r"\s*(re|aw|rép)\s*:", subject, re.I) else f"Re: {subject}".strip()


def quoted_answer(text: str, said: str) -> str:
    """Return a text as an answer cites it, under a line that says who wrote it and when."""
    return said + "\n" + "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def counterparts(sender: str, others: Iterable[str], ours: frozenset[str]) -> list[str]:
    """Return the addresses that are not the firm's own, the sender's first."""
    found = [plain_address(one) for one in (sender, *others)]
    return [one for one in dict.fromkeys(found) if one and one not in ours]
