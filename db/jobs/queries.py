"""What can be asked about long work."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from db.access.gate import readable
from db.access.rules import Actor, may
from db.jobs.rules import JobState, LogLevel
from db.jobs.tables import Event, Heartbeat, Job, JobLogLine, JobPart, ScheduleRun
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
    started_at: datetime | None
    attempts: int
    arguments: dict[str, Any]
    settled_at: datetime | None


@dataclass(frozen=True)
class LogLine:
    """One line of a job's log, still to be put into the reader's language; `detail` is for whoever repairs."""

    at: datetime
    level: LogLevel
    message: str
    params: dict[str, Any]
    detail: str


@dataclass(frozen=True)
class JobPage:
    """Jobs, newest first; `next` is where the page that follows begins, None on the last."""

    jobs: Sequence[JobStatus]
    next: UUID | None


@dataclass(frozen=True)
class EventProblem:
    """An event to which one of the reactions could not run."""

    event_id: UUID
    kind: str
    subject: UUID | None
    at: datetime
    problem: str


@dataclass(frozen=True)
class ScheduleFacts:
    """When a regular task ran and is due next."""

    name: str
    every_seconds: int
    last_at: datetime | None
    next_at: datetime
    problem: str


def status_of(job: Job) -> JobStatus:
    """Return the facts of a job."""
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
        started_at=job.started_at,
        attempts=job.attempts,
        arguments=job.arguments,
        settled_at=job.settled_at,
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
    return status_of(job)


@readable("jobs.read_own")
def open_jobs_of(session: Session, *, asked_by: UUID | None) -> Sequence[JobStatus]:
    """Return the jobs of a person that wait or run, oldest first."""
    open_states = [JobState.WAITING.value, JobState.RUNNING.value]
    wanted = select(Job).where(Job.asked_by == asked_by, col(Job.state).in_(open_states))
    return [status_of(job) for job in session.exec(wanted.order_by(col(Job.asked_at)))]


@readable("jobs.read_own")
def job_page(
    session: Session,
    *,
    states: Collection[JobState],
    only_own: bool,
    after: UUID | None,
    most: int,
    by: Actor,
) -> JobPage:
    """Return the newest jobs: one's own, or everybody's to those who may see them; no states = all of them."""
    wanted = select(Job).where(*_seen_by(by, only_own=only_own)).order_by(col(Job.id).desc())
    if states:
        wanted = wanted.where(col(Job.state).in_([state.value for state in states]))
    if after is not None:
        wanted = wanted.where(col(Job.id) < after)
    rows = session.exec(wanted.limit(most + 1)).all()
    return JobPage([status_of(job) for job in rows[:most]], rows[most - 1].id if len(rows) > most else None)


@readable("jobs.read_own")
def job_counts(session: Session, *, only_own: bool, by: Actor) -> dict[JobState, int]:
    """Count the jobs that the person sees, by state."""
    counted = select(Job.state, func.count()).where(*_seen_by(by, only_own=only_own)).group_by(Job.state)
    return {JobState(state): number for state, number in session.exec(counted)}


@readable("jobs.read_own")
def count_failed(session: Session, *, by: Actor) -> int:
    """Count the failed jobs (and reactions, for those who see all) that nobody has seen to yet."""
    failed = select(func.count()).select_from(Job).where(Job.state == JobState.FAILED.value)
    mine = _seen_by(by, only_own=not may(by, "jobs.manage_all"))
    number = session.exec(failed.where(col(Job.settled_at).is_(None), *mine)).one()
    if not may(by, "jobs.manage_all"):
        return number
    stuck = select(func.count()).select_from(Event).where(col(Event.problem).is_not(None))
    return number + session.exec(stuck).one()


@readable("jobs.read_own")
def job(session: Session, *, job_id: UUID, by: Actor) -> JobStatus:
    """Return how a job stands, to whoever asked for it or sees all.

    Raises:
        NotFound: no such job, or somebody else's.
    """
    found = session.exec(select(Job).where(Job.id == job_id, *_seen_by(by, only_own=False))).first()
    if found is None:
        raise NotFound("Ce travail n’existe pas ou n’est pas le vôtre.")
    return status_of(found)


@readable("jobs.read_own")
def parts_done(session: Session, *, job_id: UUID) -> dict[int, dict[str, Any]]:
    """Return the parts of a job that are done, and what came of each."""
    found = session.exec(select(JobPart).where(JobPart.job_id == job_id))
    return {part.number: part.result for part in found}


@readable("jobs.read_own")
def job_log(session: Session, *, job_id: UUID, by: Actor, most: int = 500) -> Sequence[LogLine]:
    """Return the newest lines of a job's log in the order in which they were written.

    Raises:
        NotFound: no such job, or somebody else's.
    """
    job(session, job_id=job_id, by=by)
    wanted = select(JobLogLine).where(JobLogLine.job_id == job_id).order_by(col(JobLogLine.id).desc()).limit(most)
    rows = [LogLine(row.at, LogLevel(row.level), row.message, row.params, row.detail) for row in session.exec(wanted)]
    return rows[::-1]


@readable("jobs.read_all")
def event_problems(session: Session, *, most: int = 50) -> Sequence[EventProblem]:
    """Return the newest events to which a reaction could not run."""
    wanted = select(Event).where(col(Event.problem).is_not(None)).order_by(col(Event.id).desc()).limit(most)
    return [
        EventProblem(event.id, event.kind, event.subject, event.at, event.problem or "")
        for event in session.exec(wanted)
    ]


@readable("jobs.read_all")
def schedules(session: Session) -> Sequence[ScheduleFacts]:
    """Return the regular tasks in the order in which they are due."""
    rows = session.exec(select(ScheduleRun).order_by(col(ScheduleRun.next_at), col(ScheduleRun.name)))
    return [ScheduleFacts(row.name, row.every_seconds, row.last_at, row.next_at, row.problem) for row in rows]


def _seen_by(by: Actor, *, only_own: bool) -> list[ColumnElement[bool]]:
    if not only_own and may(by, "jobs.read_all"):
        return []
    return [col(Job.asked_by) == by.user_id]


def waiting_events(session: Session, *, most: int = 100) -> Sequence[Event]:
    """Return events that nobody has reacted to, oldest first."""
    return session.exec(select(Event).where(col(Event.handled_at).is_(None)).order_by(col(Event.id)).limit(most)).all()


def last_heartbeat(session: Session, *, process: str) -> datetime | None:
    """Return when the process last said that it is alive."""
    row = session.get(Heartbeat, process)
    return row.at if row else None


@readable("jobs.read_all")
def worker_seen(session: Session) -> datetime | None:
    """Return when the worker last said that it is alive."""
    return last_heartbeat(session, process="worker")


def asker_of_job(session: Session, *, job_id: UUID) -> UUID | None:
    """Return who asked for a job; None for the product itself, and for one that is gone."""
    found = session.get(Job, job_id)
    return found.asked_by if found else None
