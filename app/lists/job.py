"""A change of many records, deed by deed; one that was interrupted is taken up again and changes nothing twice."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.doors import ask, do_noting
from app.lists.changes import MOST_IN_ONE_DEED, bulk_changes
from app.lists.reading import in_words
from app.lists.register import list_called
from app.worker import JobRun
from db.jobs.actions import note_part
from db.jobs.queries import parts_done
from db.kernel.errors import BusinessError
from db.records.listing.changes import Changed


def run(job: JobRun) -> dict[str, Any]:
    """Do what `ask_for_bulk` asked for; return how many changed, why others did not, and the deeds.

    A part and the note that it is done are one transaction: a job that goes on leaves it, and tells its deed all the
    same, so that *Annuler* takes all of them back.
    """
    ids = [UUID(one) for one in job.arguments["ids"]]
    parts = ask(job.by, parts_done, job_id=job.id)
    for start in range(0, len(ids), MOST_IN_ONE_DEED):
        job.progress(start, len(ids), "Modification en cours")
        if start not in parts:
            parts[start] = _change(job, start, ids[start : start + MOST_IN_ONE_DEED])
    job.progress(len(ids), len(ids), "Terminé")
    return _together(parts)


def _change(job: JobRun, start: int, ids: list[UUID]) -> dict[str, Any]:
    """Change some records in one deed; return what came of it."""
    given = job.arguments
    kind = list_called(str(given["list"]))
    changes = bulk_changes(kind, job.by, str(given["verb"]), str(given["value"]), ids)
    try:
        changed: Changed = do_noting(job.by, kind.change, _noting(job, start), changes=changes)
    except BusinessError as refusal:
        return {"done": 0, "deed": "", "reasons": {in_words(job.by, refusal): len(ids)}}
    return _outcome(changed)


def _noting(job: JobRun, start: int) -> Callable[[Session, Changed], None]:
    note = partial(note_part, job_id=job.id, attempt=job.attempt, number=start)
    return lambda session, changed: note(session, result=_outcome(changed))


def _outcome(changed: Changed) -> dict[str, Any]:
    reasons = Counter(one.message_id.format(**one.params) for one in changed.refused)
    return {"done": len(changed.done), "deed": str(changed.deed_id), "reasons": dict(reasons)}


def _together(parts: dict[int, dict[str, Any]]) -> dict[str, Any]:
    found = [parts[start] for start in sorted(parts)]
    reasons = sum((Counter(part["reasons"]) for part in found), Counter[str]())
    return {
        "done": sum(part["done"] for part in found),
        "refused": reasons.total(),
        "reasons": reasons.most_common(8),
        "deeds": [part["deed"] for part in found if part["deed"]],
    }
