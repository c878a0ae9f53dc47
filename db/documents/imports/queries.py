"""What can be asked about imports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from db.access.gate import readable
from db.access.rules import Actor, may, reaches_owner
from db.documents.imports.rules import FoundProblem, ImportState
from db.documents.imports.tables import ColumnMapping, ImportBatch, ImportFinding
from db.documents.received.tables import ReceivedFile
from db.jobs.queries import JobStatus, status_of
from db.jobs.rules import JobState
from db.jobs.tables import Job
from db.kernel.errors import NotFound
from db.records.intake.queries import left_by
from db.records.intake.rules import Left
from db.records.undo.rules import LegalInverse, register_inverse


@dataclass(frozen=True)
class ImportStatus:
    """How an import stands."""

    import_id: UUID
    kind: str
    state: ImportState
    file_name: str
    sha256: str
    summary: dict[str, Any]
    columns: list[dict[str, Any]]
    plan: dict[str, Any]
    checked: dict[str, int] | None
    options: dict[str, Any]
    job_id: UUID | None
    rows_in: int
    cursor: int
    created: int
    updated: int
    unchanged: int
    refused: int
    began_at: datetime | None
    ended_at: datetime | None
    problem: str
    undone_at: datetime | None
    undo_result: dict[str, Any] | None
    is_mine: bool = True


@dataclass(frozen=True)
class RememberedPlan:
    """A plan that somebody in the firm used for a file with the same headers."""

    plan: dict[str, Any]
    used_at: datetime
    used_by: str


def owned_batch(session: Session, *, import_id: UUID, by: Actor) -> ImportBatch:
    """Return the row of an import for its owner.

    Raises:
        NotFound: no such import, or somebody else's.
    """
    batch = session.get(ImportBatch, import_id, with_for_update=True)
    if batch is None or (batch.owner_id != by.user_id and not by.system):
        raise NotFound("Cet import n’existe pas ou n’est pas le vôtre.")
    return batch


def undoable_batch(session: Session, *, import_id: UUID, by: Actor) -> ImportBatch:
    """Return the row of an import for its owner and for whoever may undo it.

    Raises:
        NotFound: no such import, or out of reach.
    """
    batch = session.get(ImportBatch, import_id, with_for_update=True)
    if batch is None or not _may_look(batch, by):
        raise NotFound("Cet import n’existe pas ou n’est pas le vôtre.")
    return batch


def _may_look(batch: ImportBatch, by: Actor) -> bool:
    """Test if an import is the person's, or has written something that she may undo in its owner's place."""
    if by.system or batch.owner_id == by.user_id:
        return True
    wanted = batch.undo_permission if batch.began_at is not None else None
    return wanted is not None and may(by, wanted) and reaches_owner(by, wanted, batch.owner_id)


@readable("documents.read")
def import_status(session: Session, *, import_id: UUID, by: Actor) -> ImportStatus:
    """Return how an import stands, to its owner and to whoever may undo it. Raises: NotFound.

    One whose job failed is shown as failed.
    """
    batch = session.get(ImportBatch, import_id)
    if batch is None or not _may_look(batch, by):
        raise NotFound("Cet import n’existe pas ou n’est pas le vôtre.")
    return _status(session, batch, by)


@readable("documents.read")
def job_of_import(session: Session, *, import_id: UUID, by: Actor) -> JobStatus | None:
    """Return the last job of an import that the person may look at, whoever asked for it. Raises: NotFound."""
    job_id = import_status(session, import_id=import_id, by=by).job_id
    found = session.get(Job, job_id) if job_id else None
    return status_of(found) if found is not None else None


@readable("documents.read")
def undo_left(session: Session, *, import_id: UUID, by: Actor, most: int = 100_000) -> list[Left]:
    """Return what undoing an import left as it is, and why. Raises: NotFound."""
    import_status(session, import_id=import_id, by=by)
    return left_by(session, import_id=import_id, most=most)


def page_of_import(session: Session, import_id: UUID) -> LegalInverse | None:
    """Return where an import is undone whole, instead of one of its deeds."""
    batch = session.get(ImportBatch, import_id)
    if batch is None:
        return None
    return LegalInverse("Voir l’import", f"/importer/{batch.kind}?import={import_id}")


register_inverse("import_batch", page_of_import)


def state_now(session: Session, batch: ImportBatch) -> tuple[ImportState, str]:
    """Return where an import stands and its problem, also when its job ended without saying so in the import."""
    job = session.get(Job, batch.job_id) if batch.job_id else None
    state, problem = ImportState(batch.state), batch.problem
    if job is None or state not in (ImportState.UPLOADED, ImportState.RUNNING):
        return state, problem
    if job.state == JobState.FAILED:
        return ImportState.FAILED, job.error or ""
    return (ImportState.CANCELLED if job.state == JobState.CANCELLED else state), problem


def open_job(session: Session, batch: ImportBatch) -> Job | None:
    """Return the job of an import that waits or runs, if there is one."""
    job = session.get(Job, batch.job_id) if batch.job_id else None
    return job if job is not None and job.state in (JobState.WAITING, JobState.RUNNING) else None


def _status(session: Session, batch: ImportBatch, by: Actor | None = None) -> ImportStatus:
    file = session.get_one(ReceivedFile, batch.file_id)
    state, problem = state_now(session, batch)
    return ImportStatus(
        import_id=batch.id,
        kind=batch.kind,
        state=state,
        file_name=file.name,
        sha256=file.sha256,
        summary=batch.summary,
        columns=batch.columns,
        plan=batch.plan,
        checked=batch.checked,
        options=batch.options,
        job_id=batch.job_id,
        rows_in=batch.rows_in,
        cursor=batch.cursor,
        created=batch.created_rows,
        updated=batch.updated_rows,
        unchanged=batch.unchanged_rows,
        refused=batch.refused_rows,
        began_at=batch.began_at,
        ended_at=batch.ended_at,
        problem=problem,
        undone_at=batch.undone_at,
        undo_result=batch.undo_result,
        is_mine=by is None or batch.owner_id == by.user_id,
    )


@readable("documents.read")
def recent_imports(session: Session, *, kind: str, by: Actor, most: int = 20) -> Sequence[ImportStatus]:
    """Return the person's newest imports of a kind, newest first."""
    wanted = select(ImportBatch).where(ImportBatch.kind == kind, ImportBatch.owner_id == by.user_id)
    return [_status(session, batch) for batch in session.exec(wanted.order_by(col(ImportBatch.id).desc()).limit(most))]


