"""A forgotten password by mail: to the firm's own server, only when it is switched on, only to who has the address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine

from app.access import entrance
from app.access.mail_job import mail_reset_link
from app.doors import do
from app.gateways.mail_out import MailRefused
from app.worker import JobRun, run_next_job
from db.access.company.actions import change_mail, found_company
from db.access.company.rules import MailSettings
from db.access.people.actions import add_user
from db.access.rules import Actor, Role, system_actor
from tests.serving import free_port


@dataclass
class Mailbox:
    """What arrived at a mail server on this machine."""

    port: int = 0
    arrived: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        body = message.get_body()  # type: ignore[attr-defined]
        self.arrived.append((envelope.rcpt_tos[0], body.get_content()))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    kept = Mailbox(port=free_port())
    server = Controller(kept, hostname="127.0.0.1", port=kept.port)
    server.start()
    yield kept
    server.stop()


@pytest.fixture
def anne(database: Engine, system: Actor) -> str:
    do(system, found_company, name="Ateliers")
    do(
        system,
        add_user,
        name="Anne Rey",
        email="anne@example.ch",
        roles=[Role.SALES],
        password="quatre mots bien choisis",
    )
    return "anne@example.ch"


def _mail(port: int, *, is_on: bool = True) -> None:
    settings = MailSettings(is_on, "127.0.0.1", port, "none", "", "boussole@example.ch")
    do(system_actor(), change_mail, settings=settings, password=None)


class TestMailResetLink:
    def test_brings_a_link_that_works(self, anne: str, mailbox: Mailbox) -> None:
        _mail(mailbox.port)

        entrance.ask_for_mail(email=" Anne@example.ch ", address="127.0.0.1")
        assert run_next_job()

        [(to, text)] = mailbox.arrived
        found = re.search(r"http://127\.0\.0\.1:\d+/mot-de-passe\?jeton=([\w-]+)", text)
        assert to == anne
        assert "Bonjour Anne Rey" in text
        assert found is not None
        entrance.use_reset_link(token=found[1], password="cinq autres mots bien choisis", address="127.0.0.1")
        entrance.sign_in(email=anne, password="cinq autres mots bien choisis", device="", address="127.0.0.1")

    def test_sends_nothing_to_addresses_without_an_account(self, anne: str, mailbox: Mailbox) -> None:
        _mail(mailbox.port)

        mail_reset_link(_run("nobody@example.ch"))

        assert mailbox.arrived == []

    def test_sends_nothing_while_mail_is_off(self, anne: str, mailbox: Mailbox) -> None:
        _mail(mailbox.port, is_on=False)

        mail_reset_link(_run(anne))

        assert mailbox.arrived == []

    def test_says_when_the_server_cannot_be_reached(self, anne: str, mailbox: Mailbox) -> None:
        _mail(1)

        with pytest.raises(MailRefused):
            mail_reset_link(_run(anne))

    def test_does_not_fall_back_to_plain_text_when_protection_is_asked_for(self, anne: str, mailbox: Mailbox) -> None:
        settings = MailSettings(True, "127.0.0.1", mailbox.port, "starttls", "", "boussole@example.ch")
        do(system_actor(), change_mail, settings=settings, password=None)

        with pytest.raises(MailRefused):
            mail_reset_link(_run(anne))
        assert mailbox.arrived == []


def _run(email: str) -> JobRun:
    return JobRun(uuid4(), "access.mail_reset_link", {"email": email}, system_actor())
