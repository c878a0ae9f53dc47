"""Opportunities over the API: the list, one of them, and what may happen to it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.listing import ADDED, add_changes, add_list
from app.api.permission import allowed
from app.api.versions import IfMatch, expected_version, put_version
from app.doors import ask, do
from db.access.rules import Actor, may_see_field
from db.crm.opportunities.actions import (
    add_opportunity,
    edit_opportunity,
    lose_opportunity,
    move_opportunity,
    reopen_opportunity,
    win_opportunity,
)
from db.crm.opportunities.listing.actions import change_opportunities
from db.crm.opportunities.listing.queries import OPPORTUNITY_QUESTIONS, SOURCE, OpportunityRow
from db.crm.opportunities.queries import opportunity_facts
from db.crm.opportunities.rules import OpportunityDraft, OpportunityState
from db.records.custom_fields.rules import told_by_key

router = APIRouter(prefix="/opportunities", tags=["Affaires"])
Reader = Annotated[Actor, Depends(allowed("crm.read_leads"))]
Editor = Annotated[Actor, Depends(allowed("crm.edit_leads"))]


class Opportunity(BaseModel):
    """One opportunity; what the token's person may not see is null."""

    id: UUID
    row_version: int
    name: str
    state: OpportunityState
    lead_id: UUID | None
    party_id: UUID
    contact_id: UUID | None
    owner_id: UUID | None
    expected_amount: Decimal | None
    expected_close: date | None
    stage_id: UUID | None
    stage_since: datetime | None
    lost_reason_id: UUID | None
    opened_at: datetime
    closed_at: datetime | None
    closing_reason: str
    next_step: str
    next_step_date: date | None
    custom: dict[str, Any]


class OpportunityChanges(BaseModel):
    """What may be set by hand; only what is sent is changed."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, max_length=200)
    party_id: UUID | None = None
    contact_id: UUID | None = None
    owner_id: UUID | None = None
    expected_amount: Decimal | None = Field(default=None, ge=0, max_digits=15, decimal_places=2)
    expected_close: date | None = None
    next_step: str | None = Field(default=None, max_length=500)
    next_step_date: date | None = None
    custom: dict[str, Any] | None = Field(default=None, description=ADDED)


class NewOpportunity(OpportunityChanges):
    """A new opportunity with a company or a person."""

    name: str = Field(max_length=200)
    party_id: UUID


class Move(OpportunityChanges):
    """To which stage, and what the stage demands."""

    stage_id: UUID


class Closing(BaseModel):
    """Why an opportunity was won or lost."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(default="", max_length=500)


add_list(
    router,
    source=SOURCE,
    row=OpportunityRow,
    page=OPPORTUNITY_QUESTIONS.page,
    counts=OPPORTUNITY_QUESTIONS.counts,
    words="les affaires",
)
add_changes(router, permission="crm.edit_leads", action=change_opportunities, words="edit, win, lose, reopen")


@router.get("/{opportunity_id}")
def opportunity(by: Reader, opportunity_id: UUID, response: Response) -> Opportunity:
    """Lire une affaire ; `ETag` porte sa version."""
    return _answer(by, opportunity_id, response)


@router.post("", status_code=201)
def create(by: Editor, given: NewOpportunity, response: Response) -> Opportunity:
    """Ouvrir une affaire."""
    values = _filled(given.model_dump(exclude_unset=True))
    added = values.pop("custom", {})
    return _answer(by, do(by, add_opportunity, draft=OpportunityDraft(**values), custom=added), response)


@router.patch("/{opportunity_id}")
def change(
    by: Editor, opportunity_id: UUID, given: OpportunityChanges, response: Response, if_match: IfMatch = None
) -> Opportunity:
    """Modifier une affaire ouverte. `If-Match` répète l'`ETag` lu ; modifiée entre-temps, elle est refusée (412)."""
    values = _filled(given.model_dump(exclude_unset=True))
    version = expected_version(if_match)
    do(by, edit_opportunity, opportunity_id=opportunity_id, values=values, expected_version=version)
    return _answer(by, opportunity_id, response)


@router.post("/{opportunity_id}/move")
def move(by: Editor, opportunity_id: UUID, given: Move, response: Response) -> Opportunity:
    """Amener une affaire à une étape, avec les champs que l'étape demande ; un champ qui manque est nommé (422)."""
    values = _filled(given.model_dump(exclude_unset=True, exclude={"stage_id"}))
    do(by, move_opportunity, opportunity_id=opportunity_id, stage_id=given.stage_id, values=values)
    return _answer(by, opportunity_id, response)


@router.post("/{opportunity_id}/win")
def win(by: Editor, opportunity_id: UUID, given: Closing, response: Response) -> Opportunity:
    """Noter qu'une affaire est signée."""
    do(by, win_opportunity, opportunity_id=opportunity_id, reason=given.reason)
    return _answer(by, opportunity_id, response)


@router.post("/{opportunity_id}/lose")
def lose(by: Editor, opportunity_id: UUID, given: Closing, response: Response) -> Opportunity:
    """Noter qu'une affaire est perdue, avec le motif."""
    do(by, lose_opportunity, opportunity_id=opportunity_id, reason=given.reason)
    return _answer(by, opportunity_id, response)


@router.post("/{opportunity_id}/reopen")
def reopen(by: Editor, opportunity_id: UUID, response: Response) -> Opportunity:
    """Rouvrir une affaire close."""
    do(by, reopen_opportunity, opportunity_id=opportunity_id)
    return _answer(by, opportunity_id, response)


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    sent = {name: value for name, value in values.items() if name != "custom" or value is not None}
    return {name: "" if value is None and name in ("name", "next_step") else value for name, value in sent.items()}


def readable_opportunity(by: Actor, opportunity_id: UUID) -> Opportunity:
    """Return an opportunity as the person may read it."""
    found = ask(by, opportunity_facts, opportunity_id=opportunity_id, by=by)
    same = {name: getattr(found, name) for name in Opportunity.model_fields if name not in ("id", "custom")}
    if not may_see_field(by, "opportunity", "expected_amount"):
        same["expected_amount"] = None
    return Opportunity(id=found.opportunity_id, custom=told_by_key(found.custom), **same)


def _answer(by: Actor, opportunity_id: UUID, response: Response) -> Opportunity:
    found = readable_opportunity(by, opportunity_id)
    put_version(response, found.row_version)
    return found
