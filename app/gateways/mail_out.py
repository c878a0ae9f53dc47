"""Sending mail through the firm's own server, and only when the firm has switched it on."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from db.access.company.rules import MailSettings
from db.kernel.errors import BusinessError

SECONDS = 20


class MailIsOff(BusinessError):
    """The firm does not let mail leave."""


class MailRefused(BusinessError):
    """The server did not take the mail."""


def send_mail(
    settings: MailSettings, password: str | None, *, to: str, subject: str, text: str, message_id: str
) -> None:
    """Hand one plain text to the firm's mail server.

    Raises:
        MailIsOff: nothing may leave.
        MailRefused: the server cannot be reached or refuses.
    """
    if not settings.is_on:
        raise MailIsOff("L’envoi d’e-mails n’est pas activé.")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.sender, to, subject
    message["Date"], message["Message-ID"] = formatdate(), message_id
    message.set_content(text)
    try:
        with _connected(settings) as server:
            if settings.user:
                server.login(settings.user, password or "")
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as problem:
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
