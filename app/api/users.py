"""People over the API: names for everybody; letting people in, their roles and leaving for those who may."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access.leaving import import_areas
from app.api.permission import allowed
from app.api.proof import Code, proven
from app.doors import ask, do, now
from app.text import SWITZERLAND
from db.access.people import actions
from db.access.people.deputies.actions import name_deputy, withdraw_deputy
from db.access.people.deputies.queries import Replacement, replacements, replacements_of
from db.access.people.passwords.actions import make_reset_link
from db.access.people.queries import Person, open_people, people
from db.access.people.reassignment import HandOver, belongings_of
from db.access.people.second_factor.actions import reset_second_factor
from db.access.people.sessions.actions import sign_out_person
from db.access.rules import Actor, Role, may

router = APIRouter(prefix="/users", tags=["Personnes"])
Manager = Annotated[Actor, Depends(allowed("access.manage_users"))]
Anyone = Annotated[Actor, Depends(allowed("access.use_own_account"))]


class Named(BaseModel):
    """Somebody who works here."""

    id: UUID
    name: str


class NewPerson(BaseModel):
    """Somebody who is let in; she chooses her password through a link."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=200)
    email: str = Field(max_length=300)
    roles: list[Role] = Field(min_length=1, max_length=len(Role))
    language: str = Field(default="fr", max_length=5)


class Made(BaseModel):
    """A person who was let in."""

    id: UUID


class Link(BaseModel):
    """A token for `/mot-de-passe?jeton=…`, good once and for a day, shown this once."""

    token: str


class Address(BaseModel):
    """The address with which a person signs in."""

    model_config = ConfigDict(extra="forbid")
    email: str = Field(max_length=300)


class Leaving(BaseModel):
    """Who takes over the records of a person who leaves."""

    model_config = ConfigDict(extra="forbid")
    to_user: UUID | None = None


class Absence(BaseModel):
    """Who stands in for whom, both days included."""

    model_config = ConfigDict(extra="forbid")
    absent_id: UUID
    deputy_id: UUID
    first_date: date
    last_date: date


@router.get("")
def names(by: Annotated[Actor, Depends(allowed("access.read_names"))]) -> list[Named]:
    """Lister qui travaille ici, par nom."""
    return [Named(id=user_id, name=name) for user_id, name in ask(by, open_people)]


@router.get("/details")
def details(by: Annotated[Actor, Depends(allowed("access.read_users"))], with_closed: bool = False) -> list[Person]:
    """Lister les personnes avec leur adresse et leurs rôles."""
    return list(ask(by, people, with_closed=with_closed))


@router.post("", status_code=201)
def add(by: Manager, given: NewPerson, code: Code = "") -> Made:
    """Faire entrer une personne ; demande le second facteur."""
    return Made(id=do(proven(by, code), actions.add_user, **given.model_dump()))


@router.put("/{user_id}/roles", status_code=204)
def change_roles(
    by: Annotated[Actor, Depends(allowed("access.change_roles"))], user_id: UUID, given: list[Role], code: Code = ""
) -> None:
    """Donner exactement ces rôles ; ses appareils sont déconnectés."""
    do(proven(by, code), actions.change_roles, user_id=user_id, roles=given)


@router.put("/{user_id}/email", status_code=204)
def change_email(by: Manager, user_id: UUID, given: Address, code: Code = "") -> None:
    """Changer l'adresse avec laquelle une personne se connecte."""
    do(proven(by, code), actions.change_email, user_id=user_id, email=given.email)


@router.post("/{user_id}/reset-link", status_code=201)
def reset_link(by: Manager, user_id: UUID, response: Response, code: Code = "") -> Link:
    """Créer un lien pour choisir un mot de passe."""
    response.headers["Cache-Control"] = "no-store"
    return Link(token=do(proven(by, code), make_reset_link, user_id=user_id))


@router.delete("/{user_id}/second-factor", status_code=204)
def reset_factor(by: Manager, user_id: UUID, code: Code = "") -> None:
    """Retirer le second facteur d'une personne qui l'a perdu."""
    do(proven(by, code), reset_second_factor, user_id=user_id)


@router.delete("/{user_id}/sessions", status_code=204)
def sign_out(by: Manager, user_id: UUID, code: Code = "") -> None:
    """Déconnecter tous les appareils d'une personne."""
    do(proven(by, code), sign_out_person, user_id=user_id)


@router.get("/{user_id}/belongings")
def belongings(by: Manager, user_id: UUID) -> list[HandOver]:
    """Compter ce qui appartient à une personne et que quelqu'un reprendrait."""
    import_areas()
    return list(ask(by, belongings_of, user_id=user_id))


@router.post("/{user_id}/close")
def close(by: Manager, user_id: UUID, given: Leaving, code: Code = "") -> dict[str, int]:
    """Fermer le compte d'une personne qui part ; dit combien de fiches ont changé de mains."""
    import_areas()
    moved: dict[str, int] = do(proven(by, code), actions.close_person, user_id=user_id, to_user=given.to_user)
    return moved


@router.post("/{user_id}/reopen", status_code=204)
def reopen(by: Manager, user_id: UUID, code: Code = "") -> None:
    """Rouvrir le compte d'une personne qui était partie."""
    do(proven(by, code), actions.reopen_person, user_id=user_id)


@router.get("/replacements")
def absences(by: Anyone) -> list[Replacement]:
    """Lister les remplacements en cours et à venir : tous pour qui voit les personnes, les siens sinon."""
    today = now().astimezone(SWITZERLAND).date()
    if may(by, "access.read_users"):
        return list(ask(by, replacements, on=today))
    return list(ask(by, replacements_of, user_id=by.user_id, on=today))


@router.post("/replacements", status_code=201)
def replace_person(by: Anyone, given: Absence, code: Code = "") -> Made:
    """Désigner son remplaçant pour une absence ; demande le second facteur."""
    return Made(id=do(proven(by, code), name_deputy, **given.model_dump()))


@router.delete("/replacements/{replacement_id}", status_code=204)
def withdraw(by: Anyone, replacement_id: UUID) -> None:
    """Finir un remplacement avant terme."""
    do(by, withdraw_deputy, replacement_id=replacement_id)
