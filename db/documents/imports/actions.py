"""What happens to an import, whatever it imports. What is written for a row belongs to the kind's own area."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from db.access.gate import current_deed, gate
from db.access.rules import Actor
from db.documents.imports.queries import open_job, owned_batch, state_now, undoable_batch
from db.documents.imports.rules import IMPORT_LIFE, Counts, FoundProblem, ImportState, UndoStand, check_balance
from db.documents.imports.tables import ColumnMapping, ImportBatch, ImportFinding
from db.jobs.actions import ask_for_job
from db.kernel.errors import BadInput
from db.kernel.lifecycle import WrongStep
from db.kernel.record import uuid7
from db.records.intake.actions import keep_left, note_deed
from db.records.intake.rules import Undone

CHUNK = 500
UNDO_JOB = "crm.undo_import"
BEING_UNDONE = "L’annulation de cet import a commencé : la mener à sa fin, puis importer le fichier à nouveau."


@gate("documents.receive")
def open_import(
    session: Session,
    *,
    kind: str,
    undo_permission: str,
    file_id: UUID,
    options: dict[str, Any],
    with_job: bool,
    by: Actor,
    at: datetime,
) -> UUID:
    """Begin an import of a file that was handed in; return its id. With a job, the worker looks at the columns."""
    batch = ImportBatch(
        kind=kind, file_id=file_id, owner_id=by.user_id, options=options, undo_permission=undo_permission
    )
    session.add(batch)
    session.flush()
    if with_job:
        batch.job_id = ask_for_job(
            session, kind="documents.inspect_import", arguments={"import_id": str(batch.id)}, by=by, at=at
        )
    return batch.id


@gate("documents.receive")
def describe_import(
    session: Session,
    *,
    import_id: UUID,
    summary: dict[str, Any],
    columns: list[Any],
    fingerprint: str,
    plan: dict[str, Any],
    by: Actor,
    at: datetime,
) -> None:
    """Write what was found in the file and the proposed plan."""
    batch = owned_batch(session, import_id=import_id, by=by)
    batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.MAPPED).value
    batch.summary, batch.columns, batch.fingerprint, batch.plan = summary, columns, fingerprint, plan
    batch.rows_in = int(summary["rows"])


@gate("documents.receive")
def choose_plan(session: Session, *, import_id: UUID, plan: dict[str, Any], by: Actor, at: datetime) -> None:
    """Write what becomes of the columns; the earlier dry run no longer counts."""
    batch = owned_batch(session, import_id=import_id, by=by)
    batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.MAPPED).value
    batch.plan, batch.checked = plan, None


@gate("documents.receive")
def ask_for_check(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask the worker for a dry run; return the job."""
    batch = owned_batch(session, import_id=import_id, by=by)
    batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.MAPPED).value
    batch.checked = None
    batch.job_id = ask_for_job(
        session, kind="documents.check_import", arguments={"import_id": str(batch.id)}, by=by, at=at
    )
    return batch.job_id


@gate("documents.receive")
def note_check(
    session: Session, *, import_id: UUID, counts: Counts, problems: Sequence[FoundProblem], by: Actor, at: datetime
) -> None:
    """Write what a dry run found; it replaces the one before."""
    batch = owned_batch(session, import_id=import_id, by=by)
    check_balance(counts, rows_in=batch.rows_in)
    batch.checked = asdict(counts)
    _forget_problems(session, import_id, is_dry=True)
    keep_problems(session, import_id, problems, is_dry=True)


@gate("documents.receive")
def fail_import(session: Session, *, import_id: UUID, problem: str, by: Actor, at: datetime) -> None:
    """Write why an import cannot go on."""
    batch = owned_batch(session, import_id=import_id, by=by)
    batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.FAILED).value
    batch.problem, batch.ended_at = problem, at


@gate("documents.receive")
def stop_import(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> None:
    """Stop an import: nothing more is written; what was written stays until it is undone."""
    batch = owned_batch(session, import_id=import_id, by=by)
    batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.CANCELLED).value
    batch.ended_at = at


