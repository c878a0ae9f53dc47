"""Who gets what at the notebooks' origin: every way in, every role, HTTP and WebSocket."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.doors import now
from app.notebooks import service as service_module
from app.notebooks.editors import Editor, Editors, free_ports
from app.notebooks.gate import DENIED, Addresses
from app.notebooks.places import LEAD_SCORING, Home
from app.notebooks.service import Service
from app.notebooks.sessions import COOKIE, Visit, Visits
from db.access.rules import Actor, Role
from db.access.tickets.actions import Redeemed
from db.access.tickets.rules import TicketNotValid, TicketPurpose

OWN, PRODUCT, FOREIGN = "http://127.0.0.1:3001", "http://127.0.0.1:3000", "http://evil.example"
FROZEN = "ab" * 32
IDS = {role: UUID(int=number) for number, role in enumerate(Role, start=1)}
ACTORS = {IDS[role]: Actor(IDS[role], role.value, frozenset({role}), via="notebook") for role in Role}


async def _echo(request: Request) -> Response:
    """Stand in for marimo: tell what arrived."""
    body = (await request.body()).decode()
    answer = JSONResponse({"path": request.url.path, "headers": dict(request.headers), "body": body})
    answer.set_cookie("session_of_marimo", "secret")
    return answer


async def _echo_socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json(dict(socket.headers))
    try:
        while (text := await socket.receive_text()) != "close":
            await socket.send_text(text.upper())
        await socket.close(4001, "kernel gone")
    except WebSocketDisconnect:
        pass


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    """A server in marimo's place; gives its port."""
    routes = [
        Route("/edit{path:path}", _echo, methods=["GET", "POST"]),
        WebSocketRoute("/edit/ws", _echo_socket),
    ]
    (port,) = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join()


class _OneEditor(Editors):
    """Gives everybody an editor at one address, and counts for whom."""

    def start(self, user_id: UUID, home: Home, capability: Any) -> Editor:
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
        return Editor(user_id, self.api_port, "marimo-token", process, time.monotonic(), time.monotonic())

    async def _wait_until_ready(self, editor: Editor, home: Home) -> None:
        await asyncio.sleep(0)


@pytest.fixture
def notebooks(upstream: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The origin with known tickets: the role's name opens a notebook, `read-` before it the frozen one."""
    used: set[str] = set()

    def redeem(_: Actor, __: object, *, ticket: str) -> Redeemed:
        role = ticket.removeprefix("read-")
        if role not in set(Role) or ticket in used:
            raise TicketNotValid("Ce billet d’entrée n’est plus valable.")
        used.add(ticket)
        reading = ticket.startswith("read-")
        purpose = TicketPurpose.READ if reading else TicketPurpose.EDIT
        return Redeemed(IDS[Role(role)], None, purpose, FROZEN if reading else LEAD_SCORING)

    monkeypatch.setattr(service_module, "do", redeem)
    assets = tmp_path / "assets/0.25.2"
    assets.mkdir(parents=True)
    (assets / "index.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    made = Service(
        addresses=Addresses(frozenset({OWN}), frozenset({PRODUCT})),
        visits=Visits(lambda visit: ACTORS.get(visit.user_id)),
        editors=_OneEditor(api_port=upstream),
        control_token="control",
        home_of=lambda user_id: Home(tmp_path / str(user_id)),
        take_snapshot=lambda actor, home: None,
        capability=lambda actor: {},
        frozen_file=lambda sha256: b"<html><script>alert(1)</script></html>",
        kept_assets=tmp_path / "assets",
    )
    yield made
    made.editors.stop_all()


@pytest.fixture
def client(notebooks: Service) -> Iterator[TestClient]:
    with TestClient(notebooks.application(), base_url=OWN, follow_redirects=False) as made:
        yield made


def enter(client: TestClient, ticket: str, origin: str | None = PRODUCT) -> Any:
    headers = {"Origin": origin} if origin else {}
    return client.post("/enter", data={"ticket": ticket}, headers=headers)


def connect(client: TestClient, path: str, headers: dict[str, str]) -> Any:
    return client.websocket_connect(f"ws://127.0.0.1:3001{path}", headers=headers)


class TestEnter:
    def test_gives_a_cookie_of_its_own_that_scripts_cannot_read(self, client: TestClient) -> None:
        answer = enter(client, "analyst")

        assert answer.status_code == 303
        assert answer.headers["location"] == "/edit/?file=lead_scoring.py"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie

    def test_refuses_a_used_ticket(self, client: TestClient) -> None:
        enter(client, "analyst")

        assert enter(client, "analyst").status_code == 403

    def test_refuses_an_invented_ticket(self, client: TestClient) -> None:
        answer = enter(client, "invented")

        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize("origin", [None, FOREIGN, OWN, "null"])
    def test_takes_tickets_from_the_products_pages_only(self, client: TestClient, origin: str | None) -> None:
        assert enter(client, "analyst", origin).status_code == 403

    def test_refuses_a_form_that_is_too_large(self, client: TestClient) -> None:
        answer = client.post("/enter", data={"ticket": "x" * 5000}, headers={"Origin": PRODUCT})

        assert answer.status_code == 403

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.ANALYST])
    def test_refuses_the_editor_to_whoever_is_no_analyst(self, client: TestClient, role: Role) -> None:
        assert enter(client, role.value).status_code == 403
        assert client.get("/edit/").status_code in (401, 403)


