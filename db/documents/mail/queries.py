"""What can be asked about e-mails. What a person may not know of does not exist for her."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.tables import User
from db.access.reach import owned_by
from db.access.rules import Actor, owners_seen, reaches_owner
from db.documents.attachments.tables import AttachedFile
from db.documents.mail.accounts.tables import MailAccount
from db.documents.mail.rules import KIND, READ, SAME_SUBJECT, SEND, Address, MailState, is_answer
from db.documents.mail.tables import MailLink, MailMessage, MailReference
from db.kernel.errors import NotAllowed, NotFound
from db.records.reach.queries import reached
from db.records.relations.queries import Place

MOST_OF_THREAD = 200


@dataclass(frozen=True)
class MailFile:
    """A file of an e-mail."""

    file_id: UUID
    name: str
    size_bytes: int


@dataclass(frozen=True)
class MailFacts:
    """One e-mail as its reader sees it. `how`: for each record that it belongs to, why."""

    mail_id: UUID
    account_id: UUID | None
    account_address: str
    owner_id: UUID | None
    is_own: bool
    is_shared: bool
    direction: str
    state: MailState
    place: str
    is_read: bool
    thread_id: UUID
    message_id: str
    subject: str
    sender: Address
    recipients: tuple[Address, ...]
    copies: tuple[Address, ...]
    written_at: datetime
    text: str
    quoted: str
    html: str
    is_auto: bool
    authentication: str
    remark: str
    remark_params: dict[str, Any]
    problem: str
    bounced_address: str
    bounced_reason: str
    row_version: int
    links: tuple[Place, ...] = ()
    files: tuple[MailFile, ...] = ()


@readable(READ)
def mail_facts(session: Session, *, mail_id: UUID, by: Actor) -> MailFacts:
    """Return one e-mail.

    Raises: NotFound, also when it is somebody else's.
    """
    [found] = _facts(session, [mail_row(session, mail_id=mail_id, by=by)], by)
    return found


@readable(READ)
def mail_thread(session: Session, *, mail_id: UUID, by: Actor) -> list[MailFacts]:
    """Return the e-mails of the thread of one that the reader may see, the oldest first.

    Raises: NotFound.
    """
    thread_id = mail_row(session, mail_id=mail_id, by=by).thread_id
    wanted = select(MailMessage).where(col(MailMessage.thread_id) == thread_id)
    newest = wanted.order_by(col(MailMessage.written_at).desc(), col(MailMessage.id).desc()).limit(MOST_OF_THREAD)
    rows = list(session.scalars(newest))
    seen = reached(session, places=[(KIND, row.id) for row in rows], by=by)
    mine = [row for row in reversed(rows) if (KIND, row.id) in seen and _is_open(row, by)]
    return _facts(session, _once(mine), by)


def _once(rows: Sequence[MailMessage]) -> list[MailMessage]:
    """Return the messages without further copies of the same one from other mailboxes."""
    return list({(row.message_id or str(row.id), row.key): row for row in rows}.values())


def _is_open(row: MailMessage, by: Actor) -> bool:
    """Test if a message is none that somebody else has yet to send."""
    unsent = row.state in (MailState.DRAFT, MailState.FAILED, MailState.SENDING, MailState.UNCERTAIN)
    return not unsent or reaches_owner(by, READ, row.owner_id)


def mail_row(session: Session, *, mail_id: UUID, by: Actor, locked: bool = False) -> MailMessage:
    """Return the row of an e-mail that a person may read.

    Raises: NotFound.
    """
    row = session.get(MailMessage, mail_id, with_for_update=locked)
    if row is None or not reached(session, places=[(KIND, mail_id)], by=by) or not _is_open(row, by):
        raise NotFound("Cet e-mail n’existe pas ou plus.")
    return row


def is_of_the_firm(session: Session, row: MailMessage) -> bool:
    """Test if an e-mail came to a mailbox of the firm."""
    account = session.get(MailAccount, row.account_id) if row.account_id else None
    return account is not None and account.owner_id is None


def is_in_own_mailbox(session: Session, row: MailMessage, by: Actor) -> bool:
    """Test if an e-mail came to (or leaves from) a mailbox that a person uses: her own, or the firm's."""
    account = session.get(MailAccount, row.account_id) if row.account_id else None
    owner = account.owner_id if account else row.owner_id
    return by.system or owner is None or owner == by.user_id