@gate("documents.receive")
def begin(session: Session, *, import_id: UUID, job_kind: str | None, by: Actor, at: datetime) -> ImportBatch:
    """Step into the run (or back into one that stopped), with a job when asked; one whose job is open goes on with it.

    Raises:
        BadInput: other work on it is under way.
    """
    batch = owned_batch(session, import_id=import_id, by=by)
    if batch.undo_result is not None:
        raise WrongStep(
            "L’annulation de cet import a commencé : la mener à sa fin, puis importer le fichier à nouveau."
        )
    is_at_work = open_job(session, batch) is not None
    if is_at_work and batch.state == ImportState.RUNNING:
        return batch
    if is_at_work and batch.began_at is not None:
        raise BadInput("Un travail est encore en cours pour cet import.")
    batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.RUNNING).value
    batch.began_at, batch.ended_at, batch.problem = batch.began_at or at, None, ""
    _remember_plan(session, batch, by=by, at=at)
    if job_kind is not None:
        batch.job_id = ask_for_job(session, kind=job_kind, arguments={"import_id": str(batch.id)}, by=by, at=at)
    return batch


@gate("documents.receive")
def resume_import(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> None:
    """Step back into the run of an import whose own job stopped or failed and has been started again.

    Raises: WrongStep: it is being undone.
    """
    batch = owned_batch(session, import_id=import_id, by=by)
    if batch.undo_result is not None:
        raise WrongStep(
            "L’annulation de cet import a commencé : la mener à sa fin, puis importer le fichier à nouveau."
        )
    if batch.state in (ImportState.CANCELLED, ImportState.FAILED):
        batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.RUNNING).value
        batch.ended_at, batch.problem = None, ""


def _remember_plan(session: Session, batch: ImportBatch, *, by: Actor, at: datetime) -> None:
    """Keep what was decided for files with these headers, for everybody in the firm."""
    wanted = select(ColumnMapping).where(
        ColumnMapping.kind == batch.kind, ColumnMapping.fingerprint == batch.fingerprint
    )
    known = session.exec(wanted).first() or ColumnMapping(kind=batch.kind, fingerprint=batch.fingerprint, used_at=at)
    known.plan, known.used_at, known.used_by = batch.plan, at, by.name
    session.add(known)


