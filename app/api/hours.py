"""Hours over the API: the list, the clock, a month, and putting right."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.listing import add_changes, add_list
from app.api.permission import allowed
from app.api.versions import IfMatch, expected_version, put_version
from app.doors import ask, do, now
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.people.hours.actions import add_span, clock_in, clock_out, edit_span, remove_span
from db.people.hours.listing.actions import change_spans
from db.people.hours.listing.queries import SOURCE, SPAN_QUESTIONS, SpanRow
from db.people.hours.queries import Clock, SpanFacts, own_clock, span_facts
from db.people.hours.rules import CLOCK, MANAGE, READ, SpanDraft
from db.people.months.actions import close_month
from db.people.months.queries import BoardLine, MonthSheet, month_board, month_sheet
from db.people.months.rules import CLOSE

router = APIRouter(prefix="/hours", tags=["Heures"])
Worker = Annotated[Actor, Depends(allowed(CLOCK))]
Reader = Annotated[Actor, Depends(allowed(READ))]
Closer = Annotated[Actor, Depends(allowed(CLOSE))]


class SpanChanges(BaseModel):
    """Hours put right; only what is sent is changed. `reason`: needed for somebody else's."""

    model_config = ConfigDict(extra="forbid")
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    break_minutes: int | None = Field(default=None, ge=0, le=960)
    break_began_at: AwareDatetime | None = None
    task: str | None = Field(default=None, max_length=500)
    note: str | None = Field(default=None, max_length=500)
    party_id: UUID | None = None
    reason: str = Field(default="", max_length=500)


class NewSpan(SpanChanges):
    """Hours that were not clocked; without an owner, one's own."""

    owner_id: UUID | None = None
    started_at: AwareDatetime
    ended_at: AwareDatetime


add_list(
    router,
    source=SOURCE,
    row=SpanRow,
    page=SPAN_QUESTIONS.page,
    counts=SPAN_QUESTIONS.counts,
    words="les heures",
)
add_changes(router, permission=MANAGE, action=change_spans, words="edit, remove")


@router.get("/clock")
def clock(by: Worker) -> Clock:
    """Lire sa propre présence et ses heures du jour."""
    return ask(by, own_clock, by=by, at=now())


@router.post("/clock/in", status_code=201)
def arrive(by: Worker) -> Clock:
    """Noter son arrivée."""
    do(by, clock_in)
    return ask(by, own_clock, by=by, at=now())


@router.post("/clock/out")
def leave(by: Worker) -> Clock:
    """Noter son départ."""
    do(by, clock_out)
    return ask(by, own_clock, by=by, at=now())


@router.get("/months/{month}")
def board(by: Reader, month: date) -> list[BoardLine]:
    """Lire le mois (son premier jour) de chaque personne à portée."""
    return ask(by, month_board, month=_first(month), by=by, at=now())


@router.get("/months/{month}/{owner_id}")
def sheet(by: Worker, month: date, owner_id: UUID) -> MonthSheet:
    """Lire la feuille d'un mois : la sienne, ou celle d'une personne à portée."""
    return ask(by, month_sheet, owner_id=owner_id, month=_first(month), by=by, at=now())


@router.post("/months/{month}/{owner_id}/close")
def close(by: Closer, month: date, owner_id: UUID) -> MonthSheet:
    """Clôturer le mois d'une personne ; ses heures ne changent plus ensuite."""
    do(by, close_month, owner_id=owner_id, month=_first(month))
    return ask(by, month_sheet, owner_id=owner_id, month=month, by=by, at=now())


@router.get("/{span_id}")
def span(by: Worker, span_id: UUID, response: Response) -> SpanFacts:
    """Lire une période ; `ETag` porte sa version."""
    return _answer(by, span_id, response)


@router.post("", status_code=201)
def create(by: Worker, given: NewSpan, response: Response) -> SpanFacts:
    """Saisir des heures."""
    values = _filled(given)
    owner_id = values.pop("owner_id", None) or by.user_id
    made = do(by, add_span, draft=SpanDraft(owner_id, **values), reason=given.reason)
    return _answer(by, made, response)


@router.patch("/{span_id}")
def change(by: Worker, span_id: UUID, given: SpanChanges, response: Response, if_match: IfMatch = None) -> SpanFacts:
    """Corriger des heures ; modifiées entre-temps, elles sont refusées (412)."""
    version = expected_version(if_match)
    do(by, edit_span, span_id=span_id, values=_filled(given), reason=given.reason, expected_version=version)
    return _answer(by, span_id, response)


@router.delete("/{span_id}", status_code=204)
def remove(by: Worker, span_id: UUID, reason: str = "") -> None:
    """Enlever des heures."""
    do(by, remove_span, span_id=span_id, reason=reason)


def _filled(given: SpanChanges) -> dict[str, Any]:
    values = given.model_dump(exclude_unset=True, exclude={"reason"})
    empty = {"task": "", "note": "", "break_minutes": 0}
    if "started_at" in values and values["started_at"] is None:
        raise BadInput("Indiquez l’heure d’arrivée.")
    return {name: empty.get(name) if value is None else value for name, value in values.items()}


def _first(month: date) -> date:
    if month.day != 1 or not 2000 <= month.year <= 2100:
        raise BadInput("Un mois se désigne par son premier jour.")
    return month


def _answer(by: Actor, span_id: UUID, response: Response) -> SpanFacts:
    found: SpanFacts = ask(by, span_facts, span_id=span_id, by=by)
    put_version(response, found.row_version)
    return found
