"""Reading a mailbox on a real IMAP server: each message once, told where it belongs, else its owner's alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.documents.mail.listing.queries import MAIL_QUESTIONS
from db.documents.mail.queries import mail_thread
from db.kernel.errors import NotFound
from db.parties.actions import add_contact, add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.listing.rules import ListRequest
from db.records.search.queries import found_records
from db.records.timeline.queries import TimelineLine, story
from db.records.timeline.rules import StoryPart
from tests.app.mail.conftest import Post
from tests.mailboxes import written

THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
Paul = tuple[UUID, UUID]  # company, person


@pytest.fixture
def paul(people: dict[Role, Actor], post: Post) -> Paul:
    """A customer with a contact."""
    company = do(post.by, add_party, draft=PartyDraft(PartyKind.COMPANY, "Menuiserie Favre SA"))
    person = do(post.by, add_party, draft=PartyDraft(PartyKind.PERSON, "Paul Favre", email="paul@favre.example"))
    do(post.by, add_contact, company_id=company, person_id=person, function="Patron")
    return company, person


def listed(by: Actor) -> list[str]:
    """Return the subjects of the e-mails that a person sees in the list."""
    page = ask(by, MAIL_QUESTIONS.page, request=ListRequest(sort="-written"), by=by)
    return [row.subject for row in page.rows]


def told(by: Actor, record_id: UUID) -> list[tuple[str, str]]:
    """Return what the story of a company or person tells of e-mails: what, and by whom."""
    page = ask(by, story, kind="party", record_id=record_id, part=StoryPart(sort="exchange"), by=by)
    return [(line.text, line.by_name) for line in page.lines if isinstance(line, TimelineLine)]


class TestFetch:
    def test_tells_a_customers_mail_on_contact_and_company(
        self, post: Post, paul: Paul, people: dict[Role, Actor]
    ) -> None:
        post.imap.put(written(at=THEN).as_bytes())

        done = post.fetch()

        line = ("Devis pour dix tables — Bonjour, pouvez-vous m’envoyer un devis ?", "Paul Favre")
        assert done == {"new": 1, "unread": 0}
        assert told(people[Role.MANAGER], paul[0]) == [line]
        assert told(people[Role.MANAGER], paul[1]) == [line]

    def test_takes_each_message_once(self, post: Post, paul: Paul) -> None:
        post.imap.put(written(at=THEN).as_bytes())
        post.fetch()
        post.imap.put(written(at=THEN).as_bytes())

        assert post.fetch()["new"] == 0
        assert listed(post.by) == ["Devis pour dix tables"]

    def test_puts_answers_into_their_thread_in_whatever_order_they_come(self, post: Post) -> None:
        answer = written(
            at=THEN + timedelta(hours=2), message_id="<trois@favre.example>", subject="Re: Devis",
            References="<un@favre.example> <deux@favre.example>", In_Reply_To="<deux@favre.example>",
        )  # fmt: skip
        middle = written(
            at=THEN + timedelta(hours=1), message_id="<deux@favre.example>", subject="Re: Devis",
            In_Reply_To="<un@favre.example>",
        )  # fmt: skip
        for message in (answer, middle, written(at=THEN)):
            post.imap.put(message.as_bytes())
        post.fetch()

        page = ask(post.by, MAIL_QUESTIONS.page, request=ListRequest(sort="-written"), by=post.by)
        thread = ask(post.by, mail_thread, mail_id=page.rows[0].record_id, by=post.by)

        assert [one.message_id for one in thread] == [
            "<un@favre.example>", "<deux@favre.example>", "<trois@favre.example>",
        ]  # fmt: skip

    def test_keeps_what_belongs_to_nobody_known_to_its_owner(self, post: Post, people: dict[Role, Actor]) -> None:
        post.imap.put(written(sender="Docteur <cabinet@medecin.example>", subject="Vos analyses", at=THEN).as_bytes())
        post.fetch()

        assert listed(post.by) == ["Vos analyses"]
        mail_id = ask(post.by, found_records, query="analyses", by=post.by)[0].record_id
        for other in (people[Role.ADMINISTRATOR], people[Role.MANAGER], people[Role.ACCOUNTANT]):
            assert listed(other) == []
            assert ask(other, found_records, query="analyses", by=other) == []
            with pytest.raises(NotFound):
                ask(other, mail_thread, mail_id=mail_id, by=other)
