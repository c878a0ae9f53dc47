"""Ask for long work, take it, report on it. The worker's own bookkeeping is no deed and has no gate."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select, update

from db.access.gate import gate
from db.access.rules import Actor
from db.jobs.rules import JOB_LIFE, LEASE, MOST_ATTEMPTS, JobCancelled, JobState
from db.jobs.tables import Event, Heartbeat, Job
from db.kernel.errors import NotFound


def ask_for_job(
    session: Session,
    *,
    kind: str,
    arguments: dict[str, Any],
    by: Actor,
    at: datetime,
    once: str | None = None,
) -> UUID:
    """Write a job in the transaction of the deed that wants it; return its id (the earlier one for the same `once`)."""
    if once is not None:
        earlier = session.exec(select(Job).where(Job.once == once)).first()
        if earlier is not None:
            return earlier.id
    job = Job(
        kind=kind,
        arguments=arguments,
        asked_by=by.user_id,
        asked_at=at,
        run_after=at,
        once=once,
    )
    session.add(job)
    session.flush()
    return job.id


def publish(
    session: Session,
    kind: str,
    *,
    at: datetime,
    subject: UUID | None = None,
    **facts: Any,
) -> None:
    """Write that something happened; reactions follow after the commit."""
    session.add(Event(kind=kind, subject=subject, facts=facts, at=at))


@gate("jobs.cancel_own")
def cancel_job(session: Session, *, job_id: UUID, by: Actor, at: datetime) -> None:
    """Ask a job to stop; one that has not begun stops at once.

    Raises:
        NotFound: no such job, or somebody else's.
    """
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.asked_by != by.user_id:
        raise NotFound("Ce travail n’existe pas ou n’est pas le vôtre.")
    job.cancel_asked = True
    if job.state == JobState.WAITING:
        job.state, job.ended_at = JobState.CANCELLED.value, at


def take_job(session: Session, *, at: datetime) -> Job | None:
    """Lease the oldest job that waits, or one whose worker died; None when there is nothing to do."""
    wanted = (
        select(Job)
        .where(
            or_(
                (col(Job.state) == JobState.WAITING) & (col(Job.run_after) <= at),
                (col(Job.state) == JobState.RUNNING) & (col(Job.lease_until) < at),
            )
        )
        .order_by(col(Job.run_after), col(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = session.exec(wanted).first()
    if job is None:
        return None
    if job.attempts >= MOST_ATTEMPTS:
        job.state, job.ended_at = JobState.FAILED.value, at
        job.error = "Interrompu trois fois de suite : le travail n’est pas repris."
        return None
    job.state, job.lease_until, job.started_at = JobState.RUNNING.value, at + LEASE, at
    job.attempts += 1
    return job


def report_progress(session: Session, *, job_id: UUID, done: int, total: int, message: str, at: datetime) -> None:
    """Renew the lease and tell how far the work is.

    Raises:
        JobCancelled: somebody asked to stop.
    """
    job = session.get_one(Job, job_id)
    if job.cancel_asked:
        raise JobCancelled("Travail annulé.")
    job.done, job.total, job.message, job.lease_until = done, total, message, at + LEASE


def end_job(
    session: Session,
    *,
    job_id: UUID,
    state: JobState,
    at: datetime,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """Write how the job ended."""
    job = session.get_one(Job, job_id)
    job.state = JOB_LIFE.step(JobState(job.state), state).value
    job.ended_at, job.result, job.error, job.lease_until = at, result, error, None


def mark_handled(session: Session, *, event_id: UUID, at: datetime, problem: str | None = None) -> None:
    """Write that the reactions to an event have run (or why one could not)."""
    event = session.get_one(Event, event_id)
    event.handled_at, event.problem = at, problem


def beat(session: Session, *, process: str, at: datetime) -> None:
    """Write that the process is alive."""
    row = session.get(Heartbeat, process)
    if row is None:
        session.add(Heartbeat(process=process, at=at))
    else:
        row.at = at


def renew_lease(session: Session, *, job_id: UUID, at: datetime) -> None:
    """Keep a running job from being taken for dead."""
    job = session.get_one(Job, job_id)
    if job.state == JobState.RUNNING:
        job.lease_until = at + LEASE


def mark_all_handled(session: Session, *, until: datetime, at: datetime) -> None:
    """Write that the events up to an instant need no reaction: whoever made them has seen to what follows."""
    past = update(Event).where(col(Event.handled_at).is_(None), col(Event.at) <= until)
    session.exec(past.values(handled_at=at))
