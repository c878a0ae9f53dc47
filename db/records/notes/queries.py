"""Notes of a record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.records.notes.tables import Note
from db.records.reach.queries import check_record


@dataclass(frozen=True)
class NoteLine:
    """One note."""

    note_id: UUID
    at: datetime
    by_name: str
    text: str


@readable("records.read")
def notes(session: Session, *, kind: str, record_id: UUID, by: Actor) -> list[NoteLine]:
    """Return the notes of a record that the reader reaches, newest first.

    Raises: NotFound, NotAllowed.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    wanted = (
        select(Note)
        .where(col(Note.kind) == kind, col(Note.record_id) == record_id)
        .order_by(col(Note.created_at).desc(), col(Note.id).desc())
    )
    return [NoteLine(note.id, note.created_at, note.by_name, note.text) for note in session.scalars(wanted)]
