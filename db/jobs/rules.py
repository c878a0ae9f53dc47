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
