"""Who am I: lets a program check its token before it does anything."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.doors import ask, do
from db.access.people.actions import edit_own_account
from db.access.people.queries import person
from db.access.rules import Actor

router = APIRouter(prefix="/account", tags=["Compte"])


class Account(BaseModel):
    """The person whom the token stands for."""

    user_id: UUID | None
    name: str
    roles: list[str]
    language: str


class ChangedAccount(BaseModel):
    """One's own name and language."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=200)
    language: str = Field(max_length=5)


@router.get("")
def account(by: Annotated[Actor, Depends(allowed("api.use"))]) -> Account:
    """Dire à qui appartient le jeton, avec ses rôles."""
    return Account(user_id=by.user_id, name=by.name, roles=sorted(by.roles), language=by.language)


@router.put("")
def change(by: Annotated[Actor, Depends(allowed("access.use_own_account"))], given: ChangedAccount) -> Account:
    """Changer son nom et sa langue."""
    version = ask(by, person, user_id=by.user_id).row_version
    do(by, edit_own_account, name=given.name, language=given.language, expected_version=version)
    me = ask(by, person, user_id=by.user_id)
    return Account(user_id=me.id, name=me.name, roles=sorted(by.roles), language=me.language)
