"""The job functions of imports."""

from typing import Any
from uuid import UUID

from app.doors import ask, do
from app.imports import steps
from app.worker import JobRun
from db.documents.imports.actions import resume_import
from db.documents.imports.queries import import_status
from db.documents.imports.rules import ImportState


def inspect(run: JobRun) -> dict[str, Any]:
    """Look at a file that was handed in."""
    steps.look(UUID(run.arguments["import_id"]), by=run.by)
    return {}


def check(run: JobRun) -> dict[str, Any]:
    """Read every row and say what is wrong."""
    counts = steps.check(UUID(run.arguments["import_id"]), by=run.by, watch=run)
    return {"created": counts.created, "updated": counts.updated, "refused": counts.refused}


def run(run: JobRun) -> dict[str, Any]:
    """Write the rows; a job that was started again goes on where it stopped."""
    import_id = UUID(run.arguments["import_id"])
    done = ask(run.by, import_status, import_id=import_id, by=run.by)
    if done.state is not ImportState.DONE:  # else the worker died after the last row, before it could say so
        do(run.by, resume_import, import_id=import_id)
        done = steps.write(import_id, by=run.by, watch=run)
    return {"created": done.created, "updated": done.updated, "refused": done.refused}


def undo(run: JobRun) -> dict[str, Any]:
    """Undo an import; a job that was started again goes on where it stopped, and one that had ended says so again."""
    import_id = UUID(run.arguments["import_id"])
    stands = ask(run.by, import_status, import_id=import_id, by=run.by)
    if stands.state is ImportState.UNDONE:
        return dict(stands.undo_result or {})
    return steps.undo(import_id, by=run.by, watch=run)
