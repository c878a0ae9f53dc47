"""Which exported companies were brought to this installation, and how their import stands."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.jobs.queries import JobStatus, status_of
from db.jobs.tables import Job

KIND = "access.import_company"


@readable("access.import_company")
def arrivals(session: Session) -> Sequence[JobStatus]:
    """Return the imports of whole companies, newest first."""
    return [status_of(job) for job in session.exec(select(Job).where(Job.kind == KIND).order_by(col(Job.id).desc()))]