class TestGate:
    @pytest.mark.parametrize(
        "path", ["/", "/edit/", "/edit/assets/index.js", "/edit/health", "/edit/api/kernel/run", f"/frozen/{FROZEN}"]
    )
    def test_refuses_visitors(self, client: TestClient, path: str) -> None:
        assert client.get(path).status_code == 401

    @pytest.mark.parametrize("path", ["/edit/ws", "/edit/terminal/ws", "/edit/lsp/pylsp", "/anything"])
    def test_refuses_the_sockets_of_visitors(self, client: TestClient, path: str) -> None:
        with pytest.raises(WebSocketDisconnect) as closed, connect(client, path, headers={"Origin": OWN}):
            pass

        assert (closed.value.code, closed.value.reason) == (4403, "Ouvrir le carnet depuis Boussole, menu « Carnets ».")

    def test_does_not_take_the_products_session(self, client: TestClient) -> None:
        answer = client.get("/edit/", headers={"Cookie": "boussole_session=anything"})

        assert answer.status_code == 401

    def test_refuses_an_invented_cookie(self, client: TestClient) -> None:
        assert client.get("/edit/", headers={"Cookie": f"{COOKIE}=invented"}).status_code == 401

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:3000", "localhost:3001.evil.example"])
    def test_refuses_foreign_host_names(self, client: TestClient, host: str) -> None:
        enter(client, "analyst")

        assert client.get("/edit/", headers={"Host": host}).status_code == 421

    @pytest.mark.parametrize("origin", [None, FOREIGN, PRODUCT, "null"])
    def test_refuses_changes_from_foreign_pages(self, client: TestClient, origin: str | None) -> None:
        enter(client, "analyst")

        answer = client.post("/edit/api/kernel/run", headers={"Origin": origin} if origin else {})

        assert answer.status_code == 403

    @pytest.mark.parametrize("origin", [None, FOREIGN, PRODUCT, "null"])
    def test_refuses_sockets_from_foreign_pages(self, client: TestClient, origin: str | None) -> None:
        enter(client, "analyst")
        headers = {"Origin": origin} if origin else {}

        with pytest.raises(WebSocketDisconnect) as closed, connect(client, "/edit/ws", headers=headers):
            pass

        assert "ne vient pas d'une page de Boussole" in closed.value.reason

    @pytest.mark.parametrize("path", DENIED)
    def test_keeps_parts_of_the_editor_closed(self, client: TestClient, path: str) -> None:
        enter(client, "analyst")

        assert client.get(f"/edit{path}").status_code == 403
        assert client.post(f"/edit{path}/more", headers={"Origin": OWN}).status_code == 403

    def test_refuses_the_terminals_socket_to_the_analyst_too(self, client: TestClient) -> None:
        enter(client, "analyst")

        with (
            pytest.raises(WebSocketDisconnect) as closed,
            connect(client, "/edit/terminal/ws", headers={"Origin": OWN}),
        ):
            pass

        assert closed.value.reason == "Cette fonction de l'éditeur est fermée."

    def test_closes_at_once_when_the_person_has_left(self, client: TestClient, notebooks: Service) -> None:
        enter(client, "analyst")
        notebooks.visits.find_actor = lambda visit: None
        for visit in notebooks.visits.by_digest.values():
            visit.asked = float("-inf")

        assert client.get("/edit/").status_code == 401

    def test_tells_health_to_anybody(self, client: TestClient) -> None:
        assert client.get("/health").json()["status"] == "ok"


class TestBodies:
    def test_at_the_entrance_are_small(self, client: TestClient) -> None:
        assert client.post("/enter", content=b"x" * 2_000_000, headers={"Origin": PRODUCT}).status_code == 413

    def test_of_notebooks_may_be_larger(self, client: TestClient) -> None:
        enter(client, "analyst")

        assert client.post("/edit/api/save", content=b"x" * 2_000_000, headers={"Origin": OWN}).status_code == 200


class TestPaths:
    @pytest.mark.parametrize("path", ["/edit/x/%2e%2e/terminal", "/edit//terminal", "/edit/%252e%252e/control/"])
    def test_that_lead_elsewhere_are_refused_before_anything_else(self, client: TestClient, path: str) -> None:
        enter(client, "analyst")

        assert client.get(path).status_code == 404


