"""Pipelines, the board, targets and the forecast over the API."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.api.versions import IfMatch, expected_version, put_version
from app.doors import ask, do, now
from app.text import SWITZERLAND
from db.access.rules import Actor
from db.crm.opportunities.board.queries import board
from db.crm.pipelines import actions
from db.crm.pipelines.queries import PipelineFacts, all_stages, lost_reasons, pipelines
from db.crm.pipelines.rules import PipelineDraft, StageDraft
from db.crm.targets.actions import set_target
from db.crm.targets.queries import forecast
from db.kernel.errors import NotFound

router = APIRouter(tags=["Affaires"])
Reader = Annotated[Actor, Depends(allowed("crm.read_leads"))]
Manager = Annotated[Actor, Depends(allowed("crm.manage_pipelines"))]
Name = Annotated[str, Field(max_length=200)]


class Stage(BaseModel):
    """One stage; `chance` in per cent, `demands` are fields of an opportunity."""

    model_config = ConfigDict(extra="forbid")
    stage_id: UUID | None = None
    name: Name
    chance: int = Field(ge=-1000, le=1000)
    demands: list[Name] = Field(default=[], max_length=20)
    patience_days: int | None = Field(default=None, ge=-100000, le=100000)


class NewPipeline(BaseModel):
    """A pipeline with its stages in their order."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    stages: list[Stage] = Field(max_length=50)


class Pipeline(NewPipeline):
    """A pipeline as it is kept."""

    id: UUID
    row_version: int


class Reasons(BaseModel):
    """Reasons for which deals are lost, in their order."""

    model_config = ConfigDict(extra="forbid")
    names: list[Name] = Field(max_length=100)


class Card(BaseModel):
    """One opportunity of the board."""

    opportunity_id: UUID
    name: str
    party_name: str
    owner_name: str
    amount: Decimal | None
    next_step: str
    next_step_date: date | None
    expected_close: date | None
    days_here: int
    is_old: bool
    lacks_step: bool


class BoardColumn(BaseModel):
    """One stage with its first cards; without an id: opportunities that stand at no stage in use."""

    stage_id: UUID | None
    name: str
    count: int
    amount: Decimal | None
    weighted: Decimal | None
    cards: list[Card]


class Target(BaseModel):
    """What a person means to sell in the month of a day, in CHF."""

    model_config = ConfigDict(extra="forbid")
    user_id: UUID
    month: date
    amount: Decimal = Field(max_digits=20, decimal_places=4)


class Cell(BaseModel):
    """One person's month in CHF."""

    user_id: UUID | None
    month: date
    won: Decimal
    open: Decimal
    weighted: Decimal
    target: Decimal | None


class Forecast(BaseModel):
    """Months, their cells, and what they leave out (weighted, and how many)."""

    months: list[date]
    cells: list[Cell]
    undated: Decimal
    undated_count: int
    overdue: Decimal
    overdue_count: int


@router.get("/pipelines")
def list_pipelines(by: Reader) -> list[Pipeline]:
    """Les parcours de vente avec leurs étapes."""
    return [_answer(one) for one in ask(by, pipelines)]


@router.get("/pipelines/stages")
def list_stages(by: Reader) -> list[Stage]:
    """Toutes les étapes, aussi celles qui ne servent plus : les affaires closes les nomment encore."""
    return [_stage(one) for one in ask(by, all_stages)]


@router.post("/pipelines", status_code=201)
def create(by: Manager, given: NewPipeline, response: Response) -> Pipeline:
    """Ajouter un parcours."""
    made = do(by, actions.add_pipeline, draft=_draft(given))
    return _one(by, made, response)


@router.put("/pipelines/{pipeline_id}")
def change(
    by: Manager, pipeline_id: UUID, given: NewPipeline, response: Response, if_match: IfMatch = None
) -> Pipeline:
    """Donner à un parcours son nom et ses étapes ; une étape absente de la liste est retirée."""
    version = expected_version(if_match)
    do(by, actions.change_pipeline, pipeline_id=pipeline_id, draft=_draft(given), expected_version=version)
    return _one(by, pipeline_id, response)


@router.delete("/pipelines/{pipeline_id}", status_code=204)
def retire(by: Manager, pipeline_id: UUID) -> None:
    """Ne plus utiliser un parcours ; ses affaires restent à placer ailleurs."""
    do(by, actions.retire_pipeline, pipeline_id=pipeline_id)


@router.get("/lost-reasons")
def list_reasons(by: Reader) -> Reasons:
    """Les motifs de perte que l'on compte."""
    return Reasons(names=[one.name for one in ask(by, lost_reasons)])


@router.put("/lost-reasons")
def set_reasons(by: Manager, given: Reasons) -> Reasons:
    """Choisir les motifs de perte, dans leur ordre."""
    do(by, actions.choose_lost_reasons, names=given.names)
    return list_reasons(by)


@router.get("/pipelines/board")
def read_board(by: Reader, pipeline_id: UUID | None = None, owner_id: UUID | None = None) -> list[BoardColumn]:
    """Les affaires en cours étape par étape, avec totaux et totaux pondérés ; de chacune les cinquante premières."""
    found = ask(by, board, pipeline_id=pipeline_id, owner_id=owner_id, at=now(), by=by)
    return [
        BoardColumn(
            stage_id=one.stage.stage_id if one.stage else None,
            name=one.stage.name if one.stage else "",
            count=one.count,
            amount=one.amount,
            weighted=one.weighted,
            cards=[Card(**vars(card)) for card in one.cards],
        )
        for one in found.columns
    ]


@router.get("/forecast")
def read_forecast(by: Reader, first: date | None = None, months: Annotated[int, Query(ge=1, le=24)] = 6) -> Forecast:
    """Signé, attendu (pondéré par l'étape) et objectif, par mois et par personne."""
    begin = first or now().astimezone(SWITZERLAND).date()
    found = ask(by, forecast, first=begin, months=months, by=by)
    told = {name: getattr(found, name) for name in Forecast.model_fields if name != "cells"}
    return Forecast(**told, cells=[Cell(**vars(cell)) for cell in found.cells])


@router.put("/sales-targets", status_code=204)
def put_target(by: Manager, given: Target) -> None:
    """Fixer ce qu'une personne veut vendre dans un mois."""
    do(by, set_target, user_id=given.user_id, month=given.month, amount=given.amount)


def _draft(given: NewPipeline) -> PipelineDraft:
    stages = [
        StageDraft(one.name, one.chance, tuple(one.demands), one.patience_days, one.stage_id) for one in given.stages
    ]
    return PipelineDraft(given.name, tuple(stages))


def _answer(one: PipelineFacts) -> Pipeline:
    return Pipeline(
        id=one.pipeline_id, name=one.name, row_version=one.row_version, stages=[_stage(stage) for stage in one.stages]
    )


def _stage(one: object) -> Stage:
    return Stage(**{name: getattr(one, name) for name in Stage.model_fields})


def _one(by: Actor, pipeline_id: UUID, response: Response) -> Pipeline:
    found = next((one for one in ask(by, pipelines) if one.pipeline_id == pipeline_id), None)
    if found is None:
        raise NotFound("Ce parcours n’existe pas ou plus.")
    put_version(response, found.row_version)
    return _answer(found)
