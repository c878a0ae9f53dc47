"""Sending over a real SMTP server: once, threaded, with a copy in Sent; refusals and bounces beside the message."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest

from app.doors import ask, do
from app.mail.sending import send
from db.access.rules import Actor, Role
from db.documents.mail.accounts.queries import mailbox
from db.documents.mail.queries import MailFacts, mail_facts, mail_thread, mails_of_record
from db.documents.mail.rules import BadMail, MailDraft, MailState
from db.documents.mail.sending.actions import hang_on_draft, note_handed, send_mail, write_mail
from db.kernel.errors import NotAllowed, NotFound
from db.kernel.record import uuid7
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from tests.app.mail.conftest import Post, QuietRun
from tests.app.mail.test_fetching import told
from tests.mailboxes import written

THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def paul(post: Post) -> UUID:
    """A customer."""
    made: UUID = do(post.by, add_party, draft=PartyDraft(PartyKind.PERSON, "Paul Favre", email="paul@favre.example"))
    return made


def answered(post: Post, paul: UUID) -> MailFacts:
    """Return the customer's e-mail, which is here."""
    post.imap.put(written(at=THEN).as_bytes())
    post.fetch()
    [found] = ask(post.by, mails_of_record, kind="party", record_id=paul, by=post.by)
    return found


def begun(post: Post, answers: UUID | None = None, to: str = "Paul Favre <paul@favre.example>") -> UUID:
    """Return a draft."""
    draft = MailDraft(post.account_id, to, "", "Re: Devis pour dix tables", "Volontiers, pour mardi.")
    made: UUID = do(post.by, write_mail, draft=draft, answers=answers)
    return made


def sent(post: Post, mail_id: UUID) -> MailFacts:
    """Send a draft as the worker does; return how it stands then."""
    do(post.by, send_mail, mail_id=mail_id)
    return worked(post, mail_id)


def worked(post: Post, mail_id: UUID) -> MailFacts:
    """Let the worker send; return how the e-mail stands then."""
    send(QuietRun(uuid7(), "mail.send", {"mail_id": str(mail_id)}, post.by))
    found: MailFacts = ask(post.by, mail_facts, mail_id=mail_id, by=post.by)
    return found


