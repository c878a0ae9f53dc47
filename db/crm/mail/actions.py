"""Taking e-mails in: what each belongs to, told in the story of those; and what a person decides about one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor, system_actor
from db.crm.leads.actions import CHANNELS, create_lead, note_exchange
from db.crm.leads.rules import KIND as LEAD
from db.crm.leads.rules import LeadDraft
from db.crm.leads.tables import Exchange, Lead
from db.crm.mail.queries import not_told_by_others, places_of_addresses
from db.documents.mail import actions as mails
from db.documents.mail.accounts.tables import MailAccount
from db.documents.mail.queries import (
    copies_of,
    is_private_thread,
    links_of_thread,
    mail_row,
    our_addresses,
    own_draft,
    own_row,
    thread_of,
)
from db.documents.mail.rules import (
    KIND,
    SEND,
    TAKE_IN,
    ArrivedMail,
    Bounce,
    MailState,
    base_subject,
    counterparts,
)
from db.documents.mail.sending.actions import note_outcome, send_mail
from db.documents.mail.tables import MailLink, MailMessage
from db.jobs.actions import publish
from db.kernel.errors import NotFound
from db.parties.actions import add_contact, add_party
from db.parties.rules import KIND as PARTY
from db.parties.rules import PartyDraft, PartyKind
from db.records.reach.queries import check_record
from db.records.relations.queries import Place
from db.records.timeline.actions import Told, add_entries, remove_told

OPEN_TO_THE_FIRM = frozenset({PARTY})  # what belongs to one of these is the firm's; leads and deals have owners
PREVIEW = 300
BOUNCES_WITHIN = timedelta(days=30)


@gate(TAKE_IN)
def take_mail_in(session: Session, *, account_id: UUID, mail: ArrivedMail, by: Actor, at: datetime) -> UUID | None:
    """Keep an e-mail of a mailbox once, with its thread and what it belongs to; None when it is here already."""
    account = session.get_one(MailAccount, account_id)
    same = copies_of(session, account_id=account_id, message_id=mail.message_id, key=mail.key)
    if any(one.account_id == account_id for one in same):
        return None
    ours = our_addresses(session)
    direction = "out" if mail.sender.address in {account.address, account.user.lower()} else "in"
    people = counterparts(mail.sender.address, [one.address for one in (*mail.recipients, *mail.copies)], ours)
    threads = thread_of(
        session,
        message_id=mail.message_id,
        named=(mail.bounce.message_id, *mail.named) if mail.bounce else mail.named,
        subject=mail.subject,
        base=base_subject(mail.subject),
        people=people,
        at=mail.written_at,
    )
    row = mails.keep_arrived(
        session,
        account_id=account_id,
        owner_id=account.owner_id,
        direction=direction,
        mail=mail,
        threads=threads,
        by=by,
        at=at,
    )
    if mail.bounce is not None:
        _note_bounce(session, row, mail.bounce, by=by, at=at)
    elif people:
        _file_by_itself(session, row, threads, people, by=by, at=at)
    publish(session, "documents.mail_received" if direction == "in" else "documents.mail_sent", at=at, subject=row.id)
    return row.id


def _file_by_itself(
    session: Session, row: MailMessage, threads: Sequence[UUID], people: Sequence[str], *, by: Actor, at: datetime
) -> None:
    """File an e-mail with people outside the firm under what its thread and its addresses belong to."""
    if threads and is_private_thread(session, threads):
        row.place = "private" if row.owner_id else row.place
        return
    asked = people[:1] if row.direction == "in" else people
    by_address = places_of_addresses(session, asked)
    by_thread = links_of_thread(session, threads) if threads else []
    _file_under(session, row, by_address, how="address", by=by, at=at)
    _file_under(session, row, by_thread, how="thread", by=by, at=at)


def _file_under(
    session: Session, row: MailMessage, places: Sequence[Place], *, how: str, by: Actor, at: datetime
) -> None:
    """File an e-mail under records and tell it in their story, unless another copy of it is told there already."""
    if not places:
        return
    is_open = any(kind in OPEN_TO_THE_FIRM for kind, _ in places)
    new = mails.link_mail(session, mail_id=row.id, places=places, how=how, is_open=is_open, by=by, at=at)
    if row.state in (MailState.RECEIVED, MailState.SENT):
        _tell(session, row, new, by=by, at=at)


def _tell(session: Session, row: MailMessage, places: Sequence[Place], *, by: Actor, at: datetime) -> None:
    """Tell of an e-mail in the story of records, in its writer's name."""
    writer = replace(by, name=row.sender_name or row.sender_address)
    origin = (KIND, row.id)
    for kind, record_id in not_told_by_others(session, places):
        if _is_told_of_a_copy(session, row, (kind, record_id)):
            continue
        if kind == LEAD and not row.is_auto:
            note_exchange(
                session,
                lead_id=record_id,
                channel="email",
                direction=row.direction,
                happened_at=row.written_at,
                text=_preview(row),
                origin=origin,
                by=writer,
                at=at,
            )
            continue
        message = "Réponse automatique" if row.is_auto else CHANNELS["email"][row.direction]
        told = Told(kind, record_id, "email", message, row.written_at, {}, _preview(row), *origin)
        add_entries(session, entries=[told], by=writer, at=at)


