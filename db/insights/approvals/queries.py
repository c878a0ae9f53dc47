"""What was decided about versions, by whom and why, and how far the work that follows is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.insights.approvals.rules import Verdict
from db.insights.approvals.tables import ModelDecision
from db.insights.proposals.queries import VersionFacts, find_version, versions
from db.insights.proposals.rules import VersionState
from db.insights.proposals.tables import ModelVersion
from db.jobs.queries import JobStatus, job_status
from db.jobs.tables import Job


@dataclass(frozen=True)
class DecisionFacts:
    """One decision; `alone` = made by the author, nobody else being there."""

    version_id: UUID
    version: int
    verdict: Verdict
    reason: str
    by_id: UUID
    by_name: str
    alone: bool
    decided_at: datetime


@readable("insights.read_models")
def decisions(session: Session, *, model: str) -> Sequence[DecisionFacts]:
    """Return every decision about a model, newest first."""
    wanted = (
        select(ModelDecision, ModelVersion.version)
        .join(ModelVersion, col(ModelVersion.id) == ModelDecision.version_id)
        .where(ModelVersion.model == model)
        .order_by(col(ModelDecision.decided_at).desc(), col(ModelDecision.id).desc())
    )
    return [_facts(row, number) for row, number in session.exec(wanted)]


def _facts(row: ModelDecision, number: int) -> DecisionFacts:
    return DecisionFacts(
        version_id=row.version_id,
        version=number,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        by_id=row.by_id,
        by_name=row.by_name,
        alone=row.alone,
        decided_at=row.decided_at,
    )


@readable("insights.read_models")
def work_under_way(session: Session, *, version_id: UUID) -> JobStatus | None:
    """Return how the checks or the putting into service of a version stand; None when none was ever asked."""
    row = find_version(session, version_id)
    job = session.get(Job, row.job_id) if row.job_id else None
    return job_status(session, job_id=job.id, asked_by=job.asked_by) if job else None


def _of(session: Session, version_id: UUID) -> Sequence[ModelDecision]:
    wanted = select(ModelDecision).where(ModelDecision.version_id == version_id)
    return session.exec(wanted.order_by(col(ModelDecision.decided_at).desc())).all()


def last_decision(session: Session, version_id: UUID) -> ModelDecision | None:
    """Return the newest decision about a version."""
    found = _of(session, version_id)
    return found[0] if found else None


def version_before(session: Session, *, model: str) -> VersionFacts | None:
    """Return the version that was live before the present one; None when there is none."""
    retired = [
        facts
        for facts in versions(session, model=model)
        if facts.state is VersionState.RETIRED and facts.retired_at is not None
    ]
    return max(retired, key=lambda facts: facts.retired_at or facts.handed_in_at, default=None)


@readable("insights.read_models")
def previous_version(session: Session, *, model: str) -> VersionFacts | None:
    """Return the version that *Revenir à la version précédente* would restore; None when there is none."""
    return version_before(session, model=model)
