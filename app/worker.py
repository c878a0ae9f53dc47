"""Takes jobs, runs reactions and schedules, reports. One process; a killed one is replaced and its job resumed."""

import importlib
import logging
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.doors import now
from app.job_kinds import JOB_KINDS, REACTIONS, SCHEDULES, TO_EVERY_EVENT
from app.session import actor_of_user
from app.webhooks import courier
from db.access.rules import Actor, system_actor
from db.jobs import actions, queries
from db.jobs.rules import JobCancelled, JobState, JobTakenOver, LogLevel
from db.kernel.errors import BusinessError
from db.kernel.sentences import Sentence
from db.session import chosen_company, end_maintenance, open_company, pinned_company, reading, transaction

log = logging.getLogger("boussole.worker")
PAUSE_SECONDS = 0.3
BEAT_SECONDS = 5.0


def find(name: str) -> Callable[..., Any]:
    """Return the function that `module:function` names."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]


@dataclass
class JobRun:
    """What a job function gets: its arguments, the person who asked, and how to report."""

    id: UUID
    kind: str
    arguments: dict[str, Any]
    by: Actor
    attempt: int = 1
    _last: float = field(default=0.0, repr=False)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Tell how far the work is (at most five times a second); raise `JobCancelled` when asked to stop."""
        if time.monotonic() - self._last < 0.2 and done < total:
            return
        self._last = time.monotonic()
        with transaction() as session:
            actions.report_progress(
                session,
                job_id=self.id,
                attempt=self.attempt,
                done=done,
                total=total,
                message=message,
                at=now(),
            )

    def log(self, message: str, level: LogLevel = LogLevel.INFO, detail: str = "", **params: Any) -> None:
        """Write a line into the job's log: a French sentence with `{named}` places, and what only a repairer needs."""
        with transaction() as session:
            actions.note(session, job_id=self.id, message=message, level=level, params=params, detail=detail, at=now())


@dataclass(frozen=True)
class Ending:
    """How a job ended."""

    state: JobState
    result: dict[str, Any] | None = None
    error: str | None = None
    detail: str = ""


def run_next_job() -> bool:
    """Take one job and do it; return False when nothing waits."""
    with transaction() as session:
        job = actions.take_job(session, at=now())
        if job is None:
            return False
        taken = (job.id, job.kind, dict(job.arguments), job.asked_by, job.attempts)
    job_id, kind, arguments, asked_by, attempt = taken
    try:
        run = JobRun(job_id, kind, arguments, _asker(asked_by), attempt)
    except BusinessError as refusal:  # the person who asked has left
        _end(job_id, attempt, Ending(JobState.FAILED, error=refusal.sentence))
        return True
    with LeaseKept(run.id, attempt):
        ending = _do(run)
    if ending is not None:
        _end(run.id, attempt, ending)
    return True


def _end(job_id: UUID, attempt: int, ending: Ending) -> None:
    try:
        with transaction() as session:
            actions.end_job(session, job_id=job_id, attempt=attempt, at=now(), **vars(ending))
    except JobTakenOver as late:
        log.warning("job %s: %s", job_id, late)


def _asker(user_id: UUID | None) -> Actor:
    return system_actor() if user_id is None else actor_of_user(user_id, via="job")


def _do(run: JobRun) -> Ending | None:
    """Do a job; None when another worker has taken it over meanwhile."""
    try:
        return Ending(JobState.DONE, find(JOB_KINDS[run.kind])(run))
    except JobTakenOver as late:
        log.warning("job %s (%s): %s", run.id, run.kind, late)
        return None
    except JobCancelled as stop:
        return Ending(JobState.CANCELLED, error=stop.sentence)
    except BusinessError as refusal:
        return Ending(JobState.FAILED, error=refusal.sentence)
    except Exception as problem:
        log.exception("job %s (%s) failed", run.kind, run.id)
        return Ending(JobState.FAILED, error=_in_words(problem), detail=traceback.format_exc())


def _in_words(problem: Exception) -> str:
    said = "Erreur inattendue ({name}). Relancer le travail ; si elle revient, ouvrir les détails."
    return Sentence(said, name=type(problem).__name__)


class LeaseKept:
    """Renews the lease of a long step that does not report by itself."""

    def __init__(self, job_id: UUID, attempt: int) -> None:
        self.job_id, self.attempt, self.over = job_id, attempt, threading.Event()
        self.thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _renew(self) -> None:
        while not self.over.wait(15):
            try:
                with transaction() as session:
                    actions.renew_lease(session, job_id=self.job_id, attempt=self.attempt, at=now())
            except SQLAlchemyError as problem:
                log.warning("lease not renewed: %s", problem)


def run_reactions() -> int:
    """React to every event that waits; return how many."""
    with reading() as session:
        events = list(queries.waiting_events(session))
        session.expunge_all()
    for event in events:
        problem = None
        for name in (*REACTIONS.get(event.kind, ()), *TO_EVERY_EVENT):
            try:
                find(name)(event, system_actor())
            except Exception as error:
                log.exception("reaction %s to %s", name, event.kind)
                problem = f"{name}: {error}"
        with transaction() as session:
            actions.mark_handled(session, event_id=event.id, at=now(), problem=problem)
    return len(events)


@dataclass
class Schedules:
    """When each regular task of a company is due next; kept in its database, so that a restart repeats nothing."""

    due: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def run_due(self, at: datetime) -> None:
        """Run every task whose time has come."""
        for name, (function, seconds) in SCHEDULES.items():
            if self._due(name, at) > at:
                continue
            self.due[open_company(), name] = at + timedelta(seconds=seconds)
            problem = _run_schedule(name, function)
            with transaction() as session:
                actions.note_schedule(
                    session,
                    name=name,
                    every_seconds=seconds,
                    last_at=at,
                    next_at=at + timedelta(seconds=seconds),
                    problem=problem,
                )

    def _due(self, name: str, at: datetime) -> datetime:
        key = (open_company(), name)
        if key not in self.due:
            with reading() as session:
                known = {one.name: one.next_at for one in queries.schedules(session)}
            latest = at + timedelta(seconds=SCHEDULES[name][1])  # a clock that was wrong must not stop a task for good
            self.due[key] = min(known.get(name, at), latest)
        return self.due[key]


def _run_schedule(name: str, function: str) -> str:
    """Run a regular task; return what went wrong."""
    try:
        find(function)(system_actor())
    except Exception as problem:
        log.exception("schedule %s", name)
        return f"{type(problem).__name__}: {problem}"
    return ""


def serve() -> None:
    """Work until told to stop."""
    over = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: over.set())
    end_maintenance()  # of a worker that was killed while it restored
    threading.Thread(target=_beat, args=(over,), daemon=True).start()
    threading.Thread(target=courier.serve, args=(over,), daemon=True).start()
    schedules = Schedules()
    while not over.is_set():
        try:
            with pinned_company(chosen_company()):
                busy = run_reactions() > 0
                busy = run_next_job() or busy
                schedules.run_due(now())
        except DBAPIError as problem:
            log.warning("database not ready: %s", problem)
            busy = False
        except Exception:
            log.exception("the worker goes on")
            busy = False
        if not busy:
            over.wait(PAUSE_SECONDS)


def _beat(over: threading.Event) -> None:
    while True:
        try:
            with transaction(chosen_company()) as session:
                actions.beat(session, process="worker", at=now())
        except DBAPIError as problem:
            log.warning("no heartbeat: %s", problem)
        if over.wait(BEAT_SECONDS):
            return


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    serve()
