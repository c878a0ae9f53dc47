"""What screens show now, what was announced and when, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import SQLModel

from db.access.evidence.hashing import register_source
from db.kernel.guards import AppendOnly, guard
from db.kernel.record import Instant, Record, personal, plain, uuid7


class CurrentPrediction(SQLModel, table=True):
    """The one prediction about a subject that screens show; `version_id` is empty on the rung of the segment rate."""

    __tablename__ = "current_prediction"
    __table_args__ = (
        CheckConstraint("probability > 0 and probability < 1", name="never_0_or_100_percent"),
        CheckConstraint(
            "low <= probability and probability <= high",
            name="interval_holds_the_value",
        ),
        Index("prediction_in_order", "model", "subject_kind", "probability", "subject_id"),
        Index("prediction_of_version", "version_id"),
    )
    model: str = plain(primary_key=True)
    subject_kind: str = plain(primary_key=True)
    subject_id: UUID = plain(primary_key=True)
    probability: float = plain(nullable=False)
    low: float = plain(nullable=False)
    high: float = plain(nullable=False)
    rung: str = plain(nullable=False)
    n_similar: int = plain(nullable=False)
    n_similar_won: int = plain(nullable=False)
    reasons: list[dict[str, Any]] = personal(sa_type=JSON, nullable=False)
    version_id: UUID | None = plain(default=None, foreign_key="model_version.id")
    version: int | None = plain(default=None)
    scored_at: datetime = plain(sa_type=Instant, nullable=False)


class PredictionLog(SQLModel, table=True):
    """A prediction that was first made, moved by a point or more, was shown, or was acted on."""

    __tablename__ = "prediction_log"
    __table_args__ = (Index("prediction_log_of_subject", "model", "subject_id", "at"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    model: str = plain(nullable=False)
    subject_kind: str = plain(nullable=False)
    subject_id: UUID = plain(nullable=False)
    version_id: UUID | None = plain(default=None)
    probability: float = plain(nullable=False)
    rung: str = plain(nullable=False)
    occasion: str = plain(nullable=False)
    by_id: UUID | None = plain(default=None)
    at: datetime = plain(sa_type=Instant, nullable=False)
    evidence_id: UUID | None = plain(default=None)


class SubjectOutcome(SQLModel, table=True):
    """What became of a subject, as its own area says; kept here so that the hit rate is one query."""

    __tablename__ = "subject_outcome"
    subject_kind: str = plain(primary_key=True)
    subject_id: UUID = plain(primary_key=True)
    happened: bool = plain(nullable=False)
    known_at: datetime = plain(sa_type=Instant, nullable=False)


class RescoreWanted(SQLModel, table=True):
    """A subject whose facts changed since it was scored; gone once it is scored again."""

    __tablename__ = "rescore_wanted"
    model: str = plain(primary_key=True)
    subject_kind: str = plain(primary_key=True)
    subject_id: UUID = plain(primary_key=True)
    at: datetime = plain(sa_type=Instant, nullable=False)


class PredictionFeedback(Record, table=True):
    """A person's word on a prediction, with her reason: the next label."""

    __tablename__ = "prediction_feedback"
    model: str = plain(nullable=False)
    subject_kind: str = plain(nullable=False)
    subject_id: UUID = plain(nullable=False, index=True)
    version_id: UUID | None = plain(default=None)
    probability: float = plain(nullable=False)
    agrees: bool = plain(nullable=False)
    reason: str = personal(nullable=False)
    by_id: UUID = plain(nullable=False)
    given_at: datetime = plain(sa_type=Instant, nullable=False)


class ScoringRun(SQLModel, table=True):
    """Every score of a version at one moment, as a Parquet file by its hash; what a rollback restores."""

    __tablename__ = "scoring_run"
    __table_args__ = (Index("scoring_run_of_version", "version_id", "at"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    model: str = plain(nullable=False)
    version_id: UUID | None = plain(default=None, foreign_key="model_version.id")
    kind: str = plain(nullable=False)
    rows: int = plain(nullable=False)
    sha256: str = plain(nullable=False)
    at: datetime = plain(sa_type=Instant, nullable=False)
    evidence_id: UUID | None = plain(default=None)


guard(AppendOnly("prediction_log"))
guard(AppendOnly("prediction_feedback"))
guard(AppendOnly("scoring_run"))
LOGGED = (
    "id",
    "model",
    "subject_kind",
    "subject_id",
    "version_id",
    "probability",
    "rung",
    "occasion",
    "by_id",
    "at",
)
register_source("prediction_log", LOGGED)
register_source("scoring_run", ("id", "model", "version_id", "kind", "rows", "sha256", "at"))
