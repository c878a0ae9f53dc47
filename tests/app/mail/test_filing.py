"""To whom an e-mail belongs, and who may read it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.doors import ask, do, now
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import LeadDraft
from db.crm.mail.actions import contact_of_mail, file_mail, lead_of_mail, make_private, unfile_mail
from db.documents.attachments.queries import attachments
from db.documents.mail.accounts.actions import add_mailbox
from db.documents.mail.accounts.rules import MailboxSecrets
from db.documents.mail.listing.queries import MAIL_QUESTIONS
from db.documents.mail.queries import mail_facts, mails_of_record, unread_mails
from db.kernel.errors import NotAllowed, NotFound
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.listing.rules import ListRequest
from tests.app.mail.conftest import Post
from tests.app.mail.test_fetching import listed, told
from tests.app.mail.test_trouble import fetched
from tests.mailboxes import PASSWORD, box_draft, written

THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def first(by: Actor) -> UUID:
    """Return the newest e-mail that a person sees."""
    page = ask(by, MAIL_QUESTIONS.page, request=ListRequest(sort="-written"), by=by)
    found: UUID = page.rows[0].record_id
    return found


def customer(by: Actor) -> UUID:
    """Return a customer."""
    made: UUID = do(by, add_party, draft=PartyDraft(PartyKind.PERSON, "Paul Favre", email="paul@favre.example"))
    return made


class TestContactOfMail:
    def test_files_what_the_stranger_wrote_before(self, post: Post, people: dict[Role, Actor]) -> None:
        for number in range(2):
            post.imap.put(written(at=THEN, message_id=f"<{number}@favre.example>", subject=f"N° {number}").as_bytes())
        post.fetch()

        party_id = do(post.by, contact_of_mail, mail_id=first(post.by), name="", company_id=None)

        assert len(told(people[Role.MANAGER], party_id)) == 2
        assert len(listed(people[Role.MANAGER])) == 2


class TestLeadOfMail:
    def test_makes_a_lead_with_its_first_exchange(self, post: Post) -> None:
        post.imap.put(written(at=THEN).as_bytes())
        post.fetch()

        lead_id = do(post.by, lead_of_mail, mail_id=first(post.by), name="")

        lead = ask(post.by, lead_detail, lead_id=lead_id, by=post.by)
        assert (lead.name, lead.email, lead.exchanges) == ("Devis pour dix tables", "paul@favre.example", 1)


class TestAutomaticAnswer:
    def test_is_told_but_is_no_exchange(self, post: Post) -> None:
        draft = LeadDraft(name="Tables", received_at=THEN - timedelta(days=1), email="paul@favre.example")
        lead_id = do(post.by, create_lead, draft=draft)
        post.imap.put(written(at=THEN, Auto_Submitted="auto-replied", subject="Absent").as_bytes())

        post.fetch()

        assert ask(post.by, lead_detail, lead_id=lead_id, by=post.by).exchanges == 0
        assert len(ask(post.by, mails_of_record, kind="lead", record_id=lead_id, by=post.by)) == 1


class TestMakePrivate:
    def test_takes_the_thread_off_every_record_and_keeps_what_follows(
        self, post: Post, people: dict[Role, Actor]
    ) -> None:
        party_id, manager = customer(post.by), people[Role.MANAGER]
        post.imap.put(written(at=THEN).as_bytes())
        post.fetch()
        assert len(listed(manager)) == 1

        do(post.by, make_private, mail_id=first(post.by))
        post.imap.put(
            written(
                at=THEN + timedelta(days=1), message_id="<b@favre.example>", In_Reply_To="<un@favre.example>"
            ).as_bytes()
        )
        post.fetch()

        assert told(manager, party_id) == listed(manager) == []
        assert len(listed(post.by)) == 2

    def test_is_for_whom_it_came_to(self, post: Post, people: dict[Role, Actor]) -> None:
        customer(post.by)
        post.imap.put(written(at=THEN).as_bytes())
        post.fetch()

        with pytest.raises(NotAllowed):
            do(people[Role.MANAGER], make_private, mail_id=first(post.by))


class TestUnfileMail:
    def test_gives_it_back_to_its_owner_alone(self, post: Post, people: dict[Role, Actor]) -> None:
        party_id = customer(post.by)
        post.imap.put(written(at=THEN).as_bytes())
        post.fetch()

        do(post.by, unfile_mail, mail_id=first(post.by), kind="party", record_id=party_id)

        assert told(post.by, party_id) == listed(people[Role.MANAGER]) == []
        do(post.by, file_mail, mail_id=first(post.by), kind="party", record_id=party_id)
        assert len(told(people[Role.MANAGER], party_id)) == 1


class TestTwoMailboxes:
    def test_tell_the_same_mail_once(self, post: Post, people: dict[Role, Actor]) -> None:
        party_id, admin = customer(post.by), people[Role.ADMINISTRATOR]
        draft = box_draft(post.imap.port, address="info@boussole.test")
        given = {"secrets": MailboxSecrets(PASSWORD), "is_shared": True}
        shared = do(admin, add_mailbox, at=now(), draft=draft, **given)
        post.imap.put(written(at=THEN).as_bytes())

        post.fetch()
        fetched(shared)

        assert len(told(post.by, party_id)) == 1
        assert ask(post.by, unread_mails, by=post.by) == 2


class TestReach:
    def test_of_a_lead_opens_its_mails_and_their_files(self, post: Post, people: dict[Role, Actor]) -> None:
        draft = LeadDraft(
            name="Tables", received_at=THEN - timedelta(days=1), email="paul@favre.example", owner_id=post.by.user_id
        )
        lead_id, manager = do(post.by, create_lead, draft=draft), people[Role.MANAGER]
        message = written(at=THEN)
        message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="plan.pdf")
        post.imap.put(message.as_bytes())
        post.fetch()
        mail_id = first(post.by)

        assert ask(manager, mail_facts, mail_id=mail_id, by=manager).links == (("lead", lead_id),)
        [file] = ask(manager, attachments, kind="mail", record_id=mail_id, by=manager)
        assert file.name == "plan.pdf"
        narrow = Actor(
            manager.user_id, manager.name, manager.roles, owners={"crm.read_leads": frozenset({manager.user_id})}
        )  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            ask(narrow, mail_facts, mail_id=mail_id, by=narrow)
        with pytest.raises(NotFound):
            ask(narrow, attachments, kind="mail", record_id=mail_id, by=narrow)
