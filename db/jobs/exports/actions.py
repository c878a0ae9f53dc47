"""Ask for an export of the whole company; who takes one is told in the trail. The files are the edge's."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import gate
from db.access.rules import Actor
from db.jobs.actions import ask_for_job
from db.jobs.rules import JobState
from db.jobs.tables import Job
from db.kernel.errors import BadInput

KIND = "access.export_company"


@gate("access.export_everything", fresh=True)
def ask_for_company_export(session: Session, *, by: Actor, at: datetime) -> UUID:
    """Have the whole company written into a file; return the job.

    Raises:
        BadInput: one is being written.
    """
    is_open = col(Job.state).in_([JobState.WAITING.value, JobState.RUNNING.value])
    if session.exec(select(Job).where(Job.kind == KIND, is_open)).first() is not None:
        raise BadInput("Un export est déjà en préparation.")
    return ask_for_job(session, kind=KIND, arguments={}, by=by, at=at)


@gate("access.export_everything", fresh=True)
def note_export_taken(session: Session, *, name: str, by: Actor, at: datetime) -> None:
    """Tell in the trail that a person took an export, which holds everything."""
