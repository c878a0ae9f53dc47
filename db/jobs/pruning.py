"""Deleting logs of jobs and events whose time of keeping is over (bookkeeping, no deed)."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from db.jobs.rules import JobState
from db.jobs.tables import Event, Job, JobLogLine

OVER = (JobState.DONE.value, JobState.FAILED.value, JobState.CANCELLED.value)


def prune_jobs(session: Session, *, jobs: datetime, events: datetime) -> dict[str, int]:
    """Delete the logs of jobs that ended, and events that were handled without a problem, before an instant.

    The jobs themselves stay: what was imported or restored by them names them.
    """
    ended = select(col(Job.id)).where(col(Job.state).in_(OVER), col(Job.ended_at) < jobs)
    wanted = {
        "job_log": delete(JobLogLine).where(col(JobLogLine.job_id).in_(ended)),
        "event": delete(Event).where(col(Event.handled_at) < events, col(Event.problem).is_(None)),
    }
    return {name: session.connection().execute(statement).rowcount for name, statement in wanted.items()}
