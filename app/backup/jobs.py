"""The worker's part of backups: make, check by restoring beside, restore; and the nights."""

from datetime import datetime, timedelta
from typing import Any

from app.backup.carried import RunningJob
from app.backup.check import problem_of
from app.backup.dump import back_up
from app.backup.places import NIGHTLY, Backup, backup_folder, backups, forget, note_check, path_of, remember, to_forget
from app.backup.restore import restore_while_running
from app.doors import ask, do, now
from app.sealing import seal_everything
from app.text import SWITZERLAND
from app.worker import JobRun
from db.access.company.queries import company
from db.access.rules import Actor, system_actor
from db.access.settings.queries import settings
from db.jobs.backups.actions import ask_for_backup, ask_for_check, note_restore
from db.kernel.errors import BusinessError
from db.session import DEMO, open_company


class NotRestorable(BusinessError):
    """A backup was made that could not be restored."""


def make(run: JobRun) -> dict[str, Any]:
    """Write a backup of the open company; let the nights' retention clear away what is no longer kept; have it checked.

    The chain is sealed first, so that the backup can be verified to its end.
    """
    seal_everything(system_actor())
    at, kind = now(), str(run.arguments.get("kind", "manual"))
    name = f"{open_company()}-{at.astimezone(SWITZERLAND):%Y%m%d-%H%M%S-%f}-{WORDS.get(kind, kind)}.tar.gz"
    manifest = back_up(backup_folder() / name, at=at, progress=run.progress)
    size = (backup_folder() / name).stat().st_size
    remember(Backup(name, manifest.company, manifest.made_at, size, sum(manifest.counts.values()), kind))
    removed = clear_away()
    do(run.by, ask_for_check, name=name, once=f"check-{name}")
    return {"name": name, "bytes": size, "removed": removed}


WORDS = {"manual": "manuelle", NIGHTLY: "nuit"}


def clear_away() -> list[str]:
    """Delete the nightly backups that no rule keeps; return their names."""
    chosen = ask(system_actor(), settings)
    nightly = [one for one in backups(open_company()) if one.kind == NIGHTLY]
    daily, weekly, monthly = (chosen[f"backup.{period}"] for period in ("daily", "weekly", "monthly"))
    gone = [one.name for one in to_forget(nightly, daily=daily, weekly=weekly, monthly=monthly)]
    for name in gone:
        forget(name)
    return gone


def check(run: JobRun) -> dict[str, Any]:
    """Restore a backup beside and note how that went.

    Raises:
        NotRestorable: it cannot be restored (the job fails, so that somebody is told).
    """
    name = str(run.arguments["name"])
    problem = problem_of(path_of(name), run.progress)
    note_check(name, at=now(), problem=problem)
    if problem:
        raise NotRestorable("La sauvegarde {name} ne se restaure pas : {problem}", name=name, problem=problem)
    return {"name": name}


def restore(run: JobRun) -> dict[str, Any]:
    """Replace the present by a backup, after a backup of the present; the trail of what comes back tells it."""
    name, at = str(run.arguments["name"]), now()
    seal_everything(system_actor())
    carried = RunningJob(run.id, at)
    done = restore_while_running(path_of(name), company=open_company(), at=at, carried=carried, progress=run.progress)
    if done.safety_copy is not None:
        size, rows = done.safety_copy.stat().st_size, 0
        remember(Backup(done.safety_copy.name, open_company(), at.isoformat(), size, rows, "before_restore"))
    do(run.by, note_restore, name=name)
    return {"name": name, "kept": done.safety_copy.name if done.safety_copy else "", "lost": list(done.to_enter_anew)}


# --- every night ------------------------------------------------------------------------------------------------------


def every_night(by: Actor) -> None:
    """Ask for the night's backup once its hour has come, and again every hour until there is one."""
    if open_company() == DEMO or ask(by, company) is None:
        return
    at = now()
    if is_due(at, hour=ask(by, settings)["backup.hour"], newest=newest_nightly()):
        local = at.astimezone(SWITZERLAND)
        do(by, ask_for_backup, kind=NIGHTLY, once=f"backup-{local:%Y%m%d-%H}")


def is_due(at: datetime, *, hour: int, newest: datetime | None) -> bool:
    """Test if the backup of the last night is missing."""
    local = at.astimezone(SWITZERLAND)
    begun = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    last_night = begun if begun <= local else begun - timedelta(days=1)
    return newest is None or newest < last_night


def newest_nightly() -> datetime | None:
    """Return when the newest nightly backup was made."""
    return next((one.at for one in backups(open_company()) if one.kind == NIGHTLY), None)
