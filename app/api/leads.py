"""Leads over the API: the list with the address of the screen, one lead, and the same deeds.

Changes name the version they were made on (`If-Match`), so that nobody overwrites another's.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.instants import check_aware
from app.api.listing import add_changes
from app.api.permission import allowed
from app.api.versions import IfMatch, expected_version, put_version
from app.doors import ask, do, now
from db.access.rules import Actor
from db.crm.leads.actions import (
    convert_lead,
    create_lead,
    edit_lead,
    lose_lead,
    note_exchange,
    reopen_lead,
    take_lead,
)
from db.crm.leads.listing.actions import change_leads
from db.crm.leads.listing.rules import ListRow, read_request
from db.crm.leads.queries import LeadDetail, Score, lead_detail, lead_page
from db.crm.leads.rules import KIND, SCORE, LeadDraft, LeadState
from db.crm.leads.trail.queries import OthersChange, others_changes
from db.insights.predictions.actions import give_feedback
from db.insights.told.queries import ToldPrediction, told_predictions
from db.records.custom_fields.rules import told
from db.records.timeline.rules import StoryPart

router = APIRouter(prefix="/leads", tags=["Pistes"])
Reader = Annotated[Actor, Depends(allowed("crm.read_leads"))]
Editor = Annotated[Actor, Depends(allowed("crm.edit_leads"))]


add_changes(router, permission="crm.edit_leads", action=change_leads, words="edit, assign, lose, …")


class Prediction(BaseModel):
    """What the model in service says of a lead: P(signs), its interval, the reasons in percentage points."""

    probability: float
    low: float
    high: float
    rung: str
    n_similar: int
    n_similar_won: int
    reasons: list[dict[str, Any]]
    version: int | None
    scored_at: datetime


class Lead(BaseModel):
    """One lead; `custom` holds the fields that the token's person may read."""

    id: UUID
    row_version: int
    name: str
    person_name: str
    company_name: str
    email: str
    phone: str
    street: str
    house_number: str
    postal_code: str
    city: str
    canton: str
    source: str
    state: LeadState
    owner_id: UUID | None
    expected_amount: Decimal | None
    next_step: str
    next_step_date: date | None
    received_at: datetime
    closed_at: datetime | None
    lost_reason: str
    exchanges: int
    last_exchange_at: datetime | None
    opportunity_id: UUID | None
    custom: dict[str, Any]
    prediction: Prediction | None


class LeadLine(BaseModel):
    """One lead as the list holds it."""

    id: UUID
    row_version: int
    name: str
    person_name: str
    company_name: str
    email: str
    phone: str
    postal_code: str
    city: str
    canton: str
    source: str
    state: LeadState
    owner_id: UUID | None
    expected_amount: Decimal | None
    next_step: str
    next_step_date: date | None
    received_at: datetime
    closed_at: datetime | None
    exchanges: int
    custom: dict[str, Any]
    probability: float | None
    low: float | None
    high: float | None


class LeadList(BaseModel):
    """One page. `next` is the `cursor` of the page that follows; counts are exact, absent on the pages that follow."""

    leads: list[LeadLine]
    next: str | None
    total: int | None
    counts: dict[str, dict[str, int]] | None


