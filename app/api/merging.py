"""Duplicates and merging over the API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.doors import ask, do
from db.access.rules import Actor
from db.kernel.errors import NotFound
from db.records.duplicates.actions import ask_for_search, say_not_double
from db.records.duplicates.queries import LARGEST_PAGE, FoundPage, Likely, found_pairs, likely_doubles
from db.records.merging.actions import Merge, merge_records
from db.records.merging.queries import record_after_merges

router = APIRouter(tags=["Doublons"])
Merger = Annotated[Actor, Depends(allowed("records.merge"))]
Opener = Annotated[Actor, Depends(allowed("records.open"))]
Kind = Annotated[str, Field(max_length=60)]
MOST_VERSION = 2**31 - 1


class Typed(BaseModel):
    """What is known of a record that may exist already; `group` is `company` or `person` for a party."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind
    group: str = Field(default="", max_length=40)
    values: dict[str, Annotated[str, Field(max_length=200)]] = Field(max_length=40)
    besides: UUID | None = None


class Two(BaseModel):
    """Two records of a kind."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind
    one_id: UUID
    other_id: UUID


class WantedMerge(BaseModel):
    """Which record is kept, which goes, and the fields that are taken from the one that goes."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind
    kept_id: UUID
    gone_id: UUID
    taken: list[Annotated[str, Field(max_length=80)]] = Field(default=[], max_length=200)
    kept_version: int | None = Field(default=None, ge=1, le=MOST_VERSION)
    gone_version: int | None = Field(default=None, ge=1, le=MOST_VERSION)


class Kept(BaseModel):
    """The record that two became."""

    id: UUID


class Job(BaseModel):
    """The job that looks for duplicates."""

    job_id: UUID


@router.post("/duplicates/likely")
def likely(by: Opener, given: Typed) -> list[Likely]:
    """Chercher les fiches que des valeurs doublent sans doute ; rien n'est enregistré."""
    values = given.model_dump()
    return ask(by, likely_doubles, by=by, **values)


@router.get("/duplicates")
def pairs(
    by: Merger,
    kind: Annotated[str, Query(max_length=60)] = "party",
    size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> FoundPage:
    """Lire les doublons que la dernière recherche a trouvés, les plus sûrs d'abord."""
    return ask(by, found_pairs, kind=kind, size=size, by=by)


@router.post("/duplicates/searches", status_code=202)
def search(by: Merger, kind: Annotated[str, Query(max_length=60)] = "party") -> Job:
    """Lancer la recherche des doublons parmi toutes les fiches."""
    return Job(job_id=do(by, ask_for_search, kind=kind))


@router.post("/duplicates/dismissals", status_code=204)
def dismiss(by: Merger, given: Two) -> None:
    """Dire que deux fiches ne sont pas des doublons."""
    do(by, say_not_double, kind=given.kind, one_id=given.one_id, other_id=given.other_id)


@router.post("/merges", status_code=201)
def merge(by: Merger, given: WantedMerge) -> Kept:
    """Fusionner deux fiches en un acte, qui s'annule."""
    values = {**given.model_dump(), "taken": frozenset(given.taken)}
    return Kept(id=do(by, merge_records, merge=Merge(**values)))


@router.get("/merges/{kind}/{record_id}")
def after(by: Opener, kind: str, record_id: UUID) -> Kept:
    """Lire ce qu'est devenue une fiche fusionnée."""
    found = ask(by, record_after_merges, kind=kind, record_id=record_id)
    if found is None:
        raise NotFound("Cette fiche n’a pas été fusionnée.")
    return Kept(id=found)
