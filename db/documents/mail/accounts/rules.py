"""Mailboxes: how they are reached, and when one that refused is tried again."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from db.documents.mail.rules import ADDRESS, plain_address
from db.kernel.errors import BadInput, BusinessError
from db.kernel.findings import BadFields, Finding

SECURITIES = ("tls", "starttls", "none")
METHODS = ("password", "xoauth2")
EVERY = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=2)
MOST_SERVERS = 50
_HOST = re.compile(r"[A-Za-z0-9.:\-]{1,253}")


class BadMailbox(BadFields):
    """A mailbox cannot be kept so; `findings` says which value and why."""


class ServerNotAllowed(BusinessError):
    """The company did not name this mail server; nothing was asked of it."""


@dataclass(frozen=True)
class MailboxDraft:
    """How a mailbox is reached, without its secrets."""

    name: str
    address: str
    user: str
    method: str
    imap_host: str
    imap_port: int
    imap_security: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    inbox: str = "INBOX"
    sent: str = ""
    signature: str = ""
    token_address: str = ""
    client_id: str = ""
    is_on: bool = False


@dataclass(frozen=True)
class MailboxSecrets:
    """What opens a mailbox; "" leaves what is kept."""

    password: str = ""
    client_secret: str = ""
    refresh_token: str = ""


def check_mailbox(draft: MailboxDraft) -> MailboxDraft:
    """Return the draft without needless spaces.

    Raises: BadMailbox: with all its findings.
    """
    given: dict[str, Any] = dict(vars(draft))
    values: dict[str, Any] = {name: one.strip() if isinstance(one, str) else one for name, one in given.items()}
    cleaned = MailboxDraft(**{**values, "address": plain_address(draft.address)})
    found = list(_findings(cleaned))
    if found:
        raise BadMailbox(found)
    return cleaned


def _findings(draft: MailboxDraft) -> list[Finding]:
    found = []
    if not ADDRESS.fullmatch(draft.address) or not draft.address.isascii():
        found.append(Finding("address", "L’adresse e-mail s’écrit nom@exemple.ch."))
    for name in ("imap_host", "smtp_host"):
        if not _HOST.fullmatch(getattr(draft, name)):
            found.append(Finding(name, "Indiquez le nom du serveur, par exemple mail.exemple.ch."))
    for name in ("imap_port", "smtp_port"):
        if not 1 <= getattr(draft, name) <= 65535:
            found.append(Finding(name, "Le port est un nombre de 1 à 65535."))
    for name in ("imap_security", "smtp_security"):
        if getattr(draft, name) not in SECURITIES:
            found.append(Finding(name, "Choisissez une protection de la liste."))
    if draft.method not in METHODS:
        found.append(Finding("method", "Choisissez mot de passe ou XOAUTH2."))
    if draft.token_address and not re.match(r"https://|http://(localhost|127\.0\.0\.1)[:/]", draft.token_address):
        found.append(Finding("token_address", "L’adresse des jetons commence par https://."))
    short = ("name", "user", "inbox", "sent", "client_id", "token_address")
    for name in short:
        if len(getattr(draft, name)) > 300 or any(sign in getattr(draft, name) for sign in "\r\n\x00"):
            found.append(Finding(name, "Cette valeur tient sur une ligne de 300 caractères."))
    if len(draft.signature) > 2000:
        found.append(Finding("signature", "La signature tient en 2000 caractères."))
    return found


def servers_of(draft: MailboxDraft) -> list[str]:
    """Return the names of the servers by which a mailbox is reached."""
    tokens = urlsplit(draft.token_address).hostname or "" if draft.method == "xoauth2" else ""
    return sorted({one.lower() for one in (draft.imap_host, draft.smtp_host, tokens) if one})


def check_servers(names: Iterable[str]) -> list[str]:
    """Return the names of servers, each once, in their order.

    Raises: BadInput: one is no name of a server, or there are too many.
    """
    given = sorted({name.strip().lower() for name in names if name.strip()})
    for name in given:
        if not _HOST.fullmatch(name):
            raise BadInput("« {name} » n’est pas le nom d’un serveur, par exemple mail.exemple.ch.", name=name[:60])
    if len(given) > MOST_SERVERS:
        raise BadInput("Pas plus de {most} serveurs.", most=MOST_SERVERS)
    return given


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after so many refusals in a row: 2, 4, 8 minutes, two hours at most."""
    wait: timedelta = EVERY * int(2 ** min(failures, 10))
    return min(wait, LONGEST_WAIT)
