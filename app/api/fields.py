"""Custom fields over the API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.doors import ask, do
from db.access.rules import Actor
from db.records.custom_fields.actions import define_field, remove_field
from db.records.custom_fields.queries import custom_fields_for
from db.records.custom_fields.rules import CustomField, FieldType
from db.records.kinds.rules import kind_called

router = APIRouter(prefix="/custom-fields", tags=["Champs"])
Reader = Annotated[Actor, Depends(allowed("records.read"))]
Definer = Annotated[Actor, Depends(allowed("records.define_field"))]
Kind = Annotated[str, Query(max_length=60, description="lead, party, opportunity, …")]


class NewField(BaseModel):
    """A field for a kind of record; `permission` is needed to read it."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=60)
    key: str = Field(max_length=60, pattern="^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1, max_length=120)
    type: FieldType
    personal: bool = False
    permission: str = Field(default="crm.read_leads", max_length=80)
    choices: list[Annotated[str, Field(max_length=120)]] = Field(default=[], max_length=200)
    feature: bool = True


class Defined(BaseModel):
    """A field that was added."""

    id: UUID


@router.get("")
def fields(by: Reader, kind: Kind = "lead") -> list[CustomField]:
    """Lister les champs d'un genre de fiche que la personne peut lire."""
    kind_called(kind)
    return ask(by, custom_fields_for, kind=kind, by=by)


@router.post("", status_code=201)
def define(by: Definer, given: NewField) -> Defined:
    """Ajouter un champ."""
    kind_called(given.kind)
    return Defined(id=do(by, define_field, **given.model_dump()))


@router.delete("/{field_id}", status_code=204)
def remove(by: Definer, field_id: UUID) -> None:
    """Retirer un champ qui ne sert encore nulle part."""
    do(by, remove_field, field_id=field_id)
