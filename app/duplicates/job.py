"""The search for duplicates among all records of a kind, as a job."""

from typing import Any

from app.doors import do
from app.worker import JobRun
from db.records.duplicates.actions import keep_pairs
from db.records.duplicates.queries import dismissed_pairs, load_traits
from db.records.duplicates.rules import likely_pairs
from db.session import reading


def find(job: JobRun) -> dict[str, Any]:
    """Find the pairs that are likely the same and keep them for the page; return how many."""
    kind = str(job.arguments["kind"])
    job.progress(0, 3, "Lecture des fiches")
    with reading() as session:
        all_traits = list(load_traits(session, kind, by=job.by))
        dismissed = dismissed_pairs(session, kind=kind)
    job.progress(1, 3, "Comparaison")
    pairs = likely_pairs(all_traits, dismissed)
    job.progress(2, 3, "Enregistrement")
    kept = do(job.by, keep_pairs, kind=kind, pairs=pairs)
    job.progress(3, 3, "Terminé")
    return {"compared": len(all_traits), "found": kept}
