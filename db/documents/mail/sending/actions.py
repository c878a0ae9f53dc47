"""Writing an e-mail, and handing it to the worker that sends it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from db.access.gate import bookkeeping, gate
from db.access.rules import Actor
from db.documents.attachments.rules import check_content
from db.documents.attachments.tables import AttachedFile
from db.documents.mail.accounts.queries import check_reachable
from db.documents.mail.keeping import findable, hang_files, name_answered, pairs_of, set_of_mail, told_of
from db.documents.mail.queries import mail_row, own_account, own_draft
from db.documents.mail.rules import (
    KIND,
    LONGEST_TEXT,
    MAIL_LIFE,
    SEND,
    Address,
    ArrivedFile,
    MailDraft,
    MailState,
    check_sendable,
    clean_draft,
    own_message_id,
    read_addresses,
)
from db.documents.mail.tables import MailLink, MailMessage, MailReference
from db.jobs.actions import ask_for_job
from db.kernel.errors import ChangedMeanwhile, NotAllowed, NotFound
from db.kernel.record import uuid7
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.search.queries import next_numbers

SEND_JOB = "mail.send"


@gate(SEND)
def write_mail(
    session: Session, *, draft: MailDraft, answers: UUID | None, quoted: str = "", by: Actor, at: datetime
) -> UUID:
    """Begin an e-mail, or the answer to one with what it cites, as a draft of its writer alone; return its id.

    Raises: NotFound: no such mailbox or e-mail. BadInput.
    """
    account = own_account(session, account_id=draft.account_id, by=by)
    mail_id = uuid7()
    answered = mail_row(session, mail_id=answers, by=by) if answers else None
    row = MailMessage(
        id=mail_id,
        account_id=account.id,
        owner_id=by.user_id,
        direction="out",
        state=MailState.DRAFT.value,
        read_mark="read",
        thread_id=answered.thread_id if answered else mail_id,
        key=str(mail_id),
        message_id=own_message_id(mail_id, account.address),
        in_reply_to=answered.message_id if answered else "",
        quoted=quoted[:LONGEST_TEXT] if answered else "",
        written_at=at,
        search_number=next_numbers(session, count=1)[0],
        sender_address=account.address,
        sender_name=account.name,
    )
    session.add(row)
    session.flush()
    if answered is not None and answered.message_id:
        earlier = select(col(MailReference.message_id)).where(col(MailReference.mail_id) == answered.id)
        named = [*session.scalars(earlier.order_by(col(MailReference.number))), answered.message_id]
        name_answered(session, mail_id, list(reversed(named[-50:])))
    add_search_entries(session, entries=[findable(row)], by=by, at=at)
    _write(session, row, draft, by=by, at=at)
    return mail_id


@gate(SEND)
def change_draft(
    session: Session, *, mail_id: UUID, draft: MailDraft, expected_version: int, by: Actor, at: datetime
) -> int:
    """Keep what was written further; return the new version.

    Raises: NotFound, NotAllowed: it was sent. ChangedMeanwhile, BadInput.
    """
    row = own_draft(session, mail_id=mail_id, by=by)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Ce brouillon a été modifié entre-temps : rechargez la page.")
    _write(session, row, draft, by=by, at=at)
    session.flush()
    return row.row_version


def _write(session: Session, row: MailMessage, draft: MailDraft, *, by: Actor, at: datetime) -> None:
    draft = clean_draft(draft)
    account = own_account(session, account_id=draft.account_id, by=by)
    row.account_id, row.message_id = account.id, own_message_id(row.id, account.address)
    row.recipients = pairs_of(read_addresses(draft.recipients, where="recipients"))
    row.copies = pairs_of(read_addresses(draft.copies, where="copies"))
    row.text, row.written_at = draft.text, at
    for name, value in told_of(draft.subject, Address(account.address, account.name)).items():
        setattr(row, name, value)
    row.updated_at = at
    session.flush()
    change_search_entries(session, entries=[findable(row)], by=by, at=at)


@gate(SEND)
def hang_on_draft(session: Session, *, mail_id: UUID, name: str, content: bytes, by: Actor, at: datetime) -> None:
    """Add a file to an e-mail that is not sent yet. Raises: NotFound, NotAllowed, FileRefused."""
    row = own_draft(session, mail_id=mail_id, by=by)
    check_content(name, content)
    hang_files(session, row.id, [ArrivedFile(name, content)], by)


@gate(SEND)
def take_off_draft(session: Session, *, mail_id: UUID, file_id: UUID, by: Actor, at: datetime) -> None:
    """Take a file off an e-mail that is not sent yet. Raises: NotFound, NotAllowed."""
    row = own_draft(session, mail_id=mail_id, by=by)
    file = session.get(AttachedFile, file_id)
    if file is None or (file.kind, file.record_id) != (KIND, row.id):
        raise NotFound("Ce fichier n’existe pas ou plus.")
    session.delete(file)


@gate(SEND)
def drop_draft(session: Session, *, mail_id: UUID, by: Actor, at: datetime) -> None:
    """Throw a draft away. Raises: NotFound, NotAllowed: it was sent."""
    row = own_draft(session, mail_id=mail_id, by=by)
    for table in (MailLink, MailReference):
        session.connection().execute(delete(table).where(col(table.mail_id) == mail_id))
    hung = select(AttachedFile).where(col(AttachedFile.kind) == KIND, col(AttachedFile.record_id) == mail_id)
    for file in session.scalars(hung):
        session.delete(file)
    remove_search_entries(session, numbers=[row.search_number], by=by, at=at)
    session.delete(row)


@gate(SEND)
def send_mail(session: Session, *, mail_id: UUID, by: Actor, at: datetime) -> UUID:
    """Hand a draft to the worker, which sends it once; return the job.

    Raises: NotFound, NotAllowed: it was sent already, or its mailbox is off. ServerNotAllowed. BadMail: something is
        missing.
    """
    row = mail_row(session, mail_id=mail_id, by=by, locked=True)
    state = MAIL_LIFE.step(MailState(row.state), MailState.SENDING)
    if row.owner_id not in (None, by.user_id):
        raise NotFound("Cet e-mail n’existe pas ou plus.")
    account = own_account(session, account_id=row.account_id, by=by)
    if not account.is_on:
        raise NotAllowed("La boîte {address} est désactivée : l’activer dans les réglages.", address=account.address)
    check_reachable(session, account)
    to, copies = ([Address(*pair) for pair in pairs] for pairs in (row.recipients, row.copies))
    check_sendable(to, copies, row.subject, row.text)
    row.state, row.problem, row.handed_at, row.written_at = state.value, "", None, at
    session.flush()
    return ask_for_job(
        session,
        kind=SEND_JOB,
        arguments={"mail_id": str(mail_id)},
        by=by,
        at=at,
        once=f"mail-{mail_id}-{row.row_version}",
    )


@bookkeeping(SEND)
def note_handed(session: Session, *, mail_id: UUID, by: Actor, at: datetime) -> None:
    """Note that the e-mail is being handed to the server from now on."""
    set_of_mail(session, mail_id, handed_at=at)


@bookkeeping(SEND)
def note_copied(session: Session, *, mail_id: UUID, problem: str, by: Actor, at: datetime) -> None:
    """Note that a copy lies in the folder of sent messages, or why not."""
    set_of_mail(session, mail_id, copied_at=None if problem else at, problem=problem)


@gate(SEND)
def note_outcome(
    session: Session, *, mail_id: UUID, state: MailState, problem: str, by: Actor, at: datetime
) -> MailMessage:
    """Note how sending an e-mail ended: sent, refused, or nobody knows. Raises: NotFound, WrongStep."""
    row = mail_row(session, mail_id=mail_id, by=by, locked=True)
    row.state = MAIL_LIFE.step(MailState(row.state), state).value
    row.problem = problem
    return row
