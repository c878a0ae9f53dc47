"""Setting up the ways that opportunities go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.company.tables import Company
from db.access.gate import gate
from db.access.rules import Actor
from db.crm.pipelines.queries import pipelines
from db.crm.pipelines.rules import (
    FIRST_PIPELINE,
    FIRST_REASONS,
    BadPipeline,
    PipelineDraft,
    StageDraft,
    check_pipeline,
    check_reasons,
)
from db.crm.pipelines.tables import LostReason, Pipeline, PipelineStage
from db.kernel.errors import ChangedMeanwhile, NotAllowed, NotFound
from db.kernel.findings import Finding

MANAGE = "crm.manage_pipelines"


@gate(MANAGE)
def add_pipeline(session: Session, *, draft: PipelineDraft, by: Actor, at: datetime) -> UUID:
    """Add a pipeline behind the others; return its id.

    Raises: BadPipeline.
    """
    draft = check_pipeline(draft)
    _check_name(session, draft.name, but=None)
    last = session.scalar(select(func.max(Pipeline.position)))
    row = Pipeline(name=draft.name, position=0 if last is None else last + 1)
    session.add(row)
    session.flush()
    _keep_stages(session, row.id, draft.stages, {}, at)
    return row.id


@gate(MANAGE)
def change_pipeline(
    session: Session, *, pipeline_id: UUID, draft: PipelineDraft, expected_version: int, by: Actor, at: datetime
) -> int:
    """Give a pipeline its name and stages; a stage that is left out is retired. Return the new version.

    Raises: NotFound, ChangedMeanwhile, BadPipeline.
    """
    draft = check_pipeline(draft)
    row = _locked(session, pipeline_id)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Ce parcours a été modifié entre-temps ; vos valeurs n’ont pas été enregistrées.")
    _check_name(session, draft.name, but=pipeline_id)
    theirs = {one.id: one for one in _stages(session, pipeline_id)}
    if {one.stage_id for one in draft.stages if one.stage_id} - theirs.keys():
        raise BadPipeline([Finding("stages", "Cette étape n’existe pas ou plus.")])
    row.name = draft.name
    row.updated_at = at  # two who change the same stages at once notice each other
    _keep_stages(session, pipeline_id, draft.stages, theirs, at)
    session.flush()
    return row.row_version


@gate(MANAGE)
def retire_pipeline(session: Session, *, pipeline_id: UUID, by: Actor, at: datetime) -> None:
    """Use a pipeline no longer. The deals that stand in it stay there until they are moved.

    Raises: NotFound, NotAllowed: it is the last one.
    """
    row = _locked(session, pipeline_id)
    if len(pipelines(session)) == 1:
        raise NotAllowed("C’est le dernier parcours : il en faut un pour ouvrir des affaires.")
    row.retired_at = at
    for stage in _stages(session, pipeline_id):
        stage.retired_at = stage.retired_at or at


@gate(MANAGE)
def choose_lost_reasons(session: Session, *, names: Sequence[str], by: Actor, at: datetime) -> None:
    """Set the reasons for which deals can be lost, in their order; those left out are no longer offered.

    Raises: BadPipeline.
    """
    wanted = check_reasons(names)
    known = {row.name.casefold(): row for row in session.scalars(select(LostReason))}
    for position, name in enumerate(wanted):
        row = known.get(name.casefold())
        if row is None:
            session.add(LostReason(name=name, position=position))
        else:
            row.name, row.position, row.retired_at = name, position, None
    chosen = {name.casefold() for name in wanted}
    for key, row in known.items():
        if key not in chosen and row.retired_at is None:
            row.retired_at = at


@gate("crm.begin_pipelines")
def begin_pipelines(session: Session, *, by: Actor, at: datetime) -> None:
    """Give a firm that has no pipeline the usual one, and reasons for losses; two who do it at once make one."""
    session.execute(select(col(Company.id)).with_for_update())
    if session.scalar(select(func.count()).select_from(Pipeline)) == 0:
        add_pipeline(session, draft=FIRST_PIPELINE, by=by, at=at)
    if session.scalar(select(func.count()).select_from(LostReason)) == 0:
        choose_lost_reasons(session, names=FIRST_REASONS, by=by, at=at)


def _keep_stages(
    session: Session,
    pipeline_id: UUID,
    wanted: Sequence[StageDraft],
    theirs: Mapping[UUID, PipelineStage],
    at: datetime,
) -> None:
    for position, one in enumerate(wanted):
        row = theirs.get(one.stage_id) if one.stage_id else None
        if row is None:
            row = PipelineStage(pipeline_id=pipeline_id, name=one.name, position=position, chance=one.chance)
            session.add(row)
        row.name, row.position, row.chance = one.name, position, one.chance
        row.demands, row.patience_days, row.retired_at = list(one.demands), one.patience_days, None
    kept = {one.stage_id for one in wanted}
    for stage_id, row in theirs.items():
        if stage_id not in kept and row.retired_at is None:
            row.retired_at = at


def _stages(session: Session, pipeline_id: UUID) -> list[PipelineStage]:
    return list(session.scalars(select(PipelineStage).where(col(PipelineStage.pipeline_id) == pipeline_id)))


def _locked(session: Session, pipeline_id: UUID) -> Pipeline:
    row = session.get(Pipeline, pipeline_id, with_for_update=True, populate_existing=True)
    if row is None or row.retired_at is not None:
        raise NotFound("Ce parcours n’existe pas ou plus.")
    return row


def _check_name(session: Session, name: str, *, but: UUID | None) -> None:
    same = [one for one in pipelines(session) if one.name.casefold() == name.casefold() and one.pipeline_id != but]
    if same:
        raise BadPipeline([Finding("name", "Un parcours s’appelle déjà « {name} ».", {"name": name})])