@readable("documents.read")
def remembered_plan(session: Session, *, kind: str, fingerprint: str) -> RememberedPlan | None:
    """Return the plan of the last import of a file with the same headers that was carried out and not forgotten."""
    wanted = select(ColumnMapping).where(ColumnMapping.kind == kind, ColumnMapping.fingerprint == fingerprint)
    found = session.exec(wanted).first()
    return None if found is None else RememberedPlan(dict(found.plan), found.used_at, found.used_by)


@readable("documents.read")
def problem_count(session: Session, *, import_id: UUID, is_dry: bool, by: Actor) -> int:
    """Return how many cells were refused. Raises: NotFound."""
    import_status(session, import_id=import_id, by=by)
    wanted = select(func.count()).select_from(ImportFinding)
    return session.exec(wanted.where(ImportFinding.import_id == import_id, ImportFinding.is_dry == is_dry)).one()


@readable("documents.read")
def problems(session: Session, *, import_id: UUID, is_dry: bool, by: Actor, most: int = 100) -> Sequence[FoundProblem]:
    """Return the first refused cells in the order of the file. Raises: NotFound."""
    import_status(session, import_id=import_id, by=by)
    return list(_problems(session, import_id, is_dry, most))


def _problems(session: Session, import_id: UUID, is_dry: bool, most: int) -> Iterator[FoundProblem]:
    wanted = (
        select(ImportFinding)
        .where(ImportFinding.import_id == import_id, ImportFinding.is_dry == is_dry)
        .order_by(col(ImportFinding.line), col(ImportFinding.id))
        .limit(most)
    )
    for row in session.exec(wanted):
        yield FoundProblem(row.line, row.column, row.value, row.reason)
