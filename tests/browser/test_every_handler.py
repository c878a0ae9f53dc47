"""An attacker's Socket.IO client against the real server: every registered handler, as a visitor and as each role.

The names of all handlers are public (they stand in the JavaScript), so the list is taken from the product itself and
each one is called. It may get through only where the one policy says so.
"""

import asyncio
import json
import secrets
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import socketio

from app.doors import do
from app.platform import FRAMEWORK_EVENTS, all_handlers, undeclared_handlers
from app.routes import SIGN_IN
from app.session import SESSION_COOKIE
from db.access.people.actions import add_user
from db.access.people.sessions.tables import SignInSession
from db.access.people.tokens.rules import token_hash
from db.access.rules import PERMISSIONS, Actor, Role, may, system_actor
from db.session import transaction
from tests.alone import run_alone
from tests.browser.conftest import Server

REFUSED = "Vos droits ne permettent pas cette opération."
NAMESPACE = "/_event"
PATIENCE = 30  # seconds: the server is asked by six at once


@pytest.fixture(scope="module")
def handlers() -> dict[str, str]:
    """Every registered handler with the permission that it asks for."""
    import app.app  # noqa: F401 - registers all pages

    return all_handlers()


QUIET = 1.0  # seconds without an answer after which none is awaited


class Attacker:
    """Speaks to the server as the browser does, without a browser."""

    def __init__(self, url: str, cookie: str = "", origin: str | None = None) -> None:
        self.url, self.answers = url, asyncio.Queue[Any]()
        self.headers = {"Origin": origin or url, **({"Cookie": cookie} if cookie else {})}
        self.client = socketio.AsyncClient(reconnection=False, request_timeout=PATIENCE)
        self.client.on("event", self._take, namespace=NAMESPACE)

    async def _take(self, update: Any) -> None:
        await self.answers.put(json.loads(update) if isinstance(update, str) else update)

    async def __aenter__(self) -> "Attacker":
        address = f"{self.url}/?token={uuid.uuid4()}"
        await self.client.connect(
            address,
            headers=self.headers,
            socketio_path="/_event",
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=PATIENCE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.disconnect()

    async def first_answer(self, handler: str, payload: dict[str, Any]) -> Any:
        """Send one event and return the first update that comes back, whatever is still to follow."""
        while not self.answers.empty():
            self.answers.get_nowait()
        event = {"name": handler, "payload": payload, "router_data": {"pathname": "/", "asPath": "/", "query": {}}}
        await self.client.emit("event", event, namespace=NAMESPACE)
        return await asyncio.wait_for(self.answers.get(), PATIENCE)

    async def call(self, handler: str, payload: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Send one event and return the updates that come back: up to the refusal, else until nothing more comes."""
        place = {"pathname": "/", "asPath": "/", "query": {}}
        await self.client.emit(
            "event", {"name": handler, "payload": payload or {}, "router_data": place}, namespace=NAMESPACE
        )
        updates = [await asyncio.wait_for(self.answers.get(), PATIENCE)]
        while not is_refused(updates):
            try:
                updates.append(await asyncio.wait_for(self.answers.get(), QUIET))
            except TimeoutError:
                break
        return updates


def is_refused(updates: list[dict[str, Any]]) -> bool:
    """Test if the guard answered in the place of the handler."""
    text = json.dumps(updates, ensure_ascii=False)
    return REFUSED in text or f'"path": "{SIGN_IN}' in text


def business(handlers: dict[str, str]) -> dict[str, str]:
    """Return the product's own handlers without those that only show a notice."""
    return {
        name: permission for name, permission in handlers.items() if permission != "framework" and "notices" not in name
    }


def framework_doors(handlers: dict[str, str]) -> list[str]:
    """Return Reflex's own handlers that a page does not need (such as `setvar` on every state)."""
    return [
        name
        for name, permission in handlers.items()
        if permission == "framework" and name.rsplit(".", 1)[-1] not in FRAMEWORK_EVENTS
    ]


def cookie_of(server: Server, role: Role) -> str:
    """Make a person with one role and a browser session; return the cookie."""
    at, token = datetime.now(UTC), secrets.token_urlsafe(32)
    with server.database():
        address = f"{secrets.token_hex(6)}@example.ch"
        user_id = do(system_actor(), add_user, name=role.value, email=address, roles=[role])
        with transaction() as session:
            session.add(
                SignInSession(
                    user_id=user_id, token_hash=token_hash(token), device="Attaque", address="127.0.0.1",
                    opened_at=at, last_seen_at=at, fresh_until=at + timedelta(minutes=10),
                )
            )  # fmt: skip
    return f"{SESSION_COOKIE}={token}"


AT_ONCE = 6


async def side_by_side(knock: Callable[[list[str]], Awaitable[set[str]]], names: list[str]) -> set[str]:
    """Let several attackers share the names, since each waits after every call; return what any of them found."""
    shares = [names[start::AT_ONCE] for start in range(AT_ONCE) if names[start::AT_ONCE]]
    return set().union(*await asyncio.gather(*map(knock, shares)))


class TestEveryHandler:
    def test_declares_a_permission_that_exists(self, handlers: dict[str, str]) -> None:
        assert undeclared_handlers() == []
        assert len(business(handlers)) > 20

    def test_refuses_a_visitor_unless_it_is_public(self, server: Server, handlers: dict[str, str]) -> None:
        async def knock(names: list[str]) -> set[str]:
            through = set()
            for name in names:
                async with Attacker(server.url) as attacker:
                    if not is_refused(await attacker.call(name)):
                        through.add(name)
            return through

        got_through = run_alone(side_by_side(knock, list(business(handlers))))

        assert got_through <= {name for name, permission in business(handlers).items() if permission == "anybody"}

    def test_refuses_a_visitor_what_the_framework_offers_beside_its_pages(
        self, server: Server, handlers: dict[str, str]
    ) -> None:
        doors = framework_doors(handlers)

        async def walk() -> set[str]:
            async with Attacker(server.url) as attacker:
                return {name for name in doors if not is_refused(await attacker.call(name))}

        assert run_alone(walk()) == set()

    @pytest.mark.parametrize("role", list(Role))
    def test_lets_a_role_through_only_where_the_policy_says_so(
        self, server: Server, handlers: dict[str, str], role: Role
    ) -> None:
        somebody = Actor(uuid.uuid4(), role.value, frozenset({role}))
        forbidden = [name for name, permission in business(handlers).items() if not may(somebody, permission)]
        allowed = [name for name, permission in business(handlers).items() if may(somebody, permission)]

        async def knock(names: list[str]) -> set[str]:
            async with Attacker(server.url, cookie_of(server, role)) as attacker:
                return {name for name in names if not is_refused(await attacker.call(name))}

        async def walk() -> tuple[set[str], set[str]]:
            passed = await side_by_side(knock, forbidden)
            async with Attacker(server.url, cookie_of(server, role)) as attacker:
                stopped = {name for name in allowed[:1] if is_refused(await attacker.call(name))}
            return passed, stopped

        passed, stopped = run_alone(walk())

        assert passed == set()
        assert stopped == set()

    def test_is_refused_to_a_foreign_page(self, server: Server) -> None:
        async def knock() -> None:
            async with Attacker(server.url, cookie_of(server, Role.ADMINISTRATOR), origin="http://evil.example"):
                pass

        with pytest.raises(socketio.exceptions.ConnectionError):
            run_alone(knock())


class TestStateOfAVisitor:
    def test_holds_nothing_about_the_firm(self, server: Server) -> None:
        """Hydration sends all variables of all states: for a visitor they must be the empty ones."""
        with server.database():
            do(system_actor(), add_user, name="Zoé Secrète", email="zoe@example.ch", roles=[Role.HR])

        async def hydrate() -> str:
            async with Attacker(server.url) as attacker:
                name = next(n for n in all_handlers() if n.endswith(".hydrate"))
                return json.dumps(await attacker.call(name), ensure_ascii=False)

        assert "Zoé" not in run_alone(hydrate())

    def test_cannot_be_written_from_outside(self, server: Server) -> None:
        async def write() -> str:
            async with Attacker(server.url) as attacker:
                name = next(n for n in all_handlers() if n.endswith(".update_vars_internal"))
                wanted = {"reflex___state____state.app___platform____visitor.permissions": list(PERMISSIONS)}
                await attacker.call(name, {"vars": wanted})
                hydrate = next(n for n in all_handlers() if n.endswith(".hydrate"))
                return json.dumps(await attacker.call(hydrate))

        assert "crm.read_leads" not in run_alone(write())