class TestPassRequest:
    def test_carries_the_editors_token_and_none_of_the_browsers_secrets(self, client: TestClient) -> None:
        enter(client, "analyst")
        client.cookies.set("boussole_session", "secret of the product")

        sent = {"Origin": OWN, "Referer": f"{OWN}/edit/", "Authorization": "Basic x", "Marimo-Server-Token": "skew"}
        answer = client.post("/edit/api/kernel/run?x=1", content="code", headers=sent)

        arrived = answer.json()
        assert arrived["body"] == "code"
        assert arrived["path"] == "/edit/api/kernel/run"
        assert arrived["headers"]["authorization"] == "Bearer marimo-token"
        assert arrived["headers"]["marimo-server-token"] == "skew"
        assert not {"cookie", "origin", "referer"} & set(arrived["headers"])
        assert "set-cookie" not in answer.headers
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]

    def test_passes_sockets_both_ways_and_the_reason_of_their_end(self, client: TestClient) -> None:
        enter(client, "analyst")

        with connect(client, "/edit/ws?session_id=1", headers={"Origin": OWN}) as socket:
            arrived = socket.receive_json()
            socket.send_text("bonjour")
            said = socket.receive_text()
            socket.send_text("close")
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_text()

        assert said == "BONJOUR"
        assert arrived["authorization"] == "Bearer marimo-token"
        assert not {"cookie", "origin"} & set(arrived)
        assert closed.value.code == 4001

    def test_ends_a_socket_that_is_silent_for_too_long(self, client: TestClient, notebooks: Service) -> None:
        enter(client, "analyst")
        notebooks.idle_seconds = 0.2

        with connect(client, "/edit/ws", headers={"Origin": OWN}) as socket:
            socket.receive_json()
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()


class TestFrozen:
    @pytest.mark.parametrize("role", [Role.MANAGER, Role.ANALYST, Role.SALES, Role.ADMINISTRATOR])
    def test_shows_it_sandboxed_to_who_may_read_models(self, client: TestClient, role: Role) -> None:
        assert enter(client, f"read-{role.value}").headers["location"] == f"/frozen/{FROZEN}"

        answer = client.get(f"/frozen/{FROZEN}")

        policy = answer.headers["content-security-policy"]
        assert answer.status_code == 200
        assert policy.startswith("sandbox allow-scripts;")
        assert "allow-same-origin" not in policy
        assert f"{OWN}/marimo-assets/" in policy

    @pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.HR, Role.PURCHASING, Role.ACCOUNTANT])
    def test_refuses_who_may_not_read_models(self, client: TestClient, role: Role) -> None:
        enter(client, f"read-{role.value}")

        assert client.get(f"/frozen/{FROZEN}").status_code == 403

    def test_refuses_another_file_than_the_tickets(self, client: TestClient) -> None:
        enter(client, "read-manager")

        assert client.get(f"/frozen/{'cd' * 32}").status_code == 403

    def test_does_not_open_the_editor(self, client: TestClient) -> None:
        enter(client, "read-manager")

        assert client.get("/edit/").status_code == 403


class TestAssets:
    def test_are_public_because_a_sandbox_has_no_cookie(self, client: TestClient) -> None:
        answer = client.get("/marimo-assets/0.25.2/index.js", headers={"Origin": "null"})

        assert answer.text == "export {}"
        assert answer.headers["access-control-allow-origin"] == "*"

    @pytest.mark.parametrize(
        "path", ["0.25.2/../../secret.txt", "0.25.2/%2e%2e/%2e%2e/secret.txt", "..%2f/secret.txt", "9.9.9/index.js"]
    )
    def test_hold_nothing_else(self, client: TestClient, path: str) -> None:
        assert client.get(f"/marimo-assets/{path}").status_code in (401, 404)


class TestControl:
    def test_refuses_whoever_lacks_the_word(self, client: TestClient) -> None:
        enter(client, "analyst")

        for headers in ({}, {"Authorization": "Bearer wrong"}):
            assert client.get(f"/control/editors/{IDS[Role.ANALYST]}", headers=headers).status_code == 401
            assert client.delete(f"/control/editors/{IDS[Role.ANALYST]}", headers=headers).status_code == 401

    def test_tells_and_stops(self, client: TestClient) -> None:
        enter(client, "analyst")
        word = {"Authorization": "Bearer control"}
        address = f"/control/editors/{IDS[Role.ANALYST]}"

        assert client.get(address, headers=word).json() == {"running": True, "tabs": 0}
        assert client.delete(address, headers=word).json() == {"stopped": True}
        assert client.get(address, headers=word).json() == {"running": False, "tabs": 0}


class TestReap:
    def test_ends_editors_that_nobody_used(self, notebooks: Service, client: TestClient) -> None:
        enter(client, "analyst")

        assert notebooks.editors.reap(idle_seconds=60) == []
        assert notebooks.editors.reap(idle_seconds=0) == [IDS[Role.ANALYST]]
        assert notebooks.editors.running == {}


class TestVisits:
    def test_keeps_opened_subjects_for_the_same_person_only(self) -> None:
        visits = Visits(lambda visit: None)
        before = Visit(IDS[Role.SALES], None, now(), {FROZEN})

        _, same = visits.enter(IDS[Role.SALES], None, before=before)
        _, other = visits.enter(IDS[Role.HR], None, before=before)

        assert same.subjects == {FROZEN}
        assert other.subjects == set()