def _facts(session: Session, rows: Sequence[MailMessage], by: Actor) -> list[MailFacts]:
    ids = [row.id for row in rows]
    links: dict[UUID, list[Place]] = {}
    for link in session.scalars(select(MailLink).where(col(MailLink.mail_id).in_(ids))):
        links.setdefault(link.mail_id, []).append((link.kind, link.record_id))
    seen = reached(session, places=[place for some in links.values() for place in some], by=by)
    files: dict[UUID, list[MailFile]] = {}
    hung = select(AttachedFile).where(col(AttachedFile.kind) == KIND, col(AttachedFile.record_id).in_(ids))
    for file in session.scalars(hung.order_by(col(AttachedFile.id))):
        files.setdefault(file.record_id, []).append(MailFile(file.id, file.name, file.size_bytes))
    addresses = dict(session.connection().execute(select(col(MailAccount.id), col(MailAccount.address))).all())
    return [
        _one(
            row,
            session,
            by,
            addresses,
            tuple(p for p in links.get(row.id, ()) if p in seen),
            tuple(files.get(row.id, ())),
        )
        for row in rows
    ]


def _one(
    row: MailMessage,
    session: Session,
    by: Actor,
    addresses: dict[UUID, str],
    links: tuple[Place, ...],
    files: tuple[MailFile, ...],
) -> MailFacts:
    return MailFacts(
        row.id,
        row.account_id,
        addresses.get(row.account_id, "") if row.account_id else "",
        row.owner_id,
        is_in_own_mailbox(session, row, by),
        is_of_the_firm(session, row),
        row.direction,
        MailState(row.state),
        row.place,
        row.read_mark == "read",
        row.thread_id,
        row.message_id,
        row.subject,
        Address(row.sender_address, row.sender_name),
        tuple(Address(*pair) for pair in row.recipients),
        tuple(Address(*pair) for pair in row.copies),
        row.written_at,
        row.text,
        row.quoted,
        row.html,
        row.is_auto,
        row.authentication,
        row.remark,
        dict(row.remark_params),
        row.problem,
        row.bounced_address,
        row.bounced_reason,
        row.row_version,
        links,
        files,
    )


@readable(READ)
def mails_of_record(session: Session, *, kind: str, record_id: UUID, by: Actor, most: int = 50) -> list[MailFacts]:
    """Return the e-mails that belong to a record, newest first, of those that the reader may see."""
    if not reached(session, places=[(kind, record_id)], by=by):
        raise NotFound("Cette fiche n’existe pas ou plus.")
    wanted = (
        select(MailMessage)
        .join(MailLink, col(MailLink.mail_id) == col(MailMessage.id))
        .where(col(MailLink.kind) == kind, col(MailLink.record_id) == record_id)
        .order_by(col(MailMessage.written_at).desc())
        .limit(most)
    )
    return _facts(session, [row for row in session.scalars(wanted) if _is_open(row, by)], by)


@readable(READ)
def unread_mails(session: Session, *, by: Actor) -> int:
    """Return how many e-mails that came to the person's own mailbox or to the firm's are unread."""
    owners = owners_seen(by, READ)
    wanted = (
        select(func.count())
        .select_from(MailMessage)
        .where(col(MailMessage.read_mark) == "new", col(MailMessage.direction) == "in")
    )
    account = col(MailAccount.owner_id)
    mine = select(col(MailAccount.id)).where(*([] if owners is None else [owned_by(owners, account)]))
    return int(session.scalar(wanted.where(col(MailMessage.account_id).in_(mine))) or 0)


def our_addresses(session: Session) -> frozenset[str]:
    """Return the addresses of the firm's own people and mailboxes."""
    people = session.scalars(select(col(User.email)))
    return frozenset(one.lower() for one in (*people, *session.scalars(select(col(MailAccount.address)))))


def thread_of(
    session: Session,
    *,
    message_id: str,
    named: Sequence[str],
    subject: str,
    base: str,
    people: Sequence[str],
    at: datetime,
) -> list[UUID]:
    """Return the threads that an e-mail belongs to, the oldest first: of those it names, of those that name it.

    Without any, one with the same subject and one of the same people within 30 days, when the subject says « Re: ».
    """
    ids = [one for one in (message_id, *named) if one][:100]
    named_here = select(col(MailMessage.thread_id)).where(col(MailMessage.message_id).in_(ids))
    naming = (
        select(col(MailMessage.thread_id))
        .join(MailReference, col(MailReference.mail_id) == col(MailMessage.id))
        .where(col(MailReference.message_id).in_(ids))
    )
    found = {*session.scalars(named_here), *session.scalars(naming)} if ids else set()
    if not found and base and is_answer(subject):
        found = _same_subject(session, base, people, at)
    return sorted(found)


def _same_subject(session: Session, base: str, people: Sequence[str], at: datetime) -> set[UUID]:
    wanted = select(MailMessage).where(
        col(MailMessage.base_subject) == base,
        col(MailMessage.written_at) >= at - SAME_SUBJECT,
        col(MailMessage.written_at) <= at + SAME_SUBJECT,
    )
    for row in session.scalars(wanted.order_by(col(MailMessage.written_at).desc()).limit(20)):
        named = {row.sender_address, *(pair[0] for pair in (*row.recipients, *row.copies))}
        if named & set(people):
            return {row.thread_id}
    return set()


