"""How the newest verification of the history stands, for all who may read the history."""

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.jobs.checks.rules import KIND
from db.jobs.queries import JobStatus, status_of
from db.jobs.rules import JobState
from db.jobs.tables import Job


@readable("access.read_history")
def verification(session: Session, *, done: bool) -> JobStatus | None:
    """Return the newest verification, or the newest one that came to its end; None when there is none."""
    wanted = select(Job).where(Job.kind == KIND)
    if done:
        wanted = wanted.where(Job.state == JobState.DONE.value)
    found = session.exec(wanted.order_by(col(Job.id).desc()).limit(1)).first()
    return status_of(found) if found else None
