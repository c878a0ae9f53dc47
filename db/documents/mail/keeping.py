"""What several deeds about e-mails do alike: the columns of a message, its files, how it is found."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import Session, col

from db.access.rules import Actor
from db.documents.attachments.rules import media_type_of, plain_name
from db.documents.attachments.tables import AttachedFile
from db.documents.mail.rules import KIND, LONGEST_ID, READ, Address, ArrivedFile, base_subject
from db.documents.mail.tables import MailMessage, MailReference
from db.documents.store import put
from db.records.search.actions import Findable
from db.records.search.rules import fold, search_lines

FOUND_BY = 4000  # characters of a text by which an e-mail is found


def told_of(subject: str, sender: Address) -> dict[str, Any]:
    """Return the columns of a subject and a sender."""
    return {
        "subject": subject[:1000],
        "base_subject": base_subject(subject[:1000]),
        "sender_address": sender.address,
        "sender_name": sender.name[:200],
        "sender_order": fold(sender.name or sender.address)[:200],
    }


def pairs_of(some: Sequence[Address]) -> list[list[str]]:
    """Return addresses as a column keeps them."""
    return [[one.address, one.name] for one in some]


def name_answered(session: Session, mail_id: UUID, named: Sequence[str]) -> None:
    """Note which messages an e-mail says that it answers, the nearest first."""
    rows = [
        {"mail_id": mail_id, "message_id": one[:LONGEST_ID], "number": number}
        for number, one in enumerate(reversed(named[:50]))
    ]
    if rows:
        session.connection().execute(insert(MailReference), rows)


def hang_files(session: Session, mail_id: UUID, files: Sequence[ArrivedFile], by: Actor) -> None:
    """Hang files on an e-mail; the same content is stored once."""
    for file in files:
        content = file.content
        row = AttachedFile(
            kind=KIND,
            record_id=mail_id,
            name=plain_name(file.name),
            sha256=put(content),
            size_bytes=len(content),
            media_type=media_type_of(content),
            by_id=by.user_id,
            by_name=by.name,
        )
        session.add(row)
    session.flush()


def findable(row: MailMessage) -> Findable:
    """Return what an e-mail is found by: subject, people, text."""
    people = [f"{name} {address}" for address, name in (*row.recipients, *row.copies)]
    sender = f"{row.sender_name} {row.sender_address}"
    parts = [("subject", row.subject or "—"), ("sender_address", sender), ("recipients", " ".join(people)[:2000])]
    named, folded = search_lines([*parts, ("text", row.text[:FOUND_BY])])
    title = (row.subject or row.sender_name or row.sender_address or "—")[:120]
    return Findable(row.search_number, KIND, row.id, READ, title, row.sender_name or row.sender_address, folded, named)


def set_of_mail(session: Session, mail_id: UUID, **values: Any) -> None:
    """Set columns of an e-mail that are no history."""
    session.connection().execute(update(MailMessage).where(col(MailMessage.id) == mail_id).values(**values))
