"""An exported company that a browser brought to an empty installation: kept beside, then put in place by the worker.

Whoever brought it holds a token in a cookie; its hash stands in the job. With it she follows the job and, at its end,
lets an administrator of the company choose a password. A worker that is killed begins again with the kept archive, or
finds in the database itself (a part of the job, written with all the rows) that the company is in place.
"""

import secrets
import shutil
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from app.access import setup_link
from app.doors import ask, do
from app.exchange.people import forget_second_factors
from app.exchange.place import import_company
from app.worker import JobRun
from db.access.company.queries import company
from db.access.people.tokens.rules import new_token, token_hash
from db.access.rules import system_actor
from db.jobs.arrivals.actions import ask_for_company_import
from db.jobs.arrivals.queries import arrivals
from db.jobs.queries import JobStatus, parts_done
from db.jobs.rules import can_cancel
from db.schema import metadata
from db.session import data_folder

ARCHIVE = "export.zip"
PIECE = 1 << 20
IN_PLACE = 0  # the part of the job that says: the company is there


def folder_of(name: str) -> Path:
    """Return where an archive waits."""
    return data_folder() / "arrivals" / name


def take_in(content: BinaryIO) -> str:
    """Keep what a browser sends and have it put in place; return the token with which its bringer follows.

    Raises: ImportUnderWay.
    """
    name, claim = secrets.token_hex(8), new_token()
    folder = folder_of(name)
    folder.mkdir(parents=True, mode=0o700)
    try:
        with (folder / ARCHIVE).open("wb") as out:
            shutil.copyfileobj(content, out, PIECE)
        do(system_actor("screen"), ask_for_company_import, folder=name, claim=token_hash(claim))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _forget_others(name)
    return claim


def _forget_others(name: str) -> None:
    """Delete the archives of imports that were stopped before they began: one arrives at a time."""
    for folder in folder_of("").iterdir():
        if folder.name != name:
            shutil.rmtree(folder, ignore_errors=True)


def arrival_of(claim: str) -> JobStatus | None:
    """Return the import that somebody with this token brought."""
    if not claim:
        return None
    wanted = token_hash(claim)
    return next((one for one in ask(system_actor(), arrivals) if one.arguments.get("claim") == wanted), None)


def arrival_under_way() -> JobStatus | None:
    """Return the import that waits or runs."""
    return next((one for one in ask(system_actor(), arrivals) if can_cancel(one.state)), None)


class ArrivingJob:
    """Takes the importing job over into the company that it puts in place, with the note that it has done so."""

    def __init__(self, job_id: UUID) -> None:
        self.job_id = job_id
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def take(self, present: Connection) -> None:
        """Read the job and its log."""
        job, log = metadata.tables["job"], metadata.tables["job_log"]
        wanted = {"job": select(job).where(job.c.id == self.job_id), "job_log": select(log)}
        wanted["job_log"] = wanted["job_log"].where(log.c.job_id == self.job_id)
        self.rows = {name: [dict(row._mapping) for row in present.execute(query)] for name, query in wanted.items()}

    def give(self, fresh: Connection) -> None:
        """Write them, and that the company is in place."""
        part = {"job_id": self.job_id, "number": IN_PLACE, "result": {}}
        fresh.execute(delete(metadata.tables["job"]).where(metadata.tables["job"].c.id == self.job_id))
        for name, rows in {**self.rows, "job_part": [part]}.items():
            if rows:
                fresh.execute(insert(metadata.tables[name]), rows)


def run(run: JobRun) -> dict[str, Any]:
    """Put the company in place, once; whatever goes wrong, the installation stays empty and the archive goes."""
    folder = folder_of(str(run.arguments["folder"]))
    try:
        if IN_PLACE not in ask(system_actor(), parts_done, job_id=run.id):
            import_company(folder / ARCHIVE, progress=run.progress, carried=ArrivingJob(run.id), beside=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    forget_second_factors("job")
    setup_link.forget()
    firm = ask(system_actor(), company)
    return {"company": firm.name if firm is not None else ""}
