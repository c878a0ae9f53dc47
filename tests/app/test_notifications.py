"""From what happens to what a person is told: reactions, and the digest at a real mail server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import select

from app import worker
from app.doors import ask, do, now
from app.notifications import digest as digests
from app.notifications import reactions
from app.worker import run_next_job, run_reactions
from db.access.company.actions import change_mail, found_company
from db.access.company.rules import MailSettings
from db.access.rules import Actor, Role
from db.crm.leads.actions import assign_leads, create_lead
from db.crm.leads.rules import LeadDraft
from db.jobs.backups.actions import ask_for_check
from db.records.followers.actions import follow_record
from db.records.notes.actions import write_note
from db.records.notifications.actions import begin_digest, choose_hours, choose_ways, tell
from db.records.notifications.queries import messages
from db.records.notifications.rules import Hours, Told, Topic, Way
from db.records.notifications.tables import Digest
from db.session import reading
from tests.serving import free_port

ALWAYS = Hours(digest_at=0, quiet_from=0, quiet_to=0)


@dataclass
class Mailbox:
    """What arrived at a mail server on this machine, and what it answers."""

    port: int = 0
    answer: str = "250 OK"
    arrived: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            self.arrived.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        return self.answer


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    kept = Mailbox(port=free_port())
    server = Controller(kept, hostname="127.0.0.1", port=kept.port)
    server.start()
    yield kept
    server.stop()


@pytest.fixture
def anne(people: dict[Role, Actor], system: Actor) -> Actor:
    """A salesperson of a firm, told at any hour."""
    do(system, found_company, name="Ateliers")
    do(people[Role.SALES], choose_hours, hours=ALWAYS)
    return people[Role.SALES]


def lines(person: Actor) -> list[tuple[str, str]]:
    """Return topic and French sentence of what a person was told."""
    return [(one.topic.value, one.message_id.format(**one.params)) for one in ask(person, messages, by=person)]


def lead(by: Actor, name: str = "Toit de l’école") -> object:
    """Make a lead."""
    return do(by, create_lead, draft=LeadDraft(name=name, received_at=now()))


class TestReactions:
    def test_a_mention(self, anne: Actor, people: dict[Role, Actor]) -> None:
        boss = people[Role.MANAGER]
        record = lead(boss)
        do(boss, write_note, kind="lead", record_id=record, text=f"@{anne.name} peux-tu appeler ?")
        run_reactions()

        assert lines(anne) == [("mention", "Manager vous mentionne : Toit de l’école")]

    def test_a_lead_that_is_given(self, anne: Actor, people: dict[Role, Actor]) -> None:
        boss = people[Role.MANAGER]
        do(boss, assign_leads, lead_ids=[lead(boss)], owner_id=anne.user_id)
        run_reactions()

        assert lines(anne) == [("assigned", "Manager vous confie la piste Toit de l’école")]

    def test_what_one_follows(self, anne: Actor, people: dict[Role, Actor], system: Actor) -> None:
        record = lead(people[Role.MANAGER])
        do(anne, follow_record, kind="lead", record_id=record)
        reactions.tell_followers(system)
        do(people[Role.MANAGER], write_note, kind="lead", record_id=record, text="Rappelé.")
        for _ in range(2):
            reactions.tell_followers(system)

        assert lines(anne) == [("followed", "Manager a modifié Toit de l’école")]

    def test_a_backup_that_fails_reaches_the_administrator(
        self, anne: Actor, people: dict[Role, Actor], system: Actor
    ) -> None:
        do(system, ask_for_check, name="gone.tar.gz")
        run_next_job()
        run_reactions()

        [(topic, said)] = lines(people[Role.ADMINISTRATOR])
        assert topic == "backup"
        assert "n’existe plus" in said
        assert lines(anne) == []


def switch_on(system: Actor, port: int) -> None:
    """Let mail leave."""
    settings = MailSettings(True, "127.0.0.1", port, "none", "", "boussole@example.ch")
    do(system, change_mail, settings=settings, password=None)


@pytest.fixture
def weekday(monkeypatch: pytest.MonkeyPatch, clock: datetime) -> datetime:
    """A Tuesday, for the doors too: on a Sunday no digest leaves."""
    at_a_time(monkeypatch, clock)
    return clock


def at_a_time(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """Let digests and worker see this instant."""
    for module in (digests, worker):
        monkeypatch.setattr(module, "now", lambda: at)


class TestDigest:
    def test_is_one_mail_in_text_and_html(
        self, anne: Actor, system: Actor, mailbox: Mailbox, weekday: datetime
    ) -> None:
        switch_on(system, mailbox.port)
        _tell_at(anne, system, weekday, "<b>Toit</b>")
        for _ in range(3):
            digests.ask_for_digests(system)
            while run_next_job():
                pass

        [mail] = mailbox.arrived
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert text is not None
        assert "Marc vous mentionne : <b>Toit</b>" in text.get_content()
        assert html is not None
        assert "&lt;b&gt;Toit" in html.get_content()
        assert str(mail["Message-ID"]).startswith("<digest-")
        assert str(mail["To"]) == "sales@example.ch"

    def test_nothing_leaves_while_mail_is_off(self, anne: Actor, system: Actor, weekday: datetime) -> None:
        _tell_at(anne, system, weekday, "Toit")
        digests.ask_for_digests(system)

        assert not run_next_job()

    def test_one_that_was_interrupted_is_not_repeated(
        self, anne: Actor, system: Actor, mailbox: Mailbox, weekday: datetime
    ) -> None:
        switch_on(system, mailbox.port)
        _tell_at(anne, system, weekday, "Toit")
        digests.ask_for_digests(system)
        with reading() as session:
            digest_id = session.exec(select(Digest.id)).one()
        do(system, begin_digest, digest_id=digest_id)  # a worker began it and was killed
        run_next_job()

        assert mailbox.arrived == []

    def test_what_the_server_refuses_waits_for_the_next_day(
        self, anne: Actor, system: Actor, mailbox: Mailbox, weekday: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        switch_on(system, mailbox.port)
        mailbox.answer = "554 no"
        _tell_at(anne, system, weekday, "Toit")
        digests.ask_for_digests(system)
        run_next_job()
        assert mailbox.arrived == []

        mailbox.answer = "250 OK"
        at_a_time(monkeypatch, weekday + timedelta(days=1))
        digests.ask_for_digests(system)
        while run_next_job():
            pass

        assert len(mailbox.arrived) == 1


def _tell_at(anne: Actor, system: Actor, at: datetime, title: str) -> None:
    do(anne, choose_ways, at=at, ways={Topic.MENTION: Way.DIGEST})
    assert anne.user_id is not None
    said = {"name": "Marc", "title": title}
    one = Told(anne.user_id, Topic.MENTION, f"m-{title}", "{name} vous mentionne : {title}", said)
    do(system, tell, at=at, told=[one])
