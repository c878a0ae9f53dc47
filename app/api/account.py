"""Who am I: lets a program check its token before it does anything."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from app.api.permission import allowed
from db.access.rules import Actor

router = APIRouter(prefix="/account", tags=["Compte"])


class Account(BaseModel):
    """The person whom the token stands for."""

    user_id: UUID | None
    name: str
    roles: list[str]
    language: str


@router.get("")
def account(by: Annotated[Actor, Depends(allowed("api.use"))]) -> Account:
    """Dire à qui appartient le jeton, avec ses rôles."""
    return Account(user_id=by.user_id, name=by.name, roles=sorted(by.roles), language=by.language)
