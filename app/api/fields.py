"""Custom fields over the API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.api.versions import IfMatch, expected_version
from app.doors import ask, do
from db.access.rules import Actor
from db.records.custom_fields.actions import (
    add_field,
    bring_back_field,
    define_field,
    edit_field,
    move_field,
    remove_field,
    retire_field,
)
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.queries import FieldFacts, custom_fields_for, fields_to_manage, known_fields
from db.records.custom_fields.rules import CustomField, FieldType
from db.records.kinds.rules import kind_called

router = APIRouter(prefix="/custom-fields", tags=["Champs"])
Reader = Annotated[Actor, Depends(allowed("records.read"))]
Definer = Annotated[Actor, Depends(allowed("records.define_field"))]
Manager = Annotated[Actor, Depends(allowed("records.manage_fields"))]
Kind = Annotated[str, Query(max_length=60, description="lead, party, opportunity, …")]


class NewField(BaseModel):
    """A field for a kind of record; `permission` is needed to read it (none: that of the records)."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=60)
    key: str = Field(max_length=60, pattern="^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1, max_length=120)
    type: FieldType
    personal: bool = False
    permission: str = Field(default="", max_length=80)
    choices: list[Annotated[str, Field(max_length=120)]] = Field(default=[], max_length=200)
    feature: bool = True


class Described(BaseModel):
    """What a field is called and how it is filled; choices are offered in this order."""

    model_config = ConfigDict(extra="forbid")
    label: str = Field(min_length=1, max_length=60)
    label_en: str = Field(default="", max_length=60)
    label_de: str = Field(default="", max_length=60)
    choices: list[Annotated[str, Field(max_length=120)]] = Field(default=[], max_length=200)
    required: bool = False
    feature: bool = True

    def draft(self) -> FieldDraft:
        """Return the same as the business takes it."""
        return FieldDraft(**{**self.model_dump(), "choices": tuple(self.choices)})


class AddedField(Described):
    """A new field for a kind of record, or for a group of it (`company` or `person` of the kind `party`)."""

    kind: str = Field(max_length=60)
    group: str = Field(default="", max_length=60)
    type: FieldType

    def draft(self) -> FieldDraft:
        """Return the same as the business takes it."""
        values = self.model_dump(exclude={"kind", "group", "type"})
        return FieldDraft(**{**values, "choices": tuple(self.choices)})


class Move(BaseModel):
    """How many places later among the fields of its kind; earlier when negative."""

    model_config = ConfigDict(extra="forbid")
    places: int = Field(ge=-1000, le=1000)


class Defined(BaseModel):
    """A field that was added."""

    id: UUID


@router.get("")
def fields(by: Reader, kind: Kind = "lead") -> list[CustomField]:
    """Lister les champs d'un genre de fiche que la personne peut lire."""
    kind_called(kind)
    return ask(by, custom_fields_for, kind=kind, by=by)


@router.get("/all")
def all_fields(by: Reader, kind: Kind) -> list[CustomField]:
    """Lister aussi les champs retirés d'un genre de fiche : l'historique en parle encore."""
    kind_called(kind)
    return ask(by, known_fields, kind=kind, by=by)


@router.post("", status_code=201)
def define(by: Definer, given: NewField) -> Defined:
    """Ajouter un champ."""
    kind_called(given.kind)
    return Defined(id=do(by, define_field, **given.model_dump()))


@router.get("/managed")
def managed(by: Manager, kind: Kind, group: str = Query(default="", max_length=60)) -> list[FieldFacts]:
    """Lister les champs comme les réglages les montrent : aussi ceux qui sont retirés, avec leur usage."""
    kind_called(kind)
    return ask(by, fields_to_manage, kind=kind, group=group)


@router.post("/managed", status_code=201)
def add(by: Manager, given: AddedField) -> Defined:
    """Ajouter un champ ; sa clé vient de son nom."""
    where = {"kind": given.kind, "group": given.group, "type": given.type}
    return Defined(id=do(by, add_field, draft=given.draft(), **where))


@router.patch("/{field_id}", status_code=204)
def edit(by: Manager, field_id: UUID, given: Described, if_match: IfMatch = None) -> None:
    """Renommer un champ, changer ses choix. `If-Match` répète la version lue (sinon 412)."""
    do(by, edit_field, field_id=field_id, draft=given.draft(), expected_version=expected_version(if_match))


@router.post("/{field_id}/move", status_code=204)
def move(by: Manager, field_id: UUID, given: Move) -> None:
    """Déplacer un champ."""
    do(by, move_field, field_id=field_id, places=given.places)


@router.post("/{field_id}/retire", status_code=204)
def retire(by: Manager, field_id: UUID) -> None:
    """Ne plus demander un champ ; ses valeurs restent."""
    do(by, retire_field, field_id=field_id)


@router.post("/{field_id}/bring-back", status_code=204)
def bring_back(by: Manager, field_id: UUID) -> None:
    """Demander de nouveau un champ retiré."""
    do(by, bring_back_field, field_id=field_id)


@router.delete("/{field_id}", status_code=204)
def remove(by: Definer, field_id: UUID) -> None:
    """Retirer un champ qui ne sert encore nulle part."""
    do(by, remove_field, field_id=field_id)
