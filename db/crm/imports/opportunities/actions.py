"""Opportunities out of a file: the beginning, one portion of rows at a time, and the undoing of the whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.crm.imports.added import make_fields, remove_made
from db.crm.opportunities.intake.actions import undo_opportunities, write_opportunities
from db.crm.opportunities.intake.rules import OpportunityRow
from db.documents.imports import actions as batches
from db.documents.imports.queries import undoable_batch
from db.documents.imports.rules import Counts, FoundProblem, UndoStand
from db.parties.intake.actions import undo_parties
from db.records.intake.rules import PORTION, in_turn

JOB = "documents.run_import"


@gate("crm.import_leads")
def begin_opportunity_import(
    session: Session, *, import_id: UUID, fields: Sequence[Any], with_job: bool, by: Actor, at: datetime
) -> UUID | None:
    """Add the custom fields that are missing and begin the import; return its job.

    Raises: BadInput: a field of that key exists otherwise.
    """
    batch = batches.begin(session, import_id=import_id, job_kind=JOB if with_job else None, by=by, at=at)
    make_fields(session, batch=batch, kind="opportunity", group="", fields=fields, by=by, at=at)
    return batch.job_id


@gate("crm.import_leads")
def write_opportunity_rows(
    session: Session,
    *,
    import_id: UUID,
    cursor: int,
    rows: Sequence[OpportunityRow],
    key_field: str,
    problems: Sequence[FoundProblem],
    refused: int,
    by: Actor,
    at: datetime,
) -> None:
    """Write one portion and the place in the file, in one transaction.

    Raises: BadInput: an opportunity cannot be kept so; nothing is written.
    """
    done = write_opportunities(session, rows=rows, import_id=import_id, by=by, at=at)
    counts = Counts(done.created, done.updated, done.unchanged, refused)
    batches.advance(session, import_id=import_id, counts=counts, problems=problems, cursor=cursor, by=by)


@gate("crm.undo_import")
def undo_opportunity_import(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UndoStand:
    """Undo the next part of an import; opportunities and companies touched or used since are left and named."""
    batch = undoable_batch(session, import_id=import_id, by=by)
    batches.check_undoable(session, import_id=import_id, by=by, at=at)
    mine: dict[str, Any] = {"import_id": import_id, "by": by, "at": at}
    done = in_turn(
        PORTION,
        lambda most: undo_opportunities(session, most=most, **mine),
        lambda most: undo_parties(session, most=most, **mine),
    )
    kept = 0 if done.waiting else remove_made(session, batch=batch, by=by, at=at)
    return batches.note_part_undone(session, import_id=import_id, done=done, fields_kept=kept, by=by, at=at)
