"""What the page of rights shows and does."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.access.fresh import ask_fresh_proof
from app.access.rights.view import (
    RightView,
    Row,
    TeamView,
    field_rows,
    grid,
    hidden_words,
    reason_words,
    right_views,
    team_views,
)
from app.access.spoken import told
from app.custom_words import fields_by_name
from app.doors import ask, do, now
from app.platform import handler
from app.session import current_actor
from app.text import say
from db.access.people.queries import open_people
from db.access.policy import actions
from db.access.policy.effective.queries import rights_of
from db.access.policy.queries import hideable_fields, policy, teams
from db.access.rules import Actor
from db.kernel.errors import BadInput, BusinessError, FreshProofNeeded
from db.records.custom_fields.rules import PREFIX

READ, CHANGE = "access.read_policy", "access.change_policy"
PARTS = ("droits", "champs", "equipes", "personne")


class Policies(rx.State):
    """The firm's policy: one of four parts is shown."""

    part: str = "droits"
    rows: list[Row] = []
    fields: list[Row] = []
    teams: list[TeamView] = []
    people: list[dict[str, str]] = []
    problem: str = ""
    round: int = 0  # forms begin anew
    # the chosen person
    person: str = ""
    person_roles: str = ""
    rights: list[RightView] = []
    unseen: list[str] = []

    @handler(READ)
    async def load(self) -> None:
        """Show the part in the address."""
        given = dict(self.router.url.query_parameters)
        self.part = given.get("partie", "") if given.get("partie") in PARTS else PARTS[0]
        self.problem = ""
        actor = await current_actor(self)
        await self._read(actor)
        await self._show_person(actor, given.get("personne", ""))

    @handler(READ)
    def choose_person(self, user_id: str) -> Any:
        """Show what a person may."""
        return rx.redirect(f"{routes.RIGHTS}?partie=personne&personne={user_id}")

    @handler(CHANGE)
    async def set_reach(self, role: str, permission: str, reach: str) -> Any:
        """Change one cell of the grid."""
        again = Policies.set_reach(role, permission, reach)
        done = await self._did(again, actions.set_reach, role=role, permission=permission, reach=reach)
        return await told(self, "Droit changé ; il vaut tout de suite.") if done else None

    @handler(CHANGE)
    async def tick(self, role: str, permission: str, given: bool) -> Any:
        """Give or take a permission that holds for all records."""
        again, reach = Policies.tick(role, permission, given), "all" if given else "none"
        done = await self._did(again, actions.set_reach, role=role, permission=permission, reach=reach)
        return await told(self, "Droit changé ; il vaut tout de suite.") if done else None

    @handler(CHANGE)
    async def hide(self, role: str, name: str, hidden: bool) -> Any:
        """Hide a field from a role, or show it again."""
        again = Policies.hide(role, name, hidden)
        done = await self._did(again, actions.set_hidden, role=role, field=name, hidden=hidden)
        return await told(self, "Champ masqué." if hidden else "Champ de nouveau visible.") if done else None

    @handler(CHANGE)
    async def add_team(self, form: dict[str, Any]) -> Any:
        """Found a team."""
        given = await self._team(form)
        done = given and await self._did(Policies.add_team(form), actions.add_team, **given)
        return await told(self, "Équipe créée.") if done else None

    @handler(CHANGE)
    async def edit_team(self, team_id: str, form: dict[str, Any]) -> Any:
        """Change a team."""
        given = await self._team(form)
        if not given:
            return None
        version = str(form.get("version", ""))
        given |= {"team_id": _id(team_id), "expected_version": int(version) if version.isdigit() else 0}
        done = await self._did(Policies.edit_team(team_id, form), actions.edit_team, **given)
        return await told(self, "Équipe enregistrée.") if done else None

    @handler(CHANGE)
    async def remove_team(self, team_id: str) -> Any:
        """Dissolve a team."""
        done = await self._did(Policies.remove_team(team_id), actions.remove_team, team_id=_id(team_id))
        return await told(self, "Équipe dissoute.") if done else None

    async def _team(self, form: dict[str, Any]) -> dict[str, Any]:
        """Return what a form says of a team."""
        chosen = [name.removeprefix("member_") for name, on in form.items() if name.startswith("member_") and on]
        lead = str(form.get("lead", ""))
        return {
            "name": str(form.get("name", "")),
            "members": [_id(one) for one in chosen],
            "lead_id": _id(lead) if lead else None,
        }

    async def _did(self, again: Any, action: Callable[..., Any], **arguments: Any) -> bool:
        """Do something and show the policy as it is then; a refusal is told, a fresh proof asked for."""
        actor = await current_actor(self)
        self.problem = ""
        try:
            await asyncio.to_thread(do, actor, action, **arguments)
        except FreshProofNeeded:
            await ask_fresh_proof(self, again)
            return False
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return False
        finally:
            await self._read(actor)
        return True

    async def _read(self, actor: Actor) -> None:
        now_held, fields, found, people = await asyncio.to_thread(read_policy, actor)
        added = await asyncio.to_thread(added_words, actor)
        self.rows = grid(now_held, actor.language)
        self.fields = field_rows(now_held, fields, actor.language, added)
        self.teams = team_views(found, people)
        self.people = [{"id": str(user_id), "name": name} for user_id, name in people]
        self.round += 1

    async def _show_person(self, actor: Actor, user_id: str) -> None:
        self.person, self.rights, self.unseen, self.person_roles = "", [], [], ""
        if user_id not in {one["id"] for one in self.people}:
            return
        found = await asyncio.to_thread(ask, actor, rights_of, user_id=UUID(user_id), at=now())
        self.person = user_id
        self.person_roles = ", ".join(reason_words(reason, actor.language) for reason in found.roles)
        self.rights = right_views(found, actor.language)
        self.unseen = hidden_words(found.hidden, actor.language, await asyncio.to_thread(added_words, actor))


def read_policy(actor: Actor) -> tuple[Any, list[str], list[Any], list[tuple[UUID, str]]]:
    """Return the policy, what can be hidden, the teams and the people."""
    return ask(actor, policy), ask(actor, hideable_fields), ask(actor, teams), list(ask(actor, open_people))


def added_words(actor: Actor) -> dict[str, str]:
    """Return how the fields are called that the company added, as `table.custom.key`."""
    found = fields_by_name(actor)
    return {name.replace(".", f".{PREFIX}", 1): one.label for name, one in found.items()}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("Choisissez une personne de la liste.") from None
