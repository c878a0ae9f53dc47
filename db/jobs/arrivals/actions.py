"""Ask for an exported company to be put into an empty installation. No deed: nobody is there yet, and nothing."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import bookkeeping
from db.access.rules import Actor
from db.jobs.actions import ask_for_job, note
from db.jobs.arrivals.queries import KIND, arrivals
from db.jobs.arrivals.rules import check_none_open
from db.jobs.rules import JobState, can_cancel
from db.jobs.tables import Job


@bookkeeping("access.import_company")
def ask_for_company_import(session: Session, *, folder: str, claim: str, by: Actor, at: datetime) -> UUID:
    """Have the archive in `folder` put in place; `claim` is the hash of what its bringer shows later. Return the job.

    Raises:
        ImportUnderWay: one is being put in place.
    """
    check_none_open([one.state for one in arrivals(session)])
    return ask_for_job(session, kind=KIND, arguments={"folder": folder, "claim": claim}, by=by, at=at)


@bookkeeping("access.import_company")
def stop_company_import(session: Session, *, job_id: UUID, by: Actor, at: datetime) -> None:
    """Ask the import to stop; one that has ended stays as it ended."""
    job = session.get_one(Job, job_id, with_for_update=True)
    if job.kind != KIND or not can_cancel(JobState(job.state)):
        return
    job.cancel_asked = True
    note(session, job_id=job_id, message="Arrêt demandé par {name}", params={"name": by.name}, at=at)
    if job.state == JobState.WAITING:
        job.state, job.ended_at = JobState.CANCELLED.value, at
