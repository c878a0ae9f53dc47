"""Writing notes."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput, NotFound
from db.records.notes.tables import Note
from db.records.search.tables import SearchEntry
from db.records.timeline.actions import add_entry

LONGEST = 10_000


@gate("records.write_note")
def write_note(session: Session, *, kind: str, record_id: UUID, text: str, by: Actor, at: datetime) -> UUID:
    """Write a note on a record and tell it in its story; return the note's id.

    Raises: BadInput: the note is empty or far too long. NotFound: there is no such record.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise BadInput("Une note compte de 1 à {longest} caractères.", longest=LONGEST)
    found = select(SearchEntry.number).where(SearchEntry.kind == kind, SearchEntry.record_id == record_id)
    if session.exec(found).first() is None:  # whatever can be written on can be found
        raise NotFound("Cette fiche n’existe pas ou plus.")
    note = Note(kind=kind, record_id=record_id, text=text, by_id=by.user_id, by_name=by.name)
    session.add(note)
    session.flush()
    add_entry(
        session,
        kind=kind,
        record_id=record_id,
        icon="note",
        message_id="Note",
        text=text,
        by=by,
        at=at,
    )
    return note.id
