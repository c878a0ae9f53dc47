"""Leads out of a file: the beginning, one portion of rows at a time, and the undoing of the whole."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.crm.imports.added import make_fields, remove_made
from db.crm.imports.rules import LeadRow, NewField, changes_of
from db.crm.leads.intake.actions import add_leads, remove_leads_of_import, update_leads
from db.crm.leads.queries import lead_by_key
from db.documents.imports import actions as batches
from db.documents.imports.deeds import ImportDeeds
from db.documents.imports.queries import undoable_batch
from db.documents.imports.rules import Counts, FoundProblem, UndoStand

JOB = "crm.import_leads"
UNDO_JOB = "crm.undo_import"


@gate("crm.import_leads")
def begin_lead_import(
    session: Session, *, import_id: UUID, fields: Sequence[NewField], with_job: bool, by: Actor, at: datetime
) -> UUID | None:
    """Add the custom fields that are missing and begin the import; return its job.

    Raises:
        BadInput: a field of that key exists with another type, or one that the person may not read.
    """
    batch = batches.begin(session, import_id=import_id, job_kind=JOB if with_job else None, by=by, at=at)
    make_fields(session, batch=batch, kind="lead", group="", fields=fields, by=by, at=at)
    return batch.job_id


@gate("crm.import_leads")
def write_lead_rows(
    session: Session,
    *,
    import_id: UUID,
    cursor: int,
    rows: Sequence[LeadRow],
    key_field: str,
    problems: Sequence[FoundProblem],
    refused: int,
    by: Actor,
    at: datetime,
) -> None:
    """Write one portion: new leads, changed leads, refused rows, and the place in the file, all in one transaction.

    A row whose key belongs to a lead changes that lead. Raises: BadInput: a lead cannot be kept so; nothing is written.
    """
    known = {}
    if key_field and rows:
        known = lead_by_key(session, field=key_field, values=[row.key for row in rows], by=by)
    new = [row.draft for row in rows if row.key not in known]
    changes = [(known[row.key], changes_of(row)) for row in rows if row.key in known]

    if new:
        add_leads(session, drafts=new, import_id=import_id, by=by, at=at)
    really = update_leads(session, changes=changes, import_id=import_id, by=by, at=at) if changes else 0
    counts = Counts(len(new), len(changes), len(changes) - really, refused)
    batches.advance(session, import_id=import_id, counts=counts, problems=problems, cursor=cursor, by=by)


@gate("crm.undo_import")
def ask_for_undo(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask the worker to undo an import; return the job, the earlier one when it is already being undone.

    Raises:
        WrongStep: nothing was imported, or the import is running.
    """
    job_id: UUID = batches.ask_for_undo(session, import_id=import_id, by=by, at=at)
    return job_id


@gate("crm.undo_import")
def undo_lead_import(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UndoStand:
    """Undo the next part of an import; leads touched since are left and named.

    The last part removes the fields that the import added and nobody uses.
    """
    batch = undoable_batch(session, import_id=import_id, by=by)
    batches.check_undoable(session, import_id=import_id, by=by, at=at)
    done = remove_leads_of_import(session, import_id=import_id, by=by, at=at)
    kept = 0 if done.waiting else remove_made(session, batch=batch, by=by, at=at)
    return batches.note_part_undone(session, import_id=import_id, done=done, fields_kept=kept, by=by, at=at)


LEAD_IMPORT = ImportDeeds(begin_lead_import, write_lead_rows, ask_for_undo, undo_lead_import)
