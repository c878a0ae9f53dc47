"""Keeping e-mails that came, writing and sending one, and saying to what it belongs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from db.access.gate import bookkeeping, gate
from db.access.rules import Actor
from db.documents.mail.accounts.tables import MailAccount
from db.documents.mail.keeping import findable, hang_files, name_answered, pairs_of, set_of_mail, told_of
from db.documents.mail.queries import is_in_own_mailbox, mail_row, own_row
from db.documents.mail.rules import (
    LONGEST_ID,
    READ,
    SEND,
    TAKE_IN,
    ArrivedMail,
    MailState,
)
from db.documents.mail.tables import MailLink, MailMessage
from db.kernel.errors import NotAllowed
from db.kernel.record import uuid7
from db.records.relations.queries import Place
from db.records.search.actions import (
    add_search_entries,
)
from db.records.search.queries import next_numbers

SEND_JOB = "mail.send"
FOUND_BY = 4000  # characters of a text by which an e-mail is found


@gate(TAKE_IN)
def keep_arrived(
    session: Session,
    *,
    account_id: UUID,
    owner_id: UUID | None,
    direction: str,
    mail: ArrivedMail,
    threads: Sequence[UUID],
    by: Actor,
    at: datetime,
) -> MailMessage:
    """Keep an e-mail that was fetched, in the oldest of its threads, which become one; its files once by content."""
    mail_id = uuid7()
    thread_id = threads[0] if threads else mail_id
    _join_threads(session, threads)
    is_in = direction == "in"
    row = MailMessage(
        id=mail_id,
        account_id=account_id,
        owner_id=owner_id,
        direction=direction,
        state=(MailState.RECEIVED if is_in else MailState.SENT).value,
        read_mark="new" if is_in else "read",
        thread_id=thread_id,
        key=mail.key,
        message_id=mail.message_id[:LONGEST_ID],
        in_reply_to=mail.in_reply_to[:LONGEST_ID],
        recipients=pairs_of(mail.recipients),
        copies=pairs_of(mail.copies),
        written_at=min(mail.written_at, at),
        text=mail.text,
        quoted=mail.quoted,
        html=mail.html,
        is_auto=mail.is_auto,
        authentication=mail.authentication,
        remark=mail.remark,
        remark_params=mail.remark_params,
        size_bytes=mail.size_bytes,
        search_number=next_numbers(session, count=1)[0],
        **told_of(mail.subject, mail.sender),
    )
    session.add(row)
    session.flush()
    name_answered(session, mail_id, mail.named)
    hang_files(session, mail_id, mail.files, by)
    add_search_entries(session, entries=[findable(row)], by=by, at=at)
    return row


def _join_threads(session: Session, threads: Sequence[UUID]) -> None:
    """Make threads one, the first of them."""
    if len(threads) > 1:
        others = col(MailMessage.thread_id).in_(list(threads[1:]))
        session.connection().execute(update(MailMessage).where(others).values(thread_id=threads[0]))


@gate(SEND)
def link_mail(
    session: Session, *, mail_id: UUID, places: Sequence[Place], how: str, is_open: bool, by: Actor, at: datetime
) -> list[Place]:
    """Say to which records an e-mail belongs; return those that are new. `is_open`: it becomes the firm's.

    Raises: NotFound.
    """
    row = mail_row(session, mail_id=mail_id, by=by, locked=True)
    known = {(one.kind, one.record_id) for one in _links(session, mail_id)}
    new = [place for place in dict.fromkeys(places) if place not in known]
    if new:
        rows = [{"mail_id": mail_id, "kind": kind, "record_id": record_id, "how": how} for kind, record_id in new]
        session.connection().execute(insert(MailLink), rows)
        row.place = "filed"
        if is_open:
            row.owner_id = None
    return new


@gate(SEND)
def unlink_mail(session: Session, *, mail_id: UUID, places: Sequence[Place], by: Actor, at: datetime) -> None:
    """Say that an e-mail does not belong to some records; one that belongs to none is its mailbox's owner's again.

    Raises: NotFound, NotAllowed: it came to somebody else.
    """
    row = own_row(session, mail_id=mail_id, by=by)
    for kind, record_id in places:
        gone = (col(MailLink.mail_id) == mail_id, col(MailLink.kind) == kind, col(MailLink.record_id) == record_id)
        session.connection().execute(delete(MailLink).where(*gone))
    if not _links(session, mail_id):
        row.place = "loose"
        row.owner_id = _owner_of_mailbox(session, row)


@gate(SEND)
def keep_private(session: Session, *, mail_id: UUID, by: Actor, at: datetime) -> None:
    """Keep an e-mail to oneself: it belongs to no record, and nobody else reads it.

    Raises: NotFound, NotAllowed: it came to the firm's mailbox, or to somebody else.
    """
    row = own_row(session, mail_id=mail_id, by=by)
    owner = _owner_of_mailbox(session, row)
    if owner is None:
        raise NotAllowed("Cet e-mail est arrivé dans une boîte de l’entreprise : il ne peut pas devenir privé.")
    session.connection().execute(delete(MailLink).where(col(MailLink.mail_id) == mail_id))
    row.owner_id, row.place = owner, "private"


@gate(SEND)
def end_private(session: Session, *, mail_id: UUID, by: Actor, at: datetime) -> None:
    """Let an e-mail be filed again. Raises: NotFound, NotAllowed."""
    row = own_row(session, mail_id=mail_id, by=by)
    if row.place == "private":
        row.place = "loose"


def _links(session: Session, mail_id: UUID) -> list[MailLink]:
    return list(session.scalars(select(MailLink).where(col(MailLink.mail_id) == mail_id)))


def _owner_of_mailbox(session: Session, row: MailMessage) -> UUID | None:
    account = session.get(MailAccount, row.account_id) if row.account_id else None
    return account.owner_id if account else row.owner_id


@bookkeeping(READ)
def mark_read(session: Session, *, mail_id: UUID, is_read: bool, by: Actor, at: datetime) -> None:
    """Note that an e-mail was read; by somebody whose mailbox it did not come to, nothing changes. Raises: NotFound."""
    row = mail_row(session, mail_id=mail_id, by=by)
    if is_in_own_mailbox(session, row, by) and (row.read_mark == "read") != is_read:
        set_of_mail(session, mail_id, read_mark="read" if is_read else "new")


@bookkeeping(TAKE_IN)
def note_bounce(session: Session, *, mail_id: UUID, address: str, reason: str, by: Actor, at: datetime) -> None:
    """Note on an e-mail that was sent that it did not arrive."""
    set_of_mail(session, mail_id, bounced_address=address[:320], bounced_reason=reason[:500])
