"""What was done, over the API: the firm's deeds, what undoing one would do, undoing it; who read what; the chain."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from app.api.instants import check_aware
from app.api.permission import allowed
from app.doors import ask, do
from app.text import say
from db.access.deeds.queries import DeedFacts, DeedFilter, recorded_kinds
from db.access.readings.queries import Reading, readings
from db.access.rules import Actor
from db.access.seals.queries import unsealed_deeds
from db.crm.leads.trail.queries import deeds_as_readable
from db.kernel.errors import BadInput
from db.records.undo.actions import undo_deed
from db.records.undo.queries import undo_plan
from db.records.undo.rules import UndoPlan

router = APIRouter(tags=["Historique"])
Reader = Annotated[Actor, Depends(allowed("access.read_history"))]
Undoer = Annotated[Actor, Depends(allowed("records.undo"))]
Overseer = Annotated[Actor, Depends(allowed("access.read_access_log"))]
Size = Annotated[int, Query(ge=1, le=200)]
Place = Annotated[str, Query(max_length=90, description="« next » de la page d'avant")]


class Deeds(BaseModel):
    """Deeds, newest first; of each the first changes. `waiting`: not yet sealed into the chain."""

    deeds: list[DeedFacts]
    next: str | None
    waiting: int


class Readings(BaseModel):
    """Readings of sensitive records, newest first."""

    readings: list[Reading]
    next: str | None


class WouldUndo(BaseModel):
    """One record that would come back: `operation` is that of the deed, `fields` are those that come back."""

    kind: str
    record_id: UUID
    operation: str
    name: str
    fields: list[str]


class Stays(BaseModel):
    """What stays as it is, and why."""

    kind: str
    record_id: UUID
    field: str
    message: str


class Plan(BaseModel):
    """What undoing does. `blocked`: why nothing of it can be; `instead`: what the law wants in its place."""

    deed_id: UUID
    action: str
    by: str
    at: datetime
    steps: list[WouldUndo]
    stays: list[Stays]
    blocked: str
    instead: str


@router.get("/deeds")
def deeds(
    by: Reader,
    person: UUID | None = None,
    kind: Annotated[str, Query(max_length=60, description="table : lead, party, …")] = "",
    record_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: Place = "",
    size: Size = 50,
) -> Deeds:
    """Lire l'historique de l'entreprise : qui a fait quoi, avant et après."""
    check_aware(since=since, until=until)
    if record_id is not None and not kind:
        raise BadInput("« record_id » demande aussi « kind ».")
    wanted = DeedFilter(person, kind, record_id, since, until)
    found = list(ask(by, deeds_as_readable, wanted=wanted, after=read_place(cursor), most=size))
    return Deeds(deeds=found, next=_next(found, size), waiting=ask(by, unsealed_deeds))


@router.get("/deeds/kinds")
def kinds(by: Reader) -> list[str]:
    """Lister les genres de fiches qui ont un historique."""
    return list(ask(by, recorded_kinds))


@router.get("/deeds/{deed_id}/undo")
def plan(by: Undoer, deed_id: UUID) -> Plan:
    """Dire ce qu'annuler un acte ferait, et ce qui resterait."""
    return _plan(ask(by, undo_plan, deed_id=deed_id), by.language)


@router.post("/deeds/{deed_id}/undo")
def undo(by: Undoer, deed_id: UUID) -> Plan:
    """Annuler un acte ; ce que d'autres ont changé depuis reste. Annuler est aussi un acte."""
    return _plan(do(by, undo_deed, undoes=deed_id), by.language)


@router.get("/access-log")
def access_log(
    by: Overseer,
    person: UUID | None = None,
    kind: Annotated[str, Query(max_length=60)] = "",
    record_id: UUID | None = None,
    cursor: Place = "",
    size: Size = 50,
) -> Readings:
    """Lire le journal des lectures de données sensibles."""
    record = (kind, record_id) if kind and record_id is not None else None
    found = list(ask(by, readings, actor_id=person, record=record, after=read_place(cursor), most=size))
    return Readings(readings=found, next=_next(found, size))


def _next(found: list[Any], size: int) -> str | None:
    return f"{found[-1].at.isoformat()}~{found[-1].id}" if len(found) == size else None


def read_place(text: str) -> tuple[datetime, UUID] | None:
    """Return instant and id of the last line of the page before.

    Raises: BadInput: the cursor is none of ours.
    """
    if not text:
        return None
    at, _, last = text.partition("~")
    try:
        found = datetime.fromisoformat(at.replace(" ", "+")), UUID(last)
    except ValueError:
        raise BadInput("Cette page de la liste n’existe pas ; recommencez au début.") from None
    if found[0].tzinfo is None:
        raise BadInput("Cette page de la liste n’existe pas ; recommencez au début.")
    return found


def _plan(plan: UndoPlan, language: str) -> Plan:
    return Plan(
        deed_id=plan.deed_id,
        action=plan.action,
        by=plan.actor_name,
        at=plan.at,
        steps=[
            WouldUndo(
                kind=one.table,
                record_id=one.record_id,
                operation=one.operation,
                name=one.name,
                fields=sorted(one.values) if one.operation == "update" else [],
            )
            for one in plan.steps
        ],
        stays=[
            Stays(
                kind=one.table,
                record_id=one.record_id,
                field=one.column,
                message=say(language, one.message_id, **one.params),
            )
            for one in plan.kept
        ],
        blocked=say(language, plan.blocked, **plan.blocked_params) if plan.blocked else "",
        instead=say(language, plan.inverse.label) if plan.inverse else "",
    )
