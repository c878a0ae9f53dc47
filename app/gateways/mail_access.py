"""How a mailbox is opened on both of its servers: by password, or by a token that is asked for anew each time.

Source: RFC 7628 (the idea) and XOAUTH2 as Google and Microsoft document it; RFC 6749, section 6 (refreshing a token).
"""

import base64
import imaplib
import json
import smtplib
import ssl
import urllib.error
import urllib.parse
import urllib.request

from db.documents.mail.accounts.queries import OpenedMailbox
from db.kernel.errors import BusinessError

SECONDS = 20
MOST_ANSWER = 100_000


class MailboxRefuses(BusinessError):
    """A mailbox cannot be reached or does not let in; nothing was changed."""


def token_of(box: OpenedMailbox) -> str:
    """Return an access token for a mailbox.

    Raises: MailboxRefuses: the one who gives tokens does not.
    """
    asked = {"grant_type": "refresh_token", "refresh_token": box.refresh_token, "client_id": box.draft.client_id}
    if box.client_secret:
        asked["client_secret"] = box.client_secret
    request = urllib.request.Request(box.draft.token_address, urllib.parse.urlencode(asked).encode())
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            told = json.loads(answer.read(MOST_ANSWER))
    except urllib.error.HTTPError as problem:
        raise MailboxRefuses(
            "Le jeton n’est plus accepté ({status}) : autoriser à nouveau l’accès à la boîte.", status=problem.code
        ) from problem
    except (OSError, ValueError) as problem:
        raise MailboxRefuses("Le service des jetons ne répond pas ({kind}).", kind=_kind(problem)) from problem
    token = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(token, str) or not token:
        raise MailboxRefuses("Le service des jetons n’a pas donné de jeton.")
    return token


def _bearer(box: OpenedMailbox) -> str:
    return f"user={_user(box)}\x01auth=Bearer {token_of(box)}\x01\x01"


def _user(box: OpenedMailbox) -> str:
    return box.draft.user or box.draft.address


def open_imap(box: OpenedMailbox) -> imaplib.IMAP4:
    """Return a connection to a mailbox that is signed in.

    Raises: MailboxRefuses.
    """
    draft = box.draft
    bearer = _bearer(box) if draft.method == "xoauth2" else ""
    try:
        server = _imap(draft.imap_host, draft.imap_port, draft.imap_security)
    except (OSError, imaplib.IMAP4.error) as problem:
        raise _unreachable(draft.imap_host, problem) from problem
    try:
        if bearer:
            server.authenticate("XOAUTH2", lambda challenge: bearer.encode() if not challenge else b"")
        else:
            server.login(_quotable(_user(box)), box.password)
    except (OSError, imaplib.IMAP4.error, UnicodeError) as problem:
        close_imap(server)
        raise MailboxRefuses(
            "La boîte {address} refuse l’accès : vérifier l’utilisateur et le mot de passe (ou le jeton).",
            address=draft.address,
        ) from problem
    return server


def _quotable(user: str) -> str:
    return user.replace("\\", "").replace('"', "")


def _imap(host: str, port: int, security: str) -> imaplib.IMAP4:
    if security == "tls":
        return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=SECONDS)
    server = imaplib.IMAP4(host, port, timeout=SECONDS)
    if security == "starttls":
        server.starttls(ssl.create_default_context())
    return server


def close_imap(server: imaplib.IMAP4) -> None:
    """End a connection, however it stands."""
    try:
        server.logout()
    except (OSError, imaplib.IMAP4.error):
        server.shutdown()


def open_smtp(box: OpenedMailbox) -> smtplib.SMTP:
    """Return a connection by which a mailbox sends, signed in.

    Raises: MailboxRefuses.
    """
    draft = box.draft
    bearer = _bearer(box) if draft.method == "xoauth2" else ""
    try:
        server = _smtp(draft.smtp_host, draft.smtp_port, draft.smtp_security)
    except (OSError, smtplib.SMTPException) as problem:
        raise _unreachable(draft.smtp_host, problem) from problem
    try:
        if bearer:
            server.ehlo_or_helo_if_needed()
            code, _ = server.docmd("AUTH", "XOAUTH2 " + base64.b64encode(bearer.encode()).decode())
            if code != 235:
                raise smtplib.SMTPAuthenticationError(code, b"")
        elif box.password:
            server.login(_user(box), box.password)
    except (OSError, smtplib.SMTPException, UnicodeError) as problem:
        server.close()
        raise MailboxRefuses(
            "Le serveur d’envoi de {address} refuse l’accès : vérifier l’utilisateur et le mot de passe (ou le jeton).",
            address=draft.address,
        ) from problem
    return server


def _smtp(host: str, port: int, security: str) -> smtplib.SMTP:
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=SECONDS)
    if security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server


def _unreachable(host: str, problem: Exception) -> MailboxRefuses:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return MailboxRefuses("Le certificat de {host} n’est pas valable.", host=host)
    return MailboxRefuses("Le serveur {host} ne répond pas ({kind}).", host=host, kind=_kind(problem))


def _kind(problem: Exception) -> str:
    return type(problem).__name__
