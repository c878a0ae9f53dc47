"""What screens show about subjects, how often such announcements were right, and which runs are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from db.access.gate import readable
from db.access.rules import Actor
from db.insights.predictions.rules import Announced, HitRate, Scored, hit_rates_of
from db.insights.predictions.tables import (
    CurrentPrediction,
    PredictionFeedback,
    PredictionLog,
    RescoreWanted,
    ScoringRun,
    SubjectOutcome,
)
from db.insights.proposals.queries import live_version as live_version
from db.records.reach.queries import check_record

LEAD = "lead"


@dataclass(frozen=True)
class PredictionFacts:
    """One prediction as shown; `version` None = the rate of the segment, before any model was approved."""

    subject_id: UUID
    probability: float
    low: float
    high: float
    rung: str
    n_similar: int
    n_similar_won: int
    reasons: Sequence[dict[str, Any]]
    version_id: UUID | None
    version: int | None
    scored_at: datetime


@dataclass(frozen=True)
class LogEntry:
    """One logged prediction about a subject."""

    probability: float
    rung: str
    version_id: UUID | None
    occasion: str
    at: datetime


@readable("insights.read_models")
def prediction(
    session: Session, *, model: str, subject_id: UUID, by: Actor, subject_kind: str = LEAD
) -> PredictionFacts | None:
    """Return what is shown about one subject that the reader reaches; None when nothing is.

    Raises: NotFound, NotAllowed.
    """
    if by.owners:  # who is not narrowed reaches every subject
        check_record(session, kind=subject_kind, record_id=subject_id, by=by)
    row = session.get(CurrentPrediction, (model, subject_kind, subject_id))
    return _facts(row) if row else None


@readable("insights.read_models")
def prediction_history(session: Session, *, model: str, subject_id: UUID, by: Actor) -> Sequence[LogEntry]:
    """Return what was announced about one subject that the reader reaches, newest first.

    Raises: NotFound, NotAllowed.
    """
    if by.owners:
        check_record(session, kind=LEAD, record_id=subject_id, by=by)
    wanted = select(PredictionLog).where(PredictionLog.model == model, PredictionLog.subject_id == subject_id)
    rows = session.exec(wanted.order_by(col(PredictionLog.at).desc(), col(PredictionLog.id).desc()))
    return [LogEntry(row.probability, row.rung, row.version_id, row.occasion, row.at) for row in rows]


@readable("insights.read_models")
def hit_rates(session: Session, *, model: str, version_id: UUID | None = None) -> Sequence[HitRate]:
    """Return how often each announced tenth came true.

    One case per subject: the last prediction logged strictly before its outcome was known (of one version, if given).
    """
    before: list[ColumnElement[bool]] = [
        col(PredictionLog.model) == model,
        col(PredictionLog.subject_kind) == SubjectOutcome.subject_kind,
        col(PredictionLog.subject_id) == SubjectOutcome.subject_id,
        col(PredictionLog.at) < SubjectOutcome.known_at,
    ]
    if version_id is not None:
        before.append(col(PredictionLog.version_id) == version_id)
    place = (
        func.row_number()
        .over(
            partition_by=(
                col(PredictionLog.subject_kind),
                col(PredictionLog.subject_id),
            ),
            order_by=(col(PredictionLog.at).desc(), col(PredictionLog.id).desc()),
        )
        .label("place")
    )
    ranked = (
        select(PredictionLog.probability, SubjectOutcome.happened, place)
        .select_from(PredictionLog)
        .join(SubjectOutcome, and_(*before))
        .subquery()
    )
    rows = session.execute(select(ranked.c.probability, ranked.c.happened).where(ranked.c.place == 1))
    return hit_rates_of(Announced(probability, happened) for probability, happened in rows)


@readable("insights.read_models")
def count_predictions(session: Session, *, model: str) -> int:
    """Count the subjects about which something is shown."""
    return session.exec(
        select(func.count()).select_from(CurrentPrediction).where(CurrentPrediction.model == model)
    ).one()


@readable("insights.read_models")
def feedback_counts(session: Session, *, model: str) -> tuple[int, int]:
    """Return how often people agreed and disagreed with a prediction."""
    wanted = select(PredictionFeedback.agrees, func.count()).where(PredictionFeedback.model == model)
    counts = dict(session.execute(wanted.group_by(col(PredictionFeedback.agrees))).all())
    return counts.get(True, 0), counts.get(False, 0)


@readable("insights.record_predictions")
def current_scores(session: Session, *, model: str, version_id: UUID | None) -> Sequence[Scored]:
    """Return everything that is shown of one version, by subject; exact."""
    return scores_of(session, model=model, version_id=version_id)


def scores_of(session: Session, *, model: str, version_id: UUID | None) -> list[Scored]:
    """Return everything that is shown of one version, by subject; exact."""
    t = CurrentPrediction.__table__.c  # type: ignore[attr-defined]
    fields = (t.subject_id, t.probability, t.low, t.high, t.rung, t.n_similar, t.n_similar_won, t.reasons)
    of_version = t.version_id.is_(None) if version_id is None else t.version_id == version_id
    wanted = select_columns(*fields).where(t.model == model, of_version).order_by(t.subject_id)
    return [Scored(*row) for row in session.execute(wanted)]


def last_run(session: Session, *, version_id: UUID) -> ScoringRun | None:
    """Return the newest run of a version: the one with which it was retired, else the one with which it began."""
    wanted = select(ScoringRun).where(ScoringRun.version_id == version_id)
    return session.exec(wanted.order_by(col(ScoringRun.at).desc(), col(ScoringRun.id).desc())).first()


@readable("insights.record_predictions")
def run_to_restore(session: Session, *, version_id: UUID) -> str | None:
    """Return the sha256 of the file from which a retired version is restored; None when it never scored."""
    run = last_run(session, version_id=version_id)
    return run.sha256 if run else None


def _facts(row: CurrentPrediction) -> PredictionFacts:
    return PredictionFacts(**{name: getattr(row, name) for name in PredictionFacts.__dataclass_fields__})


@readable("insights.record_predictions")
def wanted_rescores(session: Session, *, model: str) -> Sequence[tuple[UUID, datetime]]:
    """Return the subjects whose facts changed since they were scored, and when that was noticed last."""
    wanted = select(RescoreWanted.subject_id, RescoreWanted.at).where(RescoreWanted.model == model)
    return [(subject, at) for subject, at in session.exec(wanted.order_by(col(RescoreWanted.at)))]
