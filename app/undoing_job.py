"""The worker's undoing of many records: portion by portion; one that was interrupted goes on and does nothing twice."""

from typing import Any
from uuid import UUID

from app.doors import ask, do
from app.worker import JobRun
from db.records.undo.many.actions import undo_part
from db.records.undo.many.queries import conflict_count, many_undone, rows_to_undo

PORTION = 100  # rows in one transaction


def run(job: JobRun) -> dict[str, Any]:
    """Undo deeds, the last first; return how many records came back, how many fields stayed, and by which deeds."""
    deeds = [UUID(one) for one in job.arguments["deeds"]]
    left = [(deed_id, ask(job.by, rows_to_undo, deed_id=deed_id)) for deed_id in reversed(deeds)]
    total, done = sum(len(rows) for _, rows in left), 0
    for deed_id, rows in left:
        for start in range(0, len(rows), PORTION):
            job.progress(done, total, "Annulation en cours")
            portion = rows[start : start + PORTION]
            do(job.by, undo_part, undoes=deed_id, rows=portion, job_id=job.id)
            done += len(portion)
    job.progress(total, total, "Terminé")
    undone = ask(job.by, many_undone, deeds=deeds)
    return {
        "done": undone.records,
        "kept": ask(job.by, conflict_count, job_id=job.id),
        "deeds": [str(one) for one in undone.deeds],
    }