class TestSend:
    def test_answers_in_the_thread_with_a_copy_in_sent(self, post: Post, paul: UUID, people: dict[Role, Actor]) -> None:
        question = answered(post, paul)

        mail_id = begun(post, question.mail_id)
        do(post.by, hang_on_draft, mail_id=mail_id, name="devis.pdf", content=b"%PDF-1.4 dix tables")
        facts = sent(post, mail_id)

        [received] = [message_from_bytes(raw, policy=default) for raw in post.smtp.messages]
        [copy] = [message_from_bytes(raw, policy=default) for raw in post.imap.kept("Sent")]
        assert (facts.state, facts.problem) == (MailState.SENT, "")
        assert received["In-Reply-To"] == received["References"] == "<un@favre.example>"
        assert received["Message-ID"] == copy["Message-ID"] == f"<{mail_id}@boussole.test>"
        assert [part.get_filename() for part in received.iter_attachments()] == ["devis.pdf"]
        assert [one.mail_id for one in ask(post.by, mail_thread, mail_id=mail_id, by=post.by)] == [
            question.mail_id,
            mail_id,
        ]
        assert told(people[Role.MANAGER], paul)[0] == (
            "Re: Devis pour dix tables — Volontiers, pour mardi.",
            "Nadia Rey",
        )

    def test_does_not_take_its_own_copy_for_another_message(self, post: Post, paul: UUID) -> None:
        sent(post, begun(post))

        assert post.fetch()["new"] == 0

    def test_sends_nothing_twice_when_the_worker_begins_again(self, post: Post, paul: UUID) -> None:
        mail_id = begun(post)
        sent(post, mail_id)

        worked(post, mail_id)

        assert len(post.smtp.messages) == len(post.imap.kept("Sent")) == 1

    def test_asks_a_person_after_a_kill_in_the_middle(self, post: Post, paul: UUID) -> None:
        mail_id = begun(post)
        do(post.by, send_mail, mail_id=mail_id)
        do(post.by, note_handed, mail_id=mail_id)  # and then the worker was killed

        facts = worked(post, mail_id)

        assert (facts.state, post.smtp.messages) == (MailState.UNCERTAIN, [])
        assert "interrompu" in facts.problem

    def test_finds_in_sent_what_had_left_before_a_kill(self, post: Post, paul: UUID) -> None:
        mail_id = begun(post)
        do(post.by, send_mail, mail_id=mail_id)
        do(post.by, note_handed, mail_id=mail_id)
        post.imap.put(written(at=THEN, message_id=f"<{mail_id}@boussole.test>").as_bytes(), "Sent")

        assert worked(post, mail_id).state is MailState.SENT
        assert post.smtp.messages == []

    def test_says_which_address_the_server_refuses(self, post: Post, paul: UUID) -> None:
        post.smtp.refused_address = "paul@favre.example"

        facts = sent(post, begun(post))

        assert facts.state is MailState.FAILED
        assert facts.problem == "Le serveur refuse l’adresse paul@favre.example (550 5.1.1 no such user)."

    def test_is_sent_again_once_the_address_is_right(self, post: Post, paul: UUID) -> None:
        post.smtp.refused_address = "paul@favre.example"
        mail_id = begun(post)
        sent(post, mail_id)
        post.smtp.refused_address = ""

        assert sent(post, mail_id).state is MailState.SENT

    def test_refuses_a_draft_without_recipient(self, post: Post) -> None:
        mail_id = begun(post, to="")

        with pytest.raises(BadMail, match="au moins un destinataire"):
            do(post.by, send_mail, mail_id=mail_id)

    def test_is_a_draft_of_its_writer_alone(self, post: Post, paul: UUID, people: dict[Role, Actor]) -> None:
        mail_id = begun(post)
        manager = people[Role.MANAGER]

        with pytest.raises(NotFound):
            ask(manager, mail_facts, mail_id=mail_id, by=manager)
        with pytest.raises(NotFound):
            do(manager, send_mail, mail_id=mail_id)

    def test_cannot_leave_twice(self, post: Post, paul: UUID) -> None:
        mail_id = begun(post)
        sent(post, mail_id)

        with pytest.raises(NotAllowed):
            do(post.by, send_mail, mail_id=mail_id)


class TestBounce:
    def test_stands_beside_the_message_and_in_the_story(self, post: Post, paul: UUID) -> None:
        mail_id = begun(post)
        sent(post, mail_id)
        post.imap.put(REPORT.format(mail_id=mail_id).encode())

        post.fetch()

        facts = ask(post.by, mail_facts, mail_id=mail_id, by=post.by)
        assert (facts.bounced_address, facts.bounced_reason) == ("paul@favre.example", "550 5.1.1 unknown user")
        assert ("E-mail non remis à {address}", "paul@favre.example") not in told(post.by, paul)
        assert [text for text, by in told(post.by, paul) if by == "paul@favre.example"] == [
            "Re: Devis pour dix tables — 550 5.1.1 unknown user"
        ]


class TestMailbox:
    def test_never_shows_its_password(self, post: Post) -> None:
        found = ask(post.by, mailbox, account_id=post.account_id, by=post.by)

        assert found.has_password
        assert "secret" not in repr(found)


REPORT = """From: MAILER-DAEMON@mx.example
To: nadia@boussole.test
Subject: Undelivered Mail Returned to Sender
Date: Fri, 20 Nov 2026 10:00:00 +0000
Message-ID: <bounce@mx.example>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b
MIME-Version: 1.0

--b
Content-Type: text/plain

I am sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; paul@favre.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown user

--b
Content-Type: message/rfc822

Message-ID: <{mail_id}@boussole.test>
Subject: Re: Devis pour dix tables

Volontiers.
--b--
"""
