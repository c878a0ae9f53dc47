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
    is_handing_over = False
    try:
        with _connected(settings) as server:
            if settings.user:
                server.login(settings.user, password or "")
            is_handing_over = True
            server.send_message(message)
            is_handing_over = False  # the server has it; how it says good-bye does not matter
    except (OSError, smtplib.SMTPException) as problem:
        if is_handing_over and isinstance(problem, smtplib.SMTPServerDisconnected | TimeoutError | ConnectionError):
            raise MailUncertain("La connexion au serveur d’e-mails s’est interrompue pendant l’envoi.") from problem
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