def _preview(row: MailMessage) -> str:
    """Return what the story says of an e-mail: its subject and how it begins."""
    begin = " ".join(row.text.split())
    shown = begin[:PREVIEW] + ("…" if len(begin) > PREVIEW else "")
    return " — ".join(part for part in (row.subject, shown) if part)


def _is_told_of_a_copy(session: Session, row: MailMessage, place: Place) -> bool:
    """Test if another mailbox received the same e-mail and it is told on the record already."""
    if not row.message_id:
        return False
    wanted = (
        select(col(MailMessage.id))
        .join(MailLink, col(MailLink.mail_id) == col(MailMessage.id))
        .where(
            col(MailMessage.message_id) == row.message_id,
            col(MailMessage.id) != row.id,
            col(MailLink.kind) == place[0],
            col(MailLink.record_id) == place[1],
        )
    )
    return session.scalars(wanted.limit(1)).first() is not None


def _note_bounce(session: Session, report: MailMessage, bounce: Bounce, *, by: Actor, at: datetime) -> None:
    """Say on the e-mail that came back, and in the story of what it belongs to, that it did not arrive."""
    row = _sent(session, bounce, at)
    if row is None:
        return
    places = [(link.kind, link.record_id) for link in _links(session, row)]
    if places:
        is_open = any(kind in OPEN_TO_THE_FIRM for kind, _ in places)
        mails.link_mail(session, mail_id=report.id, places=places, how="thread", is_open=is_open, by=by, at=at)
    if row.bounced_address:
        return
    address = bounce.address or (row.recipients[0][0] if row.recipients else "")
    mails.note_bounce(session, mail_id=row.id, address=address, reason=bounce.reason, by=by, at=at)
    told = [
        Told(
            kind,
            record_id,
            "email",
            "E-mail non remis à {address}",
            at,
            {"address": address},
            " — ".join(part for part in (row.subject, bounce.reason[:200]) if part),
            KIND,
            row.id,
        )
        for kind, record_id in not_told_by_others(session, places)
    ]
    if told:
        add_entries(session, entries=told, by=replace(system_actor(), name=address or "—"), at=at)
    publish(session, "documents.mail_bounced", at=at, subject=row.id)


def _sent(session: Session, bounce: Bounce, at: datetime) -> MailMessage | None:
    wanted = select(MailMessage).where(col(MailMessage.direction) == "out").order_by(col(MailMessage.written_at).desc())
    if bounce.message_id:
        return session.scalars(wanted.where(col(MailMessage.message_id) == bounce.message_id)).first()
    recent = session.scalars(wanted.where(col(MailMessage.written_at) >= at - BOUNCES_WITHIN).limit(500))
    return next((row for row in recent if bounce.address in [pair[0] for pair in row.recipients]), None)


