"""Ask for long work, take it, report on it. The worker's own bookkeeping is no deed and has no gate."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select, update

from db.access.gate import gate
from db.access.rules import Actor, may
from db.jobs.rules import (
    JOB_LIFE,
    LEASE,
    MOST_ATTEMPTS,
    JobCancelled,
    JobState,
    LogLevel,
    can_cancel,
    check_attempt,
)
from db.jobs.tables import Event, Heartbeat, Job, JobLogLine, JobPart, ScheduleRun
from db.kernel.errors import NotFound
from db.kernel.lifecycle import WrongStep
from db.kernel.sentences import Sentence, kept

MOST_DETAIL = 8000  # characters of a traceback, the end of it
ENDINGS = {JobState.DONE: "Terminé", JobState.CANCELLED: "Arrêté", JobState.FAILED: "Échec"}


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
    """Ask a job to stop; one that has not begun stops at once, one that has ended stays as it ended.

    Raises:
        NotFound: no such job, or somebody else's without the right to manage them.
    """
    job = _managed(session, job_id, by)
    if not can_cancel(JobState(job.state)):
        return
    job.cancel_asked = True
    note(session, job_id=job_id, message="Arrêt demandé par {name}", params={"name": by.name}, at=at)
    if job.state == JobState.WAITING:
        job.state, job.ended_at = JobState.CANCELLED.value, at


@gate("jobs.retry_own")
def retry_job(session: Session, *, job_id: UUID, by: Actor, at: datetime) -> None:
    """Let a job that failed or was stopped wait again, with all its attempts; it runs for the person who asked for it.

    Raises:
        NotFound: no such job, or somebody else's without the right to manage them.
        WrongStep: it waits, runs or is done.
    """
    job = _managed(session, job_id, by)
    if job.state == JobState.RUNNING:
        raise WrongStep("Ce travail est en cours.")
    job.state = JOB_LIFE.step(JobState(job.state), JobState.WAITING).value
    job.run_after, job.attempts, job.cancel_asked = at, 0, False
    job.ended_at = job.error = job.settled_at = job.lease_until = None
    note(session, job_id=job_id, message="Relancé par {name}", params={"name": by.name}, at=at)


@gate("jobs.retry_own")
def settle_job(session: Session, *, job_id: UUID, by: Actor, at: datetime) -> None:
    """Note that somebody has seen to a job's failure; it is no longer counted.

    Raises:
        NotFound: no such job, or somebody else's without the right to manage them.
    """
    job = _managed(session, job_id, by)
    if job.state == JobState.FAILED and job.settled_at is None:
        job.settled_at = at
        note(session, job_id=job_id, message="Classé par {name}", params={"name": by.name}, at=at)


@gate("jobs.manage_all")
def retry_reactions(session: Session, *, event_id: UUID, by: Actor, at: datetime) -> None:
    """Have the reactions to an event run again of which one could not; they are safe to repeat.

    Raises:
        NotFound: there is no such event, or nothing went wrong with it.
    """
    event = session.get(Event, event_id, with_for_update=True)
    if event is None or event.problem is None:
        raise NotFound("Cette réaction n’attend pas d’être relancée.")
    event.handled_at = event.problem = None


def _managed(session: Session, job_id: UUID, by: Actor) -> Job:
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or not (by.system or job.asked_by == by.user_id or may(by, "jobs.manage_all")):
        raise NotFound("Ce travail n’existe pas ou n’est pas le vôtre.")
    return job


def note(
    session: Session,
    *,
    job_id: UUID,
    message: str,
    at: datetime,
    level: LogLevel = LogLevel.INFO,
    params: dict[str, Any] | None = None,
    detail: str = "",
) -> None:
    """Write a line into a job's log; `message` is French with `{named}` places that `params` fill."""
    cut = detail[-MOST_DETAIL:]
    session.add(JobLogLine(job_id=job_id, at=at, level=level.value, message=message, params=params or {}, detail=cut))


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
        note(session, job_id=job.id, message=job.error, level=LogLevel.ERROR, at=at)
        publish(session, "jobs.failed", at=at, subject=job.id, kind_of_job=job.kind, problem=job.error)
        return None
    job.state, job.lease_until, job.started_at = JobState.RUNNING.value, at + LEASE, at
    job.attempts += 1
    if job.attempts == 1:
        note(session, job_id=job.id, message="Commencé", at=at)
    else:
        again = {"attempt": job.attempts}
        message = "Repris après une interruption (essai {attempt})"
        note(session, job_id=job.id, message=message, params=again, level=LogLevel.WARNING, at=at)
    return job


