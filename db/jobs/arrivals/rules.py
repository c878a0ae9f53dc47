"""One company arrives at a time."""

from collections.abc import Iterable

from db.jobs.rules import JobState, can_cancel
from db.kernel.errors import NotAllowed


class ImportUnderWay(NotAllowed):
    """An exported company is being put in place."""


def check_none_open(states: Iterable[JobState]) -> None:
    """Refuse while an import waits or runs.

    Raises: ImportUnderWay.
    """
    if any(can_cancel(state) for state in states):
        raise ImportUnderWay("Un import est en cours : attendez sa fin ou arrêtez-le.")
