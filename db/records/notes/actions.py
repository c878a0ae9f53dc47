"""Writing notes."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.people.queries import open_people
from db.access.rules import Actor
from db.jobs.actions import publish
from db.kernel.errors import BadInput
from db.records.notes.rules import mentioned
from db.records.notes.tables import Note
from db.records.reach.queries import check_record
from db.records.search.actions import make_part_findable
from db.records.timeline.actions import add_entry

LONGEST = 10_000
KIND = "note"


@gate("records.write_note")
def write_note(session: Session, *, kind: str, record_id: UUID, text: str, by: Actor, at: datetime) -> UUID:
    """Write a note on a record and tell it in its story; return the note's id.

    People whose full name follows an `@` are told by the event `records.mentioned`.

    Raises: BadInput: the note is empty or far too long. NotFound: there is no such record.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise BadInput("Une note compte de 1 à {longest} caractères.", longest=LONGEST)
    check_record(session, kind=kind, record_id=record_id, by=by)
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
    make_part_findable(
        session, place=(KIND, note.id), parent=(kind, record_id), title=text.partition("\n")[0], text=text, by=by, at=at
    )
    _tell_mentioned(session, note, by=by, at=at)
    return note.id


def _tell_mentioned(session: Session, note: Note, *, by: Actor, at: datetime) -> None:
    called = [user_id for user_id in mentioned(note.text, open_people(session)) if user_id != by.user_id]
    if called:
        publish(
            session,
            "records.mentioned",
            at=at,
            subject=note.record_id,
            record_kind=note.kind,
            note_id=str(note.id),
            user_ids=[str(user_id) for user_id in called],
            by_id=str(by.user_id),
            by_name=by.name,
        )