def note_part(session: Session, *, job_id: UUID, attempt: int, number: int, result: dict[str, Any]) -> None:
    """Note, in the transaction that did it, that a part of a job is done and what came of it.

    Raises:
        JobTakenOver: another worker has the job now; the part is not done.
    """
    job = session.get(Job, job_id, with_for_update=True)
    check_attempt(job.attempts if job is not None else 0, attempt)
    session.add(JobPart(job_id=job_id, number=number, result=result))


def report_progress(
    session: Session, *, job_id: UUID, attempt: int, done: int, total: int, message: str, at: datetime
) -> None:
    """Renew the lease and tell how far the work is.

    Raises:
        JobCancelled: somebody asked to stop.
        JobTakenOver: another worker has the job now.
    """
    job = session.get_one(Job, job_id)
    check_attempt(job.attempts, attempt)
    if job.cancel_asked:
        raise JobCancelled("Travail annulé.")
    job.done, job.total, job.message, job.lease_until = done, total, message, at + LEASE


def end_job(
    session: Session,
    *,
    job_id: UUID,
    attempt: int,
    state: JobState,
    at: datetime,
    result: dict[str, Any] | None = None,
    error: str | None = None,
    detail: str = "",
) -> None:
    """Write how the job ended: `error` in words, `detail` for whoever repairs it.

    Raises:
        JobTakenOver: another worker has the job now.
    """
    job = session.get_one(Job, job_id)
    check_attempt(job.attempts, attempt)
    job.state = JOB_LIFE.step(JobState(job.state), state).value
    job.ended_at, job.result, job.error, job.lease_until = at, result, error, None
    if state is JobState.FAILED:
        facts = {"problem": error or "", "sentence": kept(error or "")}
        publish(session, "jobs.failed", at=at, subject=job_id, kind_of_job=job.kind, **facts)
    level = LogLevel.ERROR if state is JobState.FAILED else LogLevel.INFO
    said = Sentence(ENDINGS[state]) if not error else error if isinstance(error, Sentence) else Sentence(error)
    note(session, job_id=job_id, message=said.message_id, params=said.params, level=level, detail=detail, at=at)


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


def renew_lease(session: Session, *, job_id: UUID, attempt: int, at: datetime) -> None:
    """Keep a running job from being taken for dead."""
    job = session.get_one(Job, job_id)
    if job.state == JobState.RUNNING and job.attempts == attempt:
        job.lease_until = at + LEASE


def note_schedule(
    session: Session, *, name: str, every_seconds: int, last_at: datetime | None, next_at: datetime, problem: str = ""
) -> None:
    """Write when a regular task ran and is due next."""
    row = session.get(ScheduleRun, name) or ScheduleRun(name=name, every_seconds=every_seconds, next_at=next_at)
    row.every_seconds, row.last_at, row.next_at, row.problem = every_seconds, last_at or row.last_at, next_at, problem
    session.add(row)


def mark_all_handled(session: Session, *, until: datetime, at: datetime) -> None:
    """Write that the events up to an instant need no reaction: whoever made them has seen to what follows."""
    past = update(Event).where(col(Event.handled_at).is_(None), col(Event.at) <= until)
    session.exec(past.values(handled_at=at))
