"""My day over the API: the next steps that are late or due, done or put off."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.instants import check_aware
from app.api.permission import allowed
from app.doors import ask, do, now
from app.text import SWITZERLAND
from db.access.rules import Actor
from db.crm.agenda.actions import finish_step, set_step
from db.crm.agenda.queries import Agenda, agenda
from db.crm.leads.calling.queries import Call, leads_to_call
from db.records.followers.queries import FollowedChange, changes_on_followed

router = APIRouter(prefix="/agenda", tags=["Ma journée"])
Reader = Annotated[Actor, Depends(allowed("crm.read_leads"))]
Editor = Annotated[Actor, Depends(allowed("crm.edit_leads"))]


class OnStep(BaseModel):
    """The record whose next step is meant; `expected_version` is its `row_version` as it was read."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=60)
    record_id: UUID
    expected_version: int = Field(ge=1, le=2**31 - 1)


class Finished(OnStep):
    """A step that was done, in its words."""

    step: str = Field(max_length=500)


class PutOff(OnStep):
    """A step's new day; without words it stays the same step."""

    step: str | None = Field(default=None, max_length=500)
    due: date | None = None


class Version(BaseModel):
    """The record's new version."""

    row_version: int


@router.get("")
def day(by: Reader, on: Annotated[date | None, Query(description="aujourd'hui sans valeur")] = None) -> Agenda:
    """Lire ses étapes en retard et du jour."""
    return ask(by, agenda, on=on or now().astimezone(SWITZERLAND).date())


@router.post("/finish")
def finish(by: Editor, given: Finished) -> Version:
    """Noter qu'une étape est faite."""
    return Version(row_version=do(by, finish_step, **given.model_dump()))


@router.post("/postpone")
def postpone(by: Editor, given: PutOff) -> Version:
    """Donner un autre jour à une étape, ou une autre étape."""
    return Version(row_version=do(by, set_step, **given.model_dump()))


@router.get("/calls")
def calls(by: Reader, size: Annotated[int, Query(ge=1, le=50)] = 10) -> list[Call]:
    """Dire qui appeler d'abord : les pistes ouvertes de plus grande valeur attendue."""
    return list(ask(by, leads_to_call, most=size))


@router.get("/followed")
def followed(
    by: Annotated[Actor, Depends(allowed("records.open"))],
    since: datetime,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[FollowedChange]:
    """Lire ce que d'autres ont fait aux fiches que je suis."""
    check_aware(since=since)
    return ask(by, changes_on_followed, since=since, most=size)
