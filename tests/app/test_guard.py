"""The guard in the event pipeline, without server and browser."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex_base.event import Event
from reflex_base.event.processor.base_state_processor import BaseStateEventProcessor
from reflex_base.utils.format import format_event_handler
from sqlalchemy.exc import OperationalError

from app import platform
from app.app import app
from app.platform import FRAMEWORK_EVENTS, PUBLIC, Notices, Visitor, handler, notify, tell_what_went_wrong
from app.routes import SIGN_IN
from db.access.rules import Actor, Role
from db.kernel.errors import NotAllowed
from tests.alone import run_alone

PEOPLE = {
    "anne": Actor(UUID(int=1), "Anne", frozenset({Role.SALES}), session_id=UUID(int=11)),
    "bob": Actor(UUID(int=2), "Bob", frozenset({Role.ADMINISTRATOR}), session_id=UUID(int=12)),
}


class Probe(rx.State):
    """A state whose handlers say what ran."""

    ran: list[str] = []

    @handler("crm.edit_leads")
    def edit(self) -> None:
        self.ran.append("edit")

    @handler("access.change_roles")
    def promote(self) -> None:
        self.ran.append("promote")

    @handler("crm.edit_leads", background=True)
    async def edit_long(self) -> None:
        async with self:
            self.ran.append("edit_long")

    @handler(PUBLIC)
    def look(self) -> Any:
        self.ran.append("look")
        return notify("{count} vus", count=3)

    @handler("crm.edit_leads")
    def refuse(self) -> None:
        raise NotAllowed("La piste {name} est close.", name="Keller")

    @handler(PUBLIC)
    def chain(self) -> Any:
        return Probe.promote

    @rx.event
    def forgotten(self) -> None:
        self.ran.append("forgotten")


class Tab:
    """One tab of one browser: sends events and gathers what comes back."""

    def __init__(self, processor: BaseStateEventProcessor) -> None:
        self.processor, self.token = processor, "tab"
        self.seen: dict[str, Any] = {}
        self.redirects: list[str] = []

    async def send(self, event: Any, cookie: str) -> None:
        where = {"pathname": "/nulle-part", "headers": {"cookie": f"boussole_session={cookie}"}}
        sent = Event(name=format_event_handler(event), payload={}, router_data=where)
        with suppress(NotAllowed):  # the pipeline has shown it already
            await (await self.processor.enqueue(self.token, sent)).wait_all()

    async def emit_update(self, update: Any, token: str) -> None:
        for state, changes in update.delta.items():
            for name, value in changes.items():
                self.seen[f"{state.rsplit('.', 1)[-1]}.{name.removesuffix('_rx_state_')}"] = value
        self.redirects += [event.payload["path"] for event in update.events if event.name == "_redirect"]

    @property
    def ran(self) -> list[str]:
        return list(self.seen.get(f"{Probe.get_name()}.ran", []))

    @property
    def notice(self) -> str:
        return str(self.seen.get(f"{Notices.get_name()}.notice", {}).get("fr", ""))

    @property
    def name(self) -> str:
        return str(self.seen.get(f"{Visitor.get_name()}.name", ""))


@pytest.fixture(autouse=True)
def _people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(app), "get_load_events", lambda self, path: [])  # no page, only its events
    monkeypatch.setattr(platform, "who_is", lambda cookie: PEOPLE.get(cookie.removeprefix("boussole_session=")))


def walk(*steps: tuple[Any, str]) -> Tab:
    """Send events one after the other, each with a cookie, and return the tab."""

    async def run() -> Tab:
        with app.set_contexts():
            processor = BaseStateEventProcessor(middleware=app, backend_exception_handler=tell_what_went_wrong)
            tab = Tab(processor)
            async with processor.configure(state_manager=StateManagerMemory(), event_namespace=tab):  # type: ignore[arg-type]
                for event, cookie in steps:
                    await tab.send(event, cookie)
                await asyncio.sleep(0.2)  # what the handler of exceptions sends has no future to wait for
            return tab

    return run_alone(run())


class TestGuard:
    def test_lets_a_person_do_what_she_may(self) -> None:
        assert walk((Probe.edit, "anne")).ran == ["edit"]

    def test_refuses_what_a_person_may_not(self) -> None:
        tab = walk((Probe.promote, "anne"))

        assert (tab.ran, tab.notice) == ([], "Vos droits ne permettent pas cette opération.")

    def test_leads_a_visitor_to_the_sign_in_page(self) -> None:
        tab = walk((Probe.edit, "nobody"))

        assert (tab.ran, tab.redirects) == ([], [SIGN_IN])

    def test_refuses_a_handler_whose_permission_was_forgotten(self) -> None:
        assert walk((Probe.forgotten, "bob")).ran == []

    def test_stands_before_background_handlers(self) -> None:
        assert walk((Probe.edit_long, "nobody")).ran == []
        assert walk((Probe.edit_long, "anne")).ran == ["edit_long"]

    def test_stands_before_chained_events(self) -> None:
        assert walk((Probe.chain, "anne")).ran == []
        assert walk((Probe.chain, "bob")).ran == ["promote"]

    def test_forgets_what_a_tab_held_when_another_person_sits_there(self) -> None:
        tab = walk((Probe.edit, "anne"), (Probe.promote, "bob"))

        assert (tab.ran, tab.name) == (["promote"], "Bob")

    def test_forgets_what_a_tab_held_when_the_session_has_ended(self) -> None:
        tab = walk((Probe.edit, "anne"), (Probe.edit, "nobody"))

        assert (tab.ran, tab.name, tab.redirects) == ([], "", [SIGN_IN])

    def test_says_so_when_the_database_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(cookie: str) -> None:
            raise OperationalError("select", {}, Exception("gone"))

        monkeypatch.setattr(platform, "who_is", broken)

        tab = walk((Probe.look, "anne"))

        assert (tab.ran, tab.notice) == ([], "La base de données ne répond pas. Réessayer dans un instant.")


class TestNotify:
    def test_shows_the_sentence_with_its_places_filled(self) -> None:
        assert walk((Probe.look, "nobody")).notice == "3 vus"

    def test_shows_a_refusal_of_the_business_in_its_own_words(self) -> None:
        assert walk((Probe.refuse, "anne")).notice == "La piste Keller est close."


class TestAllHandlers:
    def test_names_what_each_asks_for(self) -> None:
        handlers = platform.all_handlers()

        assert {name.rsplit(".", 1)[-1] for name, asks in handlers.items() if asks == "framework"} >= FRAMEWORK_EVENTS
        assert next(asks for name, asks in handlers.items() if name.endswith("notices.show")) == "anybody"

    def test_of_the_product_declare_a_known_permission(self) -> None:
        assert platform.undeclared_handlers() == []