def links_of_thread(session: Session, thread_ids: Sequence[UUID]) -> list[Place]:
    """Return the records to which the e-mails of threads belong."""
    wanted = (
        select(col(MailLink.kind), col(MailLink.record_id))
        .join(MailMessage, col(MailMessage.id) == col(MailLink.mail_id))
        .where(col(MailMessage.thread_id).in_(list(thread_ids)))
        .distinct()
    )
    return [(kind, record_id) for kind, record_id in session.connection().execute(wanted)]


def is_private_thread(session: Session, thread_ids: Sequence[UUID]) -> bool:
    """Test if somebody keeps a thread to herself."""
    wanted = select(col(MailMessage.id)).where(
        col(MailMessage.thread_id).in_(list(thread_ids)), col(MailMessage.place) == "private"
    )
    return session.scalars(wanted.limit(1)).first() is not None


def copies_of(session: Session, *, account_id: UUID, message_id: str, key: str) -> list[MailMessage]:
    """Return what of an e-mail is here already: in the same mailbox, and (by Message-ID and content) in others."""
    same = [col(MailMessage.key) == key]
    if message_id:
        sent = (col(MailMessage.message_id) == message_id) & (col(MailMessage.direction) == "out")
        same.append(sent & (col(MailMessage.account_id) == account_id))
    return list(session.scalars(select(MailMessage).where(or_(*same))))


@dataclass(frozen=True)
class Outgoing:
    """An e-mail that is to be sent, as the gateway needs it."""

    mail_id: UUID
    account_id: UUID
    state: MailState
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    sender: Address
    recipients: tuple[Address, ...]
    copies: tuple[Address, ...]
    subject: str
    text: str
    written_at: datetime
    handed_at: datetime | None
    copied_at: datetime | None
    files: tuple[tuple[str, str], ...]  # name, sha256


@readable(SEND)
def outgoing_mail(session: Session, *, mail_id: UUID, by: Actor) -> Outgoing:
    """Return an e-mail that is to be sent. Raises: NotFound."""
    row = session.get(MailMessage, mail_id)
    if row is None or row.account_id is None or row.direction != "out" or not is_in_own_mailbox(session, row, by):
        raise NotFound("Cet e-mail n’existe pas ou plus.")
    of_mail = select(col(MailReference.message_id)).where(col(MailReference.mail_id) == mail_id)
    named = session.scalars(of_mail.order_by(col(MailReference.number)))
    hung = select(AttachedFile).where(col(AttachedFile.kind) == KIND, col(AttachedFile.record_id) == mail_id)
    return Outgoing(
        row.id,
        row.account_id,
        MailState(row.state),
        row.message_id,
        row.in_reply_to,
        tuple(named),
        Address(row.sender_address, row.sender_name),
        tuple(Address(*pair) for pair in row.recipients),
        tuple(Address(*pair) for pair in row.copies),
        row.subject,
        f"{row.text}\n\n{row.quoted}".strip() + "\n",
        row.written_at,
        row.handed_at,
        row.copied_at,
        tuple((file.name, file.sha256) for file in session.scalars(hung.order_by(col(AttachedFile.id)))),
    )


def own_row(session: Session, *, mail_id: UUID, by: Actor) -> MailMessage:
    """Return the row of an e-mail of a mailbox that the person uses.

    Raises: NotFound, NotAllowed: somebody else's, which she may only read.
    """
    row = mail_row(session, mail_id=mail_id, by=by, locked=True)
    if not is_in_own_mailbox(session, row, by):
        raise NotAllowed("Cet e-mail vient de la boîte d’une autre personne ; elle seule peut en décider.")
    return row


def own_draft(session: Session, *, mail_id: UUID, by: Actor) -> MailMessage:
    """Return the row of an e-mail that the person is still writing. Raises: NotFound, NotAllowed."""
    row = mail_row(session, mail_id=mail_id, by=by, locked=True)
    if row.direction != "out" or row.owner_id != by.user_id:
        raise NotFound("Ce brouillon n’existe pas ou plus.")
    if row.state not in (MailState.DRAFT, MailState.FAILED):
        raise NotAllowed("Cet e-mail est déjà parti : écrivez-en un autre.")
    return row


def own_account(session: Session, *, account_id: UUID | None, by: Actor) -> MailAccount:
    """Return a mailbox from which the person may send: her own, or one of the firm's. Raises: NotFound."""
    account = session.get(MailAccount, account_id) if account_id else None
    if account is None or not (by.system or account.owner_id is None or account.owner_id == by.user_id):
        raise NotFound("Cette boîte n’existe pas ou n’est pas la vôtre.")
    return account
