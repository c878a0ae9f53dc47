"""Rights over the API: what each role may and does not see, teams, and what one person may and why."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.api.proof import Code, proven
from app.doors import ask, do, now
from db.access.policy import actions
from db.access.policy.effective.queries import Rights, rights_of
from db.access.policy.queries import TeamFacts, hideable_fields, policy, teams
from db.access.policy.rules import Reach, choices, reach_of
from db.access.rules import PERMISSIONS, Actor, Role

router = APIRouter(prefix="/rights", tags=["Droits"])
Reader = Annotated[Actor, Depends(allowed("access.read_policy"))]
Changer = Annotated[Actor, Depends(allowed("access.change_policy"))]
MOST_AT_ONCE = 200


class Policy(BaseModel):
    """`reaches`: permission → role → none, own, team or all; `hidden`: role → fields as `table.column`."""

    reaches: dict[str, dict[Role, Reach]]
    choices: dict[str, dict[Role, list[Reach]]]
    hidden: dict[Role, list[str]]
    hideable: list[str]


class NewReach(BaseModel):
    """How far a permission reaches for a role."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    permission: str = Field(max_length=80)
    reach: Reach


class NewHidden(BaseModel):
    """Whether a role does not see a field."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    field: str = Field(max_length=120)
    hidden: bool


class Changes(BaseModel):
    """Changes of the policy, one after the other under one second factor; the first that is refused ends it."""

    model_config = ConfigDict(extra="forbid")
    reaches: list[NewReach] = Field(default=[], max_length=MOST_AT_ONCE)
    hidden: list[NewHidden] = Field(default=[], max_length=MOST_AT_ONCE)


class NewTeam(BaseModel):
    """A team: its name, its people, and who leads it."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=200)
    members: list[UUID] = Field(default=[], max_length=1000)
    lead_id: UUID | None = None


class ChangedTeam(NewTeam):
    """A team as it is to be; `expected_version` is the `row_version` that was read."""

    expected_version: int = Field(ge=1, le=2**31 - 1)


class Made(BaseModel):
    """A team that was founded."""

    id: UUID


@router.get("")
def read(by: Reader) -> Policy:
    """Lire qui peut quoi, et ce que chaque rôle ne voit pas."""
    found = ask(by, policy)
    return Policy(
        reaches={name: {role: reach_of(found, role, name) for role in Role} for name in PERMISSIONS},
        choices={name: {role: list(choices(role, name)) for role in Role} for name in PERMISSIONS},
        hidden={role: sorted(found.hidden.get(role, ())) for role in Role},
        hideable=ask(by, hideable_fields),
    )


@router.post("")
def change(by: Changer, given: Changes, code: Code = "") -> Policy:
    """Changer des droits ; demande le second facteur, vaut tout de suite."""
    sure = proven(by, code)
    for one in given.reaches:
        do(sure, actions.set_reach, role=one.role.value, permission=one.permission, reach=one.reach.value)
    for hiding in given.hidden:
        do(sure, actions.set_hidden, role=hiding.role.value, field=hiding.field, hidden=hiding.hidden)
    return read(by)


@router.get("/people/{user_id}")
def of_person(by: Reader, user_id: UUID) -> Rights:
    """Dire ce qu'une personne peut, et quel rôle le lui donne."""
    return ask(by, rights_of, user_id=user_id, at=now())


@router.get("/teams")
def list_teams(by: Reader) -> list[TeamFacts]:
    """Lister les équipes."""
    return ask(by, teams)


@router.post("/teams", status_code=201)
def add(by: Changer, given: NewTeam, code: Code = "") -> Made:
    """Créer une équipe."""
    return Made(id=do(proven(by, code), actions.add_team, **given.model_dump()))


@router.put("/teams/{team_id}", status_code=204)
def edit(by: Changer, team_id: UUID, given: ChangedTeam, code: Code = "") -> None:
    """Changer une équipe."""
    do(proven(by, code), actions.edit_team, team_id=team_id, **given.model_dump())


@router.delete("/teams/{team_id}", status_code=204)
def remove(by: Changer, team_id: UUID, code: Code = "") -> None:
    """Dissoudre une équipe."""
    do(proven(by, code), actions.remove_team, team_id=team_id)
