"""What a job is allowed to become."""

from datetime import timedelta
from enum import StrEnum

from db.kernel.errors import BusinessError
from db.kernel.lifecycle import Lifecycle


class JobState(StrEnum):
    """Where a piece of long work stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LogLevel(StrEnum):
    """How much a line of a job's log matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


JOB_LIFE = Lifecycle[JobState](
    "travail",
    {
        JobState.WAITING: frozenset({JobState.RUNNING, JobState.CANCELLED}),
        JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.WAITING}),
        JobState.DONE: frozenset(),
        JobState.FAILED: frozenset({JobState.WAITING}),
        JobState.CANCELLED: frozenset({JobState.WAITING}),
    },
)

LEASE = timedelta(seconds=60)  # a worker that says nothing for so long is taken for dead
MOST_ATTEMPTS = 3


class JobCancelled(BusinessError):
    """Somebody asked to stop; the job undid or kept what its kind says."""


class JobTakenOver(RuntimeError):
    """Another worker goes on with the job: the one that was taken for dead must write nothing more."""


def check_attempt(now: int, mine: int) -> None:
    """Refuse what a worker reports of a job that has been given to another one.

    Raises:
        JobTakenOver: it has.
    """
    if now != mine:
        raise JobTakenOver(f"attempt {mine} reports, attempt {now} is at work")


def can_retry(state: JobState) -> bool:
    """Test if a job may be asked for again."""
    return JobState.WAITING in JOB_LIFE.next(state) and state is not JobState.RUNNING


def can_cancel(state: JobState) -> bool:
    """Test if a job may be asked to stop."""
    return state in (JobState.WAITING, JobState.RUNNING)
