"""Versions that were handed in, and what the worker found when it checked them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import SQLModel

from db.access.evidence.hashing import register_source
from db.insights.proposals.rules import VersionState
from db.kernel.guards import AppendOnly, guard
from db.kernel.record import Instant, Record, Said, personal, plain, uuid7


class ModelVersion(Record, table=True):
    """One version as its author handed it in. Only its state and dates ever change; its figures are claims."""

    __tablename__ = "model_version"
    __table_args__ = (
        UniqueConstraint("model", "version"),
        UniqueConstraint("model", "manifest_sha256"),
        Index(
            "one_live_version",
            "model",
            unique=True,
            sqlite_where=text("state = 'live'"),
            postgresql_where=text("state = 'live'"),
        ),
    )
    model: str = plain(nullable=False)
    version: int = plain(nullable=False)
    state: str = plain(default=VersionState.DRAFT.value, nullable=False, index=True)
    author_id: UUID = plain(nullable=False, index=True)
    author_name: str = personal(nullable=False)
    note: str = personal(nullable=False)
    cutoff_at: datetime = plain(sa_type=Instant, nullable=False)
    data_fingerprint: str = plain(nullable=False)
    manifest_sha256: str = plain(nullable=False)
    notebook_sha256: str = plain(nullable=False)
    files: dict[str, str] = plain(sa_type=JSON, nullable=False)  # name → sha256
    packages: dict[str, str] = plain(sa_type=JSON, nullable=False)
    params: dict[str, Any] = plain(sa_type=JSON, nullable=False)
    columns: dict[str, Any] = plain(sa_type=JSON, nullable=False)
    claimed: dict[str, Any] = plain(sa_type=JSON, nullable=False)
    seed: int = plain(nullable=False)
    valid_until: datetime | None = plain(sa_type=Instant, default=None)
    handed_in_at: datetime = plain(sa_type=Instant, nullable=False)
    proposed_at: datetime | None = plain(sa_type=Instant, default=None)
    expires_at: datetime | None = plain(sa_type=Instant, default=None)
    live_at: datetime | None = plain(sa_type=Instant, default=None)
    retired_at: datetime | None = plain(sa_type=Instant, default=None)
    problem: str | None = plain(sa_type=Said, default=None)
    job_id: UUID | None = plain(default=None, tracked=False)  # the work that is under way for it


class ModelCheck(SQLModel, table=True):
    """What the worker recomputed on the company's own data; written once, the only figures that people see."""

    __tablename__ = "model_check"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    version_id: UUID = plain(foreign_key="model_version.id", nullable=False, unique=True)
    measured: dict[str, Any] = plain(sa_type=JSON, nullable=False)
    live_measured: dict[str, Any] | None = plain(sa_type=JSON, default=None)
    live_version_id: UUID | None = plain(default=None, foreign_key="model_version.id")
    baselines: dict[str, Any] = plain(sa_type=JSON, nullable=False)
    same_data: bool = plain(nullable=False)  # the fingerprint claimed is the one recomputed
    data_fingerprint: str = plain(nullable=False)
    report_sha256: str = plain(nullable=False)
    frozen_sha256: str | None = plain(default=None)
    frozen_problem: str | None = plain(sa_type=Said, default=None)
    checked_at: datetime = plain(sa_type=Instant, nullable=False)
    evidence_id: UUID | None = plain(default=None)


guard(
    AppendOnly(
        "model_version",
        free=(
            "state",
            "updated_at",
            "row_version",
            "proposed_at",
            "expires_at",
            "live_at",
            "retired_at",
            "problem",
            "job_id",
        ),
    )
)
guard(AppendOnly("model_check"))
register_source(
    "model_check",
    (
        "id",
        "version_id",
        "measured",
        "live_measured",
        "live_version_id",
        "baselines",
        "same_data",
        "data_fingerprint",
        "report_sha256",
        "frozen_sha256",
        "frozen_problem",
        "checked_at",
    ),
)
