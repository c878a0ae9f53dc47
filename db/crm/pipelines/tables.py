"""Pipelines, their stages, and the reasons for which deals are lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index

from db.kernel.record import Instant, Record, plain


class Pipeline(Record, table=True):
    """One way that opportunities go."""

    __tablename__ = "pipeline"
    __table_args__ = (CheckConstraint("name <> ''", name="pipeline_name"),)
    name: str = plain(nullable=False)
    position: int = plain(nullable=False)
    retired_at: datetime | None = plain(sa_type=Instant, default=None)


class PipelineStage(Record, table=True):
    """One stage of a pipeline. What was retired keeps its name for the deals that went through it."""

    __tablename__ = "pipeline_stage"
    __table_args__ = (
        CheckConstraint("name <> ''", name="pipeline_stage_name"),
        CheckConstraint("chance between 1 and 99", name="pipeline_stage_chance"),
        CheckConstraint("patience_days is null or patience_days >= 1", name="pipeline_stage_patience"),
        Index("pipeline_stage_in_order", "pipeline_id", "position"),
    )
    pipeline_id: UUID = plain(foreign_key="pipeline.id", nullable=False)
    name: str = plain(nullable=False)
    position: int = plain(nullable=False)
    chance: int = plain(nullable=False)  # per cent
    demands: list[str] = plain(sa_type=JSON, default_factory=list, nullable=False)
    patience_days: int | None = plain(default=None)
    retired_at: datetime | None = plain(sa_type=Instant, default=None)


class LostReason(Record, table=True):
    """Why a deal can be lost, as it is counted."""

    __tablename__ = "lost_reason"
    __table_args__ = (CheckConstraint("name <> ''", name="lost_reason_name"),)
    name: str = plain(nullable=False)
    position: int = plain(nullable=False)
    retired_at: datetime | None = plain(sa_type=Instant, default=None)