@gate("documents.receive")
def forget_plan(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> None:
    """Forget what was decided for files with the headers of this one."""
    batch = owned_batch(session, import_id=import_id, by=by)
    wanted = select(ColumnMapping).where(
        ColumnMapping.kind == batch.kind, ColumnMapping.fingerprint == batch.fingerprint
    )
    for known in session.exec(wanted):
        session.delete(known)


def settle(session: Session, batch: ImportBatch, *, at: datetime) -> None:
    """Write that an import has stopped whose process ended without saying so: its job failed, or never began."""
    if batch.state != ImportState.RUNNING or open_job(session, batch) is not None:
        return
    found, batch.problem = state_now(session, batch)
    stopped = ImportState.CANCELLED if found is ImportState.RUNNING else found
    batch.state, batch.ended_at = IMPORT_LIFE.step(ImportState.RUNNING, stopped).value, at


@gate("documents.receive")
def advance(
    session: Session, *, import_id: UUID, counts: Counts, problems: Sequence[FoundProblem], cursor: int, by: Actor
) -> None:
    """Count a portion of rows in the transaction that wrote them; `cursor` is where it began.

    Raises:
        PortionAlreadyWritten: another process has written it.
    """
    batch = owned_batch(session, import_id=import_id, by=by)
    if batch.state != ImportState.RUNNING or batch.cursor != cursor:
        raise PortionAlreadyWritten(f"cursor is {batch.cursor}, not {cursor}")
    batch.created_rows += counts.created
    batch.updated_rows += counts.updated
    batch.unchanged_rows += counts.unchanged
    batch.refused_rows += counts.refused
    batch.cursor += counts.rows
    keep_problems(session, import_id, problems, is_dry=False)
    note_deed(session, import_id=import_id, by=by, at=current_deed(session).at)


class PortionAlreadyWritten(RuntimeError):
    """Two processes work on one import: the one that is behind must stop."""


@gate("documents.receive")
def finish_import(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> None:
    """End an import whose rows are all dealt with. Raises: RowsLost."""
    batch = owned_batch(session, import_id=import_id, by=by)
    counts = Counts(batch.created_rows, batch.updated_rows, batch.unchanged_rows, batch.refused_rows)
    check_balance(counts, rows_in=batch.rows_in)
    batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.DONE).value
    batch.ended_at = at


@gate("documents.receive")
def ask_for_undo(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask the worker to undo an import; return the job, the earlier one when it is already being undone.

    Raises:
        NotFound: no such import, or neither one's own nor one that the person may undo.
        WrongStep: nothing was imported, or the import is running.
    """
    batch = undoable_batch(session, import_id=import_id, by=by)
    earlier = open_job(session, batch)
    if earlier is not None and earlier.kind == UNDO_JOB:
        return earlier.id
    _check_undoable(session, batch, at=at)
    batch.job_id = ask_for_job(session, kind=UNDO_JOB, arguments={"import_id": str(import_id)}, by=by, at=at)
    return batch.job_id


@gate("documents.receive")
def check_undoable(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> None:
    """Refuse to undo an import of which nothing is written, or that is running. Raises: WrongStep, NotFound."""
    _check_undoable(session, undoable_batch(session, import_id=import_id, by=by), at=at)


def _check_undoable(session: Session, batch: ImportBatch, *, at: datetime) -> None:
    settle(session, batch, at=at)
    state = ImportState(batch.state)
    if state is ImportState.RUNNING:
        raise WrongStep("Cet import est en cours : l’arrêter avant de l’annuler.")
    if state is ImportState.UNDONE:
        raise WrongStep("Cet import est déjà annulé.")
    if not IMPORT_LIFE.next(state) & {ImportState.UNDONE}:
        raise WrongStep("Rien n’est encore importé : il n’y a rien à annuler.")


@gate("documents.receive")
def note_part_undone(
    session: Session, *, import_id: UUID, done: Undone, fields_kept: int = 0, by: Actor, at: datetime
) -> UndoStand:
    """Count one part of an undoing in the transaction that did it; the last part ends the import as undone."""
    batch = undoable_batch(session, import_id=import_id, by=by)
    before = batch.undo_result or {}
    counts = {
        "removed": before.get("removed", 0) + done.removed,
        "restored": before.get("restored", 0) + done.restored,
        "left": before.get("left", 0) + len(done.left),
        "fields_kept": fields_kept,
        "dealt": before.get("dealt", 0) + done.dealt,
        "waiting": done.waiting,
    }
    keep_left(session, import_id=import_id, left=done.left, by=by, at=at)
    note_deed(session, import_id=import_id, by=by, at=at)
    batch.undo_result = counts
    if not done.waiting:
        batch.state = IMPORT_LIFE.step(ImportState(batch.state), ImportState.UNDONE).value
        batch.undone_at = at
    return UndoStand(counts["dealt"], counts["dealt"] + done.waiting, is_over=not done.waiting)


def keep_problems(session: Session, import_id: UUID, problems: Sequence[FoundProblem], *, is_dry: bool) -> None:
    """Keep what was refused, in the order of the file."""
    for start in range(0, len(problems), CHUNK):
        rows = [
            {"id": uuid7(), "import_id": import_id, "is_dry": is_dry, **asdict(problem)}
            for problem in problems[start : start + CHUNK]
        ]
        session.connection().execute(insert(ImportFinding), rows)


def _forget_problems(session: Session, import_id: UUID, *, is_dry: bool) -> None:
    session.connection().execute(
        delete(ImportFinding).where(col(ImportFinding.import_id) == import_id, col(ImportFinding.is_dry) == is_dry)
    )
