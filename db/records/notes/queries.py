"""Notes of a record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.records.notes.rules import mentioned
from db.records.notes.tables import Note
from db.records.reach.queries import check_record, reached

LOOKED_THROUGH = 5000


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


@dataclass(frozen=True)
class Mention:
    """A note in which somebody is mentioned, and where it stands."""

    kind: str
    record_id: UUID
    at: datetime
    by_name: str
    text: str


@readable("records.open")
def mentions_of(session: Session, *, by: Actor, since: datetime, most: int = 8) -> list[Mention]:
    """Return the newest notes of others that mention the person, on records that she reaches."""
    newest = select(col(Note.id)).order_by(col(Note.created_at).desc()).limit(LOOKED_THROUGH)
    wanted = select(Note).where(
        col(Note.id).in_(newest),
        col(Note.created_at) >= since,
        col(Note.by_id).is_distinct_from(by.user_id),
        col(Note.text).contains(f"@{by.name}", autoescape=True),
    )
    notes = session.scalars(wanted.order_by(col(Note.created_at).desc()).limit(most * 4)).all()
    me = [note for note in notes if by.user_id and mentioned(note.text, [(by.user_id, by.name)])]
    seen = reached(session, places=[(note.kind, note.record_id) for note in me], by=by)
    told = [note for note in me if (note.kind, note.record_id) in seen]
    return [Mention(note.kind, note.record_id, note.created_at, note.by_name, note.text) for note in told[:most]]