@gate(SEND)
def file_mail(session: Session, *, mail_id: UUID, kind: str, record_id: UUID, by: Actor, at: datetime) -> None:
    """File an e-mail, and its thread in the same mailbox, under a record.

    Raises: NotFound, NotAllowed: it came to somebody else.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    row = own_row(session, mail_id=mail_id, by=by)
    for one in _same_thread(session, row):
        if one.place == "private":
            one.place = "loose"
        _file_under(session, one, [(kind, record_id)], how="person", by=by, at=at)


def _same_thread(session: Session, row: MailMessage) -> list[MailMessage]:
    wanted = select(MailMessage).where(
        col(MailMessage.thread_id) == row.thread_id,
        col(MailMessage.account_id) == row.account_id,
        col(MailMessage.state).in_([MailState.RECEIVED.value, MailState.SENT.value]),
    )
    return list(session.scalars(wanted.order_by(col(MailMessage.written_at)).with_for_update()))


@gate(SEND)
def unfile_mail(session: Session, *, mail_id: UUID, kind: str, record_id: UUID, by: Actor, at: datetime) -> None:
    """Take an e-mail away from a record and its story.

    Raises: NotFound, NotAllowed: it came to somebody else.
    """
    row = own_row(session, mail_id=mail_id, by=by)
    _forget(session, row, [(kind, record_id)], by=by, at=at)
    mails.unlink_mail(session, mail_id=mail_id, places=[(kind, record_id)], by=by, at=at)
    left = {link.kind for link in session.scalars(select(MailLink).where(col(MailLink.mail_id) == mail_id))}
    if not left & OPEN_TO_THE_FIRM:
        account = session.get(MailAccount, row.account_id) if row.account_id else None
        row.owner_id = account.owner_id if account else row.owner_id


@gate(SEND)
def make_private(session: Session, *, mail_id: UUID, by: Actor, at: datetime) -> None:
    """Keep an e-mail and its thread to oneself: it leaves every record's story, and what follows in it stays so.

    Raises: NotFound, NotAllowed: it is the firm's, or somebody else's.
    """
    row = own_row(session, mail_id=mail_id, by=by)
    for one in _same_thread(session, row):
        links = session.scalars(select(MailLink).where(col(MailLink.mail_id) == one.id))
        _forget(session, one, [(link.kind, link.record_id) for link in links], by=by, at=at)
        mails.keep_private(session, mail_id=one.id, by=by, at=at)


def _forget(session: Session, row: MailMessage, places: Sequence[Place], *, by: Actor, at: datetime) -> None:
    remove_told(session, origin=(KIND, row.id), places=places, by=by, at=at)
    for kind, record_id in places:
        if kind == LEAD:
            _forget_exchange(session, row, record_id)


def _forget_exchange(session: Session, row: MailMessage, lead_id: UUID) -> None:
    same = (
        col(Exchange.lead_id) == lead_id,
        col(Exchange.channel) == "email",
        col(Exchange.happened_at) == row.written_at,
        col(Exchange.text) == _preview(row).strip(),
    )
    found = session.scalars(select(Exchange).where(*same).limit(1)).first()
    if found is not None:
        session.delete(found)
        lead = session.get_one(Lead, lead_id)
        lead.exchanges = max(0, lead.exchanges - 1)


@gate("parties.edit")
def contact_of_mail(
    session: Session, *, mail_id: UUID, name: str, company_id: UUID | None, by: Actor, at: datetime
) -> UUID:
    """Make the sender of an e-mail a contact, and file under it what she wrote to the same mailbox; return its id.

    Raises: NotFound, NotAllowed, BadParty.
    """
    row = own_row(session, mail_id=mail_id, by=by)
    address = row.sender_address
    draft = PartyDraft(PartyKind.PERSON, name.strip() or row.sender_name or address, email=address)
    party_id = add_party(session, draft=draft, by=by, at=at)
    if company_id is not None:
        add_contact(session, company_id=company_id, person_id=party_id, function="", by=by, at=at)
    _file_all_of(session, row, (PARTY, party_id), by=by, at=at)
    return party_id


@gate("crm.edit_leads")
def lead_of_mail(session: Session, *, mail_id: UUID, name: str, by: Actor, at: datetime) -> UUID:
    """Make a lead of an e-mail of somebody unknown; return its id. Raises: NotFound, NotAllowed, BadLead."""
    row = own_row(session, mail_id=mail_id, by=by)
    person = row.sender_name or row.sender_address
    draft = LeadDraft(
        name=(name.strip() or row.subject or person)[:200],
        received_at=row.written_at,
        person_name=row.sender_name,
        email=row.sender_address,
        source="E-mail",
        owner_id=by.user_id,
    )
    lead_id = create_lead(session, draft=draft, by=by, at=at)
    _file_all_of(session, row, (LEAD, lead_id), by=by, at=at)
    return lead_id


def _file_all_of(session: Session, row: MailMessage, place: Place, *, by: Actor, at: datetime) -> None:
    wanted = select(MailMessage).where(
        col(MailMessage.sender_address) == row.sender_address,
        col(MailMessage.account_id) == row.account_id,
        col(MailMessage.place) == "loose",
    )
    for one in session.scalars(wanted.order_by(col(MailMessage.written_at)).with_for_update()):
        _file_under(session, one, [place], how="address", by=by, at=at)
    if row.place != "loose" and place not in {(link.kind, link.record_id) for link in _links(session, row)}:
        _file_under(session, row, [place], how="address", by=by, at=at)


def _links(session: Session, row: MailMessage) -> list[MailLink]:
    return list(session.scalars(select(MailLink).where(col(MailLink.mail_id) == row.id)))


@gate(SEND)
def file_draft(session: Session, *, mail_id: UUID, places: Sequence[Place], by: Actor, at: datetime) -> None:
    """Say under which records an e-mail will be filed once it is sent. Raises: NotFound."""
    for kind, record_id in places:
        check_record(session, kind=kind, record_id=record_id, by=by)
    row = own_draft(session, mail_id=mail_id, by=by)
    known = {(one.kind, one.record_id) for one in _links(session, row)}
    session.add_all(
        MailLink(mail_id=row.id, kind=k, record_id=r, how="person") for k, r in places if (k, r) not in known
    )


@gate(SEND)
def note_sent(session: Session, *, mail_id: UUID, by: Actor, at: datetime) -> None:
    """Note that an e-mail left, and tell it where it belongs: where it was begun, its thread, its addresses.

    Raises: NotFound, WrongStep.
    """
    row = note_outcome(session, mail_id=mail_id, state=MailState.SENT, problem="", by=by, at=at)
    account = session.get_one(MailAccount, row.account_id)
    row.owner_id = account.owner_id
    begun = [(link.kind, link.record_id) for link in _links(session, row)]
    if begun:
        session.connection().execute(delete(MailLink).where(col(MailLink.mail_id) == row.id))
        _file_under(session, row, begun, how="person", by=by, at=at)
    to = [pair[0] for pair in (*row.recipients, *row.copies)]
    people = counterparts(row.sender_address, to, our_addresses(session))
    if people:
        _file_by_itself(session, row, [row.thread_id], people, by=by, at=at)
    publish(session, "documents.mail_sent", at=at, subject=row.id)


@gate(SEND)
def settle_uncertain(session: Session, *, mail_id: UUID, was_sent: bool, by: Actor, at: datetime) -> None:
    """Say of an e-mail of which nobody knows whether it left that it did, or have it sent again.

    Raises: NotFound, WrongStep.
    """
    row = mail_row(session, mail_id=mail_id, by=by, locked=True)
    if row.owner_id not in (None, by.user_id):
        raise NotFound("Cet e-mail n’existe pas ou plus.")
    if was_sent:
        note_sent(session, mail_id=mail_id, by=by, at=at)
        return
    send_mail(session, mail_id=mail_id, by=by, at=at)
