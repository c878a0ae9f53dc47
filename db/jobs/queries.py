"""What can be asked about long work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.jobs.rules import JobState
from db.jobs.tables import Event, Heartbeat, Job
from db.kernel.errors import NotFound


@dataclass(frozen=True)
class JobStatus:
    """How a job stands; `done` of `total` units, `message` in French."""

    id: UUID
    kind: str
    state: JobState
    done: int
    total: int
    message: str
    result: dict[str, Any] | None
    error: str | None
    asked_by: UUID | None
    asked_at: datetime
    ended_at: datetime | None
    cancel_asked: bool


def _status(job: Job) -> JobStatus:
    return JobStatus(
        id=job.id,
        kind=job.kind,
        state=JobState(job.state),
        done=job.done,
        total=job.total,
        message=job.message,
        result=job.result,
        error=job.error,
        asked_by=job.asked_by,
        asked_at=job.asked_at,
        ended_at=job.ended_at,
        cancel_asked=job.cancel_asked,
    )


@readable("jobs.read_own")
def job_status(session: Session, *, job_id: UUID, asked_by: UUID | None) -> JobStatus:
    """Return how a job stands, to the person who asked for it.

    Raises:
        NotFound: no such job, or somebody else's.
    """
    job = session.get(Job, job_id)
    if job is None or job.asked_by != asked_by:
        raise NotFound("Ce travail n’existe pas ou n’est pas le vôtre.")
    return _status(job)


@readable("jobs.read_own")
def open_jobs_of(session: Session, *, asked_by: UUID | None) -> Sequence[JobStatus]:
    """Return the jobs of a person that wait or run, oldest first."""
    open_states = [JobState.WAITING.value, JobState.RUNNING.value]
    wanted = select(Job).where(Job.asked_by == asked_by, col(Job.state).in_(open_states))
    return [_status(job) for job in session.exec(wanted.order_by(col(Job.asked_at)))]


@readable("jobs.read_all")
def recent_jobs(session: Session, *, most: int = 50) -> Sequence[JobStatus]:
    """Return the newest jobs of everybody, newest first."""
    rows = session.exec(select(Job).order_by(col(Job.asked_at).desc()).limit(most))
    return [_status(job) for job in rows]


def waiting_events(session: Session, *, most: int = 100) -> Sequence[Event]:
    """Return events that nobody has reacted to, oldest first."""
    return session.exec(select(Event).where(col(Event.handled_at).is_(None)).order_by(col(Event.id)).limit(most)).all()


def last_heartbeat(session: Session, *, process: str) -> datetime | None:
    """Return when the process last said that it is alive."""
    row = session.get(Heartbeat, process)
    return row.at if row else None
