"""The worker's part of exports: write one, and let those go whose day is over."""

from typing import Any

from app.doors import now
from app.exchange.kept import export_folder, forget_exports, forget_unfinished
from app.exchange.write import export_company
from app.sealing import seal_everything
from app.text import SWITZERLAND
from app.worker import JobRun
from db.access.rules import Actor, system_actor
from db.session import open_company


def run(run: JobRun) -> dict[str, Any]:
    """Write the open company into a file that stays for a day. The chain is sealed first.

    One is written at a time: what a killed worker had begun goes.
    """
    forget_unfinished()
    seal_everything(system_actor())
    at = now()
    name = f"{open_company()}-{at.astimezone(SWITZERLAND):%Y%m%d-%H%M%S}.zip"
    manifest = export_company(export_folder() / name, at=at, progress=run.progress)
    return {"name": name, "rows": sum(table.rows for table in manifest.tables.values()), "files": len(manifest.files)}


def forget_old(by: Actor) -> None:
    """Delete exports after a day."""
    forget_exports(at=now())
