"""Ask for backups and restores; what is downloaded and restored is told in the trail. The files are the edge's."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.company.queries import find_company
from db.access.gate import gate
from db.access.rules import Actor
from db.jobs.actions import ask_for_job
from db.kernel.errors import BadInput

MAKE, CHECK, RESTORE = "backup.make", "backup.check", "backup.restore"


@gate("access.manage_backups")
def ask_for_backup(session: Session, *, by: Actor, at: datetime, kind: str = "manual", once: str | None = None) -> UUID:
    """Have a backup made; return the job."""
    return ask_for_job(session, kind=MAKE, arguments={"kind": kind}, by=by, at=at, once=once)


@gate("access.manage_backups")
def ask_for_check(session: Session, *, name: str, by: Actor, at: datetime, once: str | None = None) -> UUID:
    """Have a backup restored beside, to see that it can be; return the job."""
    return ask_for_job(session, kind=CHECK, arguments={"name": name}, by=by, at=at, once=once)


@gate("access.manage_backups", fresh=True)
def ask_for_restore(session: Session, *, name: str, typed: str, by: Actor, at: datetime) -> UUID:
    """Have the present replaced by a backup; the person typed the firm's name. Return the job.

    Raises:
        BadInput: she typed another one.
    """
    firm = find_company(session)
    if firm is None or " ".join(typed.split()) != firm.name:
        raise BadInput("Pour confirmer, écrivez la raison sociale exactement : {name}.", name=firm.name if firm else "")
    return ask_for_job(session, kind=RESTORE, arguments={"name": name, "asked_by_name": by.name}, by=by, at=at)


@gate("access.export_everything", fresh=True)
def note_download(session: Session, *, name: str, by: Actor, at: datetime) -> None:
    """Tell in the trail that a person took a backup, which holds everything."""


@gate("access.manage_backups")
def note_restore(session: Session, *, name: str, by: Actor, at: datetime) -> None:
    """Tell in the trail of the restored firm that it was restored, and by whom."""
