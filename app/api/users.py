"""People over the API: names for everybody, the rest for those who may see it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from app.api.permission import allowed
from app.doors import ask
from db.access.people.queries import Person, open_people, people
from db.access.rules import Actor

router = APIRouter(prefix="/users", tags=["Personnes"])


class Named(BaseModel):
    """Somebody who works here."""

    id: UUID
    name: str


@router.get("")
def names(by: Annotated[Actor, Depends(allowed("access.read_names"))]) -> list[Named]:
    """Lister qui travaille ici, par nom."""
    return [Named(id=user_id, name=name) for user_id, name in ask(by, open_people)]


@router.get("/details")
def details(by: Annotated[Actor, Depends(allowed("access.read_users"))], with_closed: bool = False) -> list[Person]:
    """Lister les personnes avec leur adresse et leurs rôles."""
    return list(ask(by, people, with_closed=with_closed))
