"""A change of many records, deed by deed; one that was interrupted is taken up again and changes nothing twice."""

from collections import Counter
from typing import Any
from uuid import UUID

from app.doors import do
from app.lists.changes import MOST_IN_ONE_DEED, bulk_changes
from app.lists.reading import in_words
from app.lists.register import list_called
from app.worker import JobRun
from db.kernel.errors import BusinessError
from db.records.listing.changes import Changed


def run(job: JobRun) -> dict[str, Any]:
    """Do what `ask_for_bulk` asked for; return how many changed, why others did not, and the deeds."""
    given = job.arguments
    kind = list_called(str(given["list"]))
    ids = [UUID(one) for one in given["ids"]]
    done, reasons, deeds = 0, Counter[str](), []
    for start in range(0, len(ids), MOST_IN_ONE_DEED):
        chunk = ids[start : start + MOST_IN_ONE_DEED]
        job.progress(start, len(ids), "Modification en cours")
        changes = bulk_changes(kind, job.by, str(given["verb"]), str(given["value"]), chunk)
        try:
            changed: Changed = do(job.by, kind.change, changes=changes)
        except BusinessError as refusal:
            reasons[in_words(job.by, refusal)] += len(chunk)
            continue
        done += len(changed.done)
        deeds.append(str(changed.deed_id))
        reasons.update(one.message_id.format(**one.params) for one in changed.refused)
    job.progress(len(ids), len(ids), "Terminé")
    return {"done": done, "refused": sum(reasons.values()), "reasons": reasons.most_common(8), "deeds": deeds}
