"""Saved views over the API: named states of a list."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.doors import ask, do
from db.access.rules import Actor, Role
from db.records.views.actions import LONGEST, begin_with_view, pin_view, remove_view, save_view
from db.records.views.queries import View, saved_views

router = APIRouter(prefix="/views", tags=["Vues"])
Keeper = Annotated[Actor, Depends(allowed("records.save_view"))]
Sharer = Annotated[Actor, Depends(allowed("records.share_view"))]


class NewView(BaseModel):
    """A list's search, filters, sort and columns under a name: the query string of its address."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(min_length=1, max_length=60)
    name: str = Field(min_length=1, max_length=LONGEST)
    query: str = Field(default="", max_length=2000)
    shared: bool = False


class Saved(BaseModel):
    """A view that was saved."""

    id: UUID


@router.get("")
def views(by: Keeper, kind: Annotated[str, Query(max_length=60, description="lead, company, …")]) -> list[View]:
    """Lister ses vues d'une liste et celles qui sont partagées."""
    return ask(by, saved_views, kind=kind, by=by)


@router.post("", status_code=201)
def save(by: Keeper, given: NewView) -> Saved:
    """Garder une vue ; la sienne du même nom est remplacée."""
    return Saved(id=do(by, save_view, **given.model_dump()))


@router.delete("/{view_id}", status_code=204)
def remove(by: Keeper, view_id: UUID) -> None:
    """Supprimer une de ses vues."""
    do(by, remove_view, view_id=view_id)


@router.put("/{view_id}/pin", status_code=204)
def pin(by: Keeper, view_id: UUID) -> None:
    """Épingler une vue."""
    do(by, pin_view, view_id=view_id, pinned=True)


@router.delete("/{view_id}/pin", status_code=204)
def unpin(by: Keeper, view_id: UUID) -> None:
    """Ne plus épingler une vue."""
    do(by, pin_view, view_id=view_id, pinned=False)


@router.put("/{view_id}/roles", status_code=204)
def begin_with(by: Sharer, view_id: UUID, given: list[Role]) -> None:
    """Dire quels rôles ouvrent la liste sur cette vue."""
    do(by, begin_with_view, view_id=view_id, roles=[role.value for role in given])
