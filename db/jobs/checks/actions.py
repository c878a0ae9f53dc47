"""Asking for the whole history to be verified."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import gate
from db.access.rules import Actor
from db.jobs.actions import ask_for_job
from db.jobs.checks.rules import KIND
from db.jobs.rules import JobState
from db.jobs.tables import Job


@gate("access.read_history")
def ask_for_verification(session: Session, *, by: Actor, at: datetime) -> UUID:
    """Have the database compared with its history and the kept digests; return the job, the one under way if any."""
    is_open = col(Job.state).in_([JobState.WAITING.value, JobState.RUNNING.value])
    earlier = session.exec(select(Job.id).where(Job.kind == KIND, is_open)).first()
    return earlier or ask_for_job(session, kind=KIND, arguments={}, by=by, at=at)
