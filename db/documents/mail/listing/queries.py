"""The list of e-mails: the firm's, and one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.rules import Actor
from db.documents.attachments.tables import AttachedFile
from db.documents.mail.accounts.tables import MailAccount
from db.documents.mail.rules import EXPORT, KIND, READ, MailState
from db.documents.mail.tables import MailMessage
from db.records.listing.days import day_begins, day_ends
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Range, Source


@dataclass(frozen=True)
class MailRow:
    """One e-mail as the list shows it."""

    record_id: UUID
    row_version: int
    direction: str
    state: MailState
    place: str
    is_read: bool
    is_auto: bool
    subject: str
    sender: str
    recipients: str
    mailbox: str
    written_at: datetime
    text: str
    files: int
    bounced_address: str


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[MailRow]:
    """Return e-mails in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(MailMessage).where(col(MailMessage.id).in_(ids)))}
    known = session.connection().execute(select(col(MailAccount.id), col(MailAccount.address))).all()
    addresses = dict(known)
    hung = select(col(AttachedFile.record_id)).where(
        col(AttachedFile.kind) == KIND, col(AttachedFile.record_id).in_(ids)
    )
    files = list(session.scalars(hung))
    return [_row(found[one], addresses, files.count(one)) for one in ids]


def _row(row: MailMessage, addresses: dict[UUID, str], files: int) -> MailRow:
    return MailRow(
        row.id,
        row.row_version,
        row.direction,
        MailState(row.state),
        row.place,
        row.read_mark == "read",
        row.is_auto,
        row.subject,
        row.sender_name or row.sender_address,
        ", ".join(name or address for address, name in (*row.recipients, *row.copies)),
        addresses.get(row.account_id, "") if row.account_id else "",
        row.written_at,
        " ".join(row.text.split())[:200],
        files,
        row.bounced_address,
    )


SOURCE = Source(
    KIND,
    MailMessage,
    READ,
    load_rows,
    usual_sort="-written",
    sorts={
        "written": Column(MailMessage.written_at, "written_at"),
        "sender": Column(MailMessage.sender_order, "sender_address"),
        "updated": Column(MailMessage.updated_at, "updated_at"),
    },
    facets={
        "place": Column(MailMessage.place, "place"),
        "state": Column(MailMessage.state, "state"),
        "read": Column(MailMessage.read_mark, "read_mark"),
    },
    ranges={
        "from": Range(col(MailMessage.written_at), "written_at", day_begins, is_low=True),
        "to": Range(col(MailMessage.written_at), "written_at", day_ends, is_low=False),
    },
    owner=MailMessage.owner_id,
)
SHAPE = SOURCE.shape
MAIL_QUESTIONS = questions_of(SOURCE, name="mail", module=__name__, export=EXPORT)
