"""Questions about pipelines, stages and reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.crm.pipelines.tables import LostReason, Pipeline, PipelineStage
from db.kernel.errors import NotFound


@dataclass(frozen=True)
class StageFacts:
    """One stage; `chance` in per cent."""

    stage_id: UUID
    pipeline_id: UUID
    name: str
    position: int
    chance: int
    demands: tuple[str, ...]
    patience_days: int | None
    is_retired: bool


@dataclass(frozen=True)
class PipelineFacts:
    """One pipeline with the stages that are in use, in their order."""

    pipeline_id: UUID
    name: str
    row_version: int
    stages: Sequence[StageFacts]


@dataclass(frozen=True)
class ReasonFacts:
    """One reason for which deals are lost."""

    reason_id: UUID
    name: str


@readable("crm.read_pipelines")
def pipelines(session: Session) -> list[PipelineFacts]:
    """Return the pipelines in use, the usual one first."""
    stages = [one for one in all_stages(session) if not one.is_retired]
    wanted = select(Pipeline).where(col(Pipeline.retired_at).is_(None)).order_by(col(Pipeline.position))
    return [
        PipelineFacts(row.id, row.name, row.row_version, [one for one in stages if one.pipeline_id == row.id])
        for row in session.scalars(wanted)
    ]


@readable("crm.read_pipelines")
def all_stages(session: Session) -> list[StageFacts]:
    """Return every stage, also retired ones, pipeline by pipeline in their order."""
    wanted = (
        select(PipelineStage)
        .join(Pipeline, col(Pipeline.id) == col(PipelineStage.pipeline_id))
        .order_by(col(Pipeline.position), col(Pipeline.id), col(PipelineStage.position), col(PipelineStage.id))
    )
    return [stage_facts(row) for row in session.scalars(wanted)]


@readable("crm.read_pipelines")
def lost_reasons(session: Session) -> list[ReasonFacts]:
    """Return the reasons that may be chosen, in their order."""
    wanted = select(LostReason).where(col(LostReason.retired_at).is_(None)).order_by(col(LostReason.position))
    return [ReasonFacts(row.id, row.name) for row in session.scalars(wanted)]


def stage_named(session: Session, stage_id: UUID) -> StageFacts:
    """Return a stage that opportunities may be brought to.

    Raises: NotFound: there is none, or it is no longer used.
    """
    row = session.get(PipelineStage, stage_id)
    if row is None or row.retired_at is not None:
        raise NotFound("Cette étape n’existe pas ou plus.")
    return stage_facts(row)


def reason_named(session: Session, text: str) -> UUID | None:
    """Return the reason that a text begins with ("Prix : 12 % trop cher" is "Prix"); None for other words."""
    said = text.split(":")[0].strip().casefold()
    return next((one.reason_id for one in lost_reasons(session) if one.name.casefold() == said), None)


def first_stage(session: Session) -> StageFacts | None:
    """Return the stage at which an opportunity begins; None while the firm has no pipeline."""
    return next((stage for one in pipelines(session) for stage in one.stages), None)


def stage_facts(row: PipelineStage) -> StageFacts:
    """Return a stage as it is told."""
    return StageFacts(
        row.id,
        row.pipeline_id,
        row.name,
        row.position,
        row.chance,
        tuple(row.demands),
        row.patience_days,
        row.retired_at is not None,
    )
