"""Companies and persons out of a file: the beginning, one portion of rows at a time, and the undoing of the whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.crm.imports.added import make_fields, remove_made
from db.documents.imports import actions as batches
from db.documents.imports.queries import undoable_batch
from db.documents.imports.rules import Counts, FoundProblem, UndoStand
from db.parties.intake.actions import undo_parties, write_parties
from db.parties.intake.rules import PartyRow, contact_row
from db.parties.rules import PartyKind

JOB = "documents.run_import"
GROUPS = {
    "companies": PartyKind.COMPANY.value,
    "suppliers": PartyKind.COMPANY.value,
    "contacts": PartyKind.PERSON.value,
}  # what is imported → whose custom fields


@gate("parties.import")
def begin_party_import(
    session: Session, *, import_id: UUID, fields: Sequence[Any], with_job: bool, by: Actor, at: datetime
) -> UUID | None:
    """Add the custom fields that are missing and begin the import; return its job.

    Raises: BadInput: a field of that key exists otherwise.
    """
    batch = batches.begin(session, import_id=import_id, job_kind=JOB if with_job else None, by=by, at=at)
    make_fields(session, batch=batch, kind="party", group=GROUPS[batch.kind], fields=fields, by=by, at=at)
    return batch.job_id


@gate("parties.import")
def write_party_rows(
    session: Session,
    *,
    import_id: UUID,
    cursor: int,
    rows: Sequence[PartyRow],
    key_field: str,
    problems: Sequence[FoundProblem],
    refused: int,
    by: Actor,
    at: datetime,
) -> None:
    """Write one portion and the place in the file, in one transaction.

    Raises: BadInput: a party cannot be kept so; nothing is written.
    """
    done = write_parties(session, rows=rows, import_id=import_id, by=by, at=at)
    people = [contact_row(row) for row in rows if row.contact and row.draft.kind is PartyKind.COMPANY]
    write_parties(session, rows=people, import_id=import_id, by=by, at=at)
    counts = Counts(done.created, done.updated, done.unchanged, refused)
    batches.advance(session, import_id=import_id, counts=counts, problems=problems, cursor=cursor, by=by)


@gate("crm.undo_import")
def undo_party_import(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UndoStand:
    """Undo the next part of an import; parties touched or used since are left and named."""
    batch = undoable_batch(session, import_id=import_id, by=by)
    batches.check_undoable(session, import_id=import_id, by=by, at=at)
    done = undo_parties(session, import_id=import_id, by=by, at=at)
    kept = 0 if done.waiting else remove_made(session, batch=batch, by=by, at=at)
    return batches.note_part_undone(session, import_id=import_id, done=done, fields_kept=kept, by=by, at=at)
