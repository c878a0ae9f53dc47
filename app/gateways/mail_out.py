"""Sending mail through the firm's own server, and only when the firm has switched it on."""

import mimetypes
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime, formatdate

from app.gateways.mail_access import open_smtp
from db.access.company.rules import MailSettings
from db.documents.mail.accounts.queries import OpenedMailbox
from db.documents.mail.queries import Outgoing
from db.documents.mail.rules import Address
from db.kernel.errors import BusinessError

SECONDS = 20


class MailIsOff(BusinessError):
    """The firm does not let mail leave."""


class MailRefused(BusinessError):
    """The server did not take the mail."""


class MailUncertain(MailRefused):
    """Nobody knows whether the server took the mail."""


def send_mail(
    settings: MailSettings,
    password: str | None,
    *,
    to: str,
    subject: str,
    text: str,
    message_id: str,
    html: str = "",
) -> None:
    """Hand one text, and the same as simple HTML where given, to the firm's mail server.

    Raises:
        MailIsOff: nothing may leave.
        MailRefused: the server cannot be reached or refuses; nothing has left.
        MailUncertain: the connection broke while the message was handed over: it may have left.
    """
    if not settings.is_on:
        raise MailIsOff("L’envoi d’e-mails n’est pas activé.")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.sender, to, subject
    message["Date"], message["Message-ID"] = formatdate(), message_id
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")

    def signed_in() -> smtplib.SMTP:
        server = _connected(settings)
        if settings.user:
            server.login(settings.user, password or "")
        return server

    _hand_over(message, signed_in)


def _hand_over(message: EmailMessage, signed_in: Callable[[], AbstractContextManager[smtplib.SMTP]]) -> None:
    is_handing_over = False
    try:
        with signed_in() as server:
            is_handing_over = True
            server.send_message(message)
            is_handing_over = False  # the server has it; how it says good-bye does not matter
    except (OSError, smtplib.SMTPException) as problem:
        if is_handing_over and isinstance(problem, smtplib.SMTPServerDisconnected | TimeoutError | ConnectionError):
            raise MailUncertain("La connexion au serveur d’e-mails s’est interrompue pendant l’envoi.") from problem
        if isinstance(problem, smtplib.SMTPRecipientsRefused):
            raise MailRefused(
                "Le serveur refuse l’adresse {address} ({reason}).", **_refused(problem.recipients)
            ) from problem
        raise MailRefused(
            "Le serveur d’e-mails n’a pas pris le message ({kind}).", kind=type(problem).__name__
        ) from problem


def _connected(settings: MailSettings) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(settings.host, settings.port, timeout=SECONDS)
    if settings.security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server


def _refused(recipients: dict[str, tuple[int, bytes]]) -> dict[str, str]:
    address, (code, told) = next(iter(recipients.items()))
    return {"address": address, "reason": f"{code} {told.decode('utf-8', 'replace')}"[:200]}


def composed(mail: Outgoing, files: Sequence[tuple[str, bytes]]) -> EmailMessage:
    """Return an e-mail as it goes out; the same e-mail always makes the same message."""
    message = EmailMessage()
    message["From"] = _shown(mail.sender)
    message["To"] = [_shown(one) for one in mail.recipients]
    if mail.copies:
        message["Cc"] = [_shown(one) for one in mail.copies]
    message["Subject"], message["Date"] = mail.subject, format_datetime(mail.written_at)
    message["Message-ID"] = mail.message_id
    if mail.in_reply_to:
        message["In-Reply-To"] = mail.in_reply_to
        message["References"] = " ".join(mail.references or (mail.in_reply_to,))
    message.set_content(mail.text)
    for name, content in files:
        kind = (mimetypes.guess_type(name)[0] or "application/octet-stream").split("/")
        message.add_attachment(content, maintype=kind[0], subtype=kind[1], filename=name)
    return message


def _shown(one: Address) -> HeaderAddress:
    return HeaderAddress(one.name, addr_spec=one.address)


def send_from(box: OpenedMailbox, message: EmailMessage) -> None:
    """Hand an e-mail to the server of a mailbox.

    Raises:
        MailboxRefuses, MailRefused: nothing has left.
        MailUncertain: the connection broke while the message was handed over: it may have left.
    """
    _hand_over(message, lambda: open_smtp(box))
