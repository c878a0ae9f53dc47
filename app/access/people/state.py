"""What the page of people shows and does."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.access.fresh import ask_fresh_proof
from app.access.leaving import import_areas
from app.access.spoken import told
from app.doors import ask, do
from app.origins import own_origins
from app.platform import handler
from app.session import current_actor
from app.text import day, say
from db.access.people import actions
from db.access.people.passwords.actions import make_reset_link
from db.access.people.queries import Person, people
from db.access.people.reassignment import belongings_of
from db.access.people.rules import ROLE_NAMES
from db.access.people.second_factor.actions import reset_second_factor
from db.access.people.sessions.actions import sign_out_person
from db.access.rules import Role, may
from db.kernel.errors import BadInput, BusinessError, FreshProofNeeded
from db.session import DEMO, open_company

MANAGE = "access.manage_users"
_REFUSED = object()


class People(rx.State):
    """The people of the firm, and the one that is chosen."""

    rows: list[dict[str, str]] = []
    with_closed: bool = False
    problem: str = ""
    add_round: int = 0
    # the chosen person
    chosen: str = ""
    name: str = ""
    email: str = ""
    is_closed: bool = False
    is_self: bool = False
    has_factor: bool = False
    roles: list[dict[str, str]] = []
    belongings: list[str] = []
    successors: list[dict[str, str]] = []
    link: str = ""

    @handler("access.read_users")
    async def load(self) -> None:
        """List everybody; choose the person in the address."""
        self.problem = self.link = ""
        await self._list()
        await self._choose(self.router.url.query_parameters.get("personne", ""))

    @handler("access.read_users")
    async def show_closed(self, with_closed: bool) -> None:
        """Show or hide those who left."""
        self.with_closed = with_closed
        await self._list()

    @handler("access.read_users")
    async def choose(self, user_id: str) -> None:
        """Show one person beside the list."""
        self.problem = self.link = ""
        await self._choose(user_id)

    @handler(MANAGE)
    async def add(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Let a person in; she chooses her password through the link that is shown."""
        made = await self._try(
            People.add(form),
            actions.add_user,
            name=form.get("name", ""),
            email=form.get("email", ""),
            roles=[role.value for role in Role if form.get(f"role_{role.value}")],
        )
        if made is _REFUSED:
            return None
        self.add_round += 1
        await self._list()
        await self._choose(str(made))
        await self._make_link(str(made))
        return await told(self, "{name} peut entrer avec le lien ci-contre.", name=self.name)

    @handler("access.change_roles")
    async def change_roles(self, user_id: str, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Give the chosen person other roles."""
        roles = [role.value for role in Role if form.get(f"role_{role.value}")]
        if not await self._did(
            People.change_roles(user_id, form), actions.change_roles, user_id=_id(user_id), roles=roles
        ):
            return None
        await self._list()
        await self._choose(user_id)
        return await told(self, "Rôles changés. Les appareils de cette personne sont déconnectés.")

    @handler(MANAGE)
    async def make_link(self, user_id: str) -> None:
        """Show, once, a link with which a person chooses a password."""
        await self._make_link(user_id)

    @handler(MANAGE)
    async def sign_out(self, user_id: str) -> rx.event.EventSpec | None:
        """End all sessions of a person."""
        done = await self._did(People.sign_out(user_id), sign_out_person, user_id=_id(user_id))
        return await told(self, "Tous ses appareils sont déconnectés.") if done else None

    @handler(MANAGE)
    async def reset_factor(self, user_id: str) -> rx.event.EventSpec | None:
        """Take a person's second factor away."""
        if not await self._did(People.reset_factor(user_id), reset_second_factor, user_id=_id(user_id)):
            return None
        await self._choose(user_id)
        return await told(self, "Second facteur retiré : la personne en active un autre.")

    @handler(MANAGE)
    async def close(self, user_id: str, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Close the account of a person who leaves; somebody takes her records over."""
        to_user = _id(form["to_user"]) if form.get("to_user") else None
        closing = People.close(user_id, form)
        if not await self._did(closing, actions.close_person, user_id=_id(user_id), to_user=to_user):
            return None
        self.with_closed = True
        await self._list()
        await self._choose(user_id)
        return await told(self, "Compte fermé, fiches transmises.")

    @handler(MANAGE)
    async def reopen(self, user_id: str) -> rx.event.EventSpec | None:
        """Let a person in again."""
        if not await self._did(People.reopen(user_id), actions.reopen_person, user_id=_id(user_id)):
            return None
        await self._list()
        await self._choose(user_id)
        return await told(self, "Compte rouvert.")

    async def _make_link(self, user_id: str) -> None:
        token = await self._try(People.make_link(user_id), make_reset_link, user_id=_id(user_id))
        if token is not _REFUSED:
            self.link = f"{_own_origin(self.router.headers.origin)}{routes.RESET}?jeton={token}"

    async def _did(self, again: Any, action: Callable[..., Any], **arguments: Any) -> bool:
        """Do something that answers nothing; return whether it was done."""
        return await self._try(again, action, **arguments) is not _REFUSED

    async def _try(self, again: Any, action: Callable[..., Any], **arguments: Any) -> Any:
        """Do something; show a refusal, or ask for a fresh proof and then do `again`."""
        actor = await current_actor(self)
        try:
            self.problem = ""
            return await asyncio.to_thread(do, actor, action, **arguments)
        except FreshProofNeeded:
            await ask_fresh_proof(self, again)
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
        return _REFUSED

    async def _list(self) -> None:
        actor = await current_actor(self)
        found = await asyncio.to_thread(ask, actor, people, with_closed=self.with_closed)
        self.rows = [_row(person, actor.language) for person in found]

    async def _choose(self, user_id: str) -> None:
        actor = await current_actor(self)
        everybody = await asyncio.to_thread(ask, actor, people, with_closed=True)
        person = next((one for one in everybody if str(one.id) == user_id), None)
        self.chosen = str(person.id) if person else ""
        if person is None:
            return
        self.name, self.email, self.has_factor = person.name, person.email, person.has_second_factor
        self.is_closed, self.is_self = person.closed_at is not None, person.id == actor.user_id
        self.roles = role_choices(person.roles, actor.language)
        self.successors = [
            {"id": str(one.id), "name": one.name} for one in everybody if one.closed_at is None and one.id != person.id
        ]
        if may(actor, MANAGE):
            import_areas()
            waiting = await asyncio.to_thread(ask, actor, belongings_of, user_id=person.id)
            self.belongings = [f"{one.count} {say(actor.language, one.label)}" for one in waiting if one.count]


def role_choices(given: frozenset[Role], language: str) -> list[dict[str, str]]:
    """List all roles, those given marked."""
    return [
        {"name": f"role_{role.value}", "label": say(language, label), "on": "1" if role in given else ""}
        for role, label in ROLE_NAMES.items()
    ]


def _row(person: Person, language: str) -> dict[str, str]:
    is_demo = open_company() == DEMO  # where everybody comes in without a password
    return {
        "id": str(person.id),
        "name": person.name,
        "email": person.email,
        "roles": ", ".join(say(language, ROLE_NAMES[role]) for role in ROLE_NAMES if role in person.roles),
        "factor": "1" if person.has_second_factor else "",
        "waits": "1" if not (person.has_password or person.has_second_factor or is_demo) else "",
        "password": "1" if person.has_password else "",
        "closed": day(person.closed_at) if person.closed_at else "",
    }


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("Choisissez une personne de la liste.") from None


def _own_origin(origin: str) -> str:
    """Return the address under which this browser came, if it is ours; else the first of ours."""
    ours = own_origins()
    return origin if origin in ours else ours[0]