class Changes(BaseModel):
    """What may be set by hand; only what is sent is changed. `custom` is merged key by key."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, max_length=200)
    person_name: str | None = None
    company_name: str | None = None
    email: str | None = None
    phone: str | None = None
    street: str | None = None
    house_number: str | None = None
    postal_code: str | None = None
    city: str | None = None
    canton: str | None = None
    source: str | None = None
    state: LeadState | None = None
    owner_id: UUID | None = None
    expected_amount: Decimal | None = None
    next_step: str | None = None
    next_step_date: date | None = None
    custom: dict[str, Any] | None = None


class NewLead(Changes):
    """A new lead; received now unless said otherwise."""

    received_at: datetime | None = None


class Loss(BaseModel):
    """Why a lead is lost."""

    reason: str = Field(max_length=500)


class Talk(BaseModel):
    """A call, an e-mail, a visit that took place."""

    channel: str
    direction: str
    text: str = Field(default="", max_length=10_000)
    happened_at: datetime | None = None


class Opinion(BaseModel):
    """A person's word on a lead's prediction; it counts for the next version."""

    model_config = ConfigDict(extra="forbid")
    agrees: bool
    reason: str = Field(default="", max_length=2000)


class Opportunity(BaseModel):
    """What a converted lead became."""

    opportunity_id: UUID


@router.get("")
def leads(
    by: Reader,
    request: Request,
    q: str = "",
    sort: Annotated[str, Query(description="colonne, précédée de - pour l'ordre décroissant")] = "-received",
    cursor: str = "",
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LeadList:
    """Lire une page de la liste.

    Filtres comme dans l'adresse de l'écran : `state`, `owner`, `source`, `canton` (répétables), `score_from`,
    `score_to`, `from`, `to`, `custom.<clé>=is|from|to|contains:valeur`.
    """
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(value)
    given.setdefault("sort", [sort])
    asked = read_request(given)
    from dataclasses import replace

    page = ask(by, lead_page, request=replace(asked, want_counts=asked.cursor is None), by=by)
    lines = [_line(row) for row in page.rows]
    return LeadList(leads=lines, next=page.last if page.has_more else None, total=page.total, counts=page.chips)


@router.get("/changed-by-others")
def changed_by_others(by: Reader, size: Annotated[int, Query(ge=1, le=100)] = 8) -> list[OthersChange]:
    """Lister ce que d'autres ont changé sur mes pistes, le plus récent d'abord."""
    return list(ask(by, others_changes, most=size))


@router.get("/{lead_id}")
def lead(by: Reader, lead_id: UUID, response: Response) -> Lead:
    """Lire une piste ; `ETag` porte sa version."""
    return _answer(by, lead_id, response)


@router.post("", status_code=201)
def create(by: Editor, given: NewLead, response: Response) -> Lead:
    """Créer une piste."""
    values = given.model_dump(exclude_unset=True, exclude_none=True)
    received_at = values.pop("received_at", None) or now()
    check_aware(received_at=received_at)
    draft = LeadDraft(received_at=received_at, **{"name": "", **values})
    return _answer(by, do(by, create_lead, draft=draft), response)


@router.patch("/{lead_id}")
def change(by: Editor, lead_id: UUID, given: Changes, response: Response, if_match: IfMatch = None) -> Lead:
    """Modifier une piste. L'en-tête `If-Match` répète l'`ETag` lu ; modifiée entre-temps, elle est refusée (412)."""
    values = given.model_dump(exclude_unset=True)
    empty = [name for name, value in values.items() if value is None and name in _NEVER_EMPTY]
    values.update(dict.fromkeys(empty, ""))
    do(by, edit_lead, lead_id=lead_id, values=_without_nothing(values), expected_version=expected_version(if_match))
    return _answer(by, lead_id, response)


@router.post("/{lead_id}/lose")
def lose(by: Editor, lead_id: UUID, given: Loss, response: Response) -> Lead:
    """Clore une piste comme perdue, avec le motif."""
    do(by, lose_lead, lead_id=lead_id, reason=given.reason)
    return _answer(by, lead_id, response)


@router.post("/{lead_id}/reopen")
def reopen(by: Editor, lead_id: UUID, response: Response) -> Lead:
    """Rouvrir une piste perdue."""
    do(by, reopen_lead, lead_id=lead_id)
    return _answer(by, lead_id, response)


@router.post("/{lead_id}/take")
def take(by: Editor, lead_id: UUID, response: Response) -> Lead:
    """Prendre une piste : en devenir responsable."""
    do(by, take_lead, lead_id=lead_id)
    return _answer(by, lead_id, response)


@router.get("/{lead_id}/predictions")
def predictions(
    by: Annotated[Actor, Depends(allowed("insights.see_predictions"))],
    lead_id: UUID,
    size: Annotated[int, Query(ge=1, le=100)] = 30,
) -> list[ToldPrediction]:
    """Lire ce qui a été prédit d'une piste et ce qu'on en a dit, le plus récent d'abord."""
    return ask(by, told_predictions, kind=KIND, record_id=lead_id, part=StoryPart("", None, size))


@router.post("/{lead_id}/feedback", status_code=204)
def feedback(by: Annotated[Actor, Depends(allowed("insights.give_feedback"))], lead_id: UUID, given: Opinion) -> None:
    """Dire si la prédiction d'une piste est juste, et pourquoi."""
    do(by, give_feedback, model=SCORE, subject_kind=KIND, subject_id=lead_id, **given.model_dump())


@router.post("/{lead_id}/convert", status_code=201)
def convert(by: Editor, lead_id: UUID) -> Opportunity:
    """Convertir une piste en affaire ; une seule fois."""
    return Opportunity(opportunity_id=do(by, convert_lead, lead_id=lead_id))


@router.post("/{lead_id}/exchanges", status_code=201)
def note(by: Editor, lead_id: UUID, given: Talk, response: Response) -> Lead:
    """Noter un échange (`call`, `email`, `visit`, `other` ; `in` ou `out`)."""
    at = now()
    check_aware(happened_at=given.happened_at)
    do(
        by,
        note_exchange,
        at=at,
        lead_id=lead_id,
        channel=given.channel,
        direction=given.direction,
        happened_at=given.happened_at or at,
        text=given.text,
    )
    return _answer(by, lead_id, response)


_NEVER_EMPTY = {name for name, kind in Changes.model_fields.items() if kind.annotation == (str | None)}


def _without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    """Return the changes without a state or custom part that was sent as null: those cannot be emptied."""
    return {name: value for name, value in values.items() if value is not None or name not in ("state", "custom")}


def readable_lead(by: Actor, lead_id: UUID) -> Lead:
    """Return a lead as the person may read it."""
    return _lead(ask(by, lead_detail, lead_id=lead_id, by=by))


def _answer(by: Actor, lead_id: UUID, response: Response) -> Lead:
    found = readable_lead(by, lead_id)
    put_version(response, found.row_version)
    return found


def _lead(found: LeadDetail) -> Lead:
    same = {name: getattr(found, name) for name in Lead.model_fields if hasattr(found, name)}
    same.update(
        id=found.lead_id,
        custom={entry.field.key: told(entry.value) for entry in found.custom},
        prediction=_prediction(found.score),
    )
    return Lead(**same)


def _prediction(score: Score | None) -> Prediction | None:
    if score is None:
        return None
    return Prediction(**{name: getattr(score, name) for name in Prediction.model_fields})


def _line(row: ListRow) -> LeadLine:
    same = {name: getattr(row, name) for name in LeadLine.model_fields if hasattr(row, name)}
    same.update(id=row.lead_id, custom={key: told(value) for key, value in row.custom.items()})
    return LeadLine(**same)
