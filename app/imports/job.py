"""The job functions of imports."""

from typing import Any
from uuid import UUID

from app.doors import do
from app.imports import steps
from app.worker import JobRun
from db.documents.imports.actions import resume_import


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
    do(run.by, resume_import, import_id=UUID(run.arguments["import_id"]))
    done = steps.write(UUID(run.arguments["import_id"]), by=run.by, watch=run)
    return {"created": done.created, "updated": done.updated, "refused": done.refused}


def undo(run: JobRun) -> dict[str, Any]:
    """Undo an import."""
    return steps.undo(UUID(run.arguments["import_id"]), by=run.by)
