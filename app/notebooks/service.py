"""The notebooks' origin as one ASGI application: entrance, editor, frozen notebooks, marimo's own files, control."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from app.doors import do
from app.notebooks.assets import asset_response
from app.notebooks.editors import BASE_PATH, IDLE_SECONDS, Editor, Editors, NotebookDidNotStart
from app.notebooks.frozen import frozen_response
from app.notebooks.gate import Addresses, AsgiApp, Gate
from app.notebooks.places import NOTEBOOKS, Home
from app.notebooks.proxy import pass_request, pass_websocket
from app.notebooks.sessions import COOKIE, LIFE, Visit, Visits
from db.access.rules import NOBODY, Actor
from db.access.tickets.actions import Redeemed, redeem_ticket
from db.access.tickets.rules import TicketNotValid, TicketPurpose

REAP_EVERY_SECONDS = 30.0
MOST_FORM_BYTES = 4096


@dataclass
class Service:
    """What the origin needs of the rest of the product, so that tests can stand in for it."""

    addresses: Addresses
    visits: Visits
    editors: Editors
    control_token: str
    home_of: Callable[[UUID], Home]
    take_snapshot: Callable[[Actor, Home], None]
    capability: Callable[[Actor], Mapping[str, str]]
    frozen_file: Callable[[str], bytes]
    kept_assets: Path
    idle_seconds: float = IDLE_SECONDS
    client: httpx.AsyncClient = field(init=False)

    def application(self) -> AsgiApp:
        """Build the origin: its routes behind its gate."""
        methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        routes = [
            Route("/", self.front),
            Route("/health", self.health),
            Route("/enter", self.enter, methods=["POST"]),
            Route("/control/editors/{user_id:uuid}", self.control, methods=["GET", "DELETE"]),
            Route("/marimo-assets/{version}/{path:path}", self.asset),
            Route("/frozen/{sha256}", self.frozen),
            Route(f"{BASE_PATH}{{path:path}}", self.edit, methods=methods),
            WebSocketRoute(f"{BASE_PATH}{{path:path}}", self.edit_socket),
        ]
        inner = Starlette(routes=routes, lifespan=self.lifespan)
        return Gate(inner, addresses=self.addresses, visits=self.visits, control_token=self.control_token)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Reap idle editors while the origin is up; end them all with it."""
        reaper = asyncio.create_task(self._reap())
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(10, read=None)) as self.client:
                yield
        finally:
            reaper.cancel()
            self.editors.stop_all()

    async def _reap(self) -> None:
        while True:
            await asyncio.sleep(REAP_EVERY_SECONDS)
            self.editors.reap(idle_seconds=self.idle_seconds)

    async def health(self, _: Request) -> Response:
        """Answer that the process lives."""
        return JSONResponse({"status": "ok", "editors": len(self.editors.running)})

    async def front(self, _: Request) -> Response:
        """Lead an analyst to her notebooks."""
        return RedirectResponse(f"{BASE_PATH}/", status_code=303)

    async def enter(self, request: Request) -> Response:
        """Redeem a ticket: remember the browser with a cookie of this origin and lead it to what the ticket opens."""
        ticket = await _ticket(request)
        try:
            redeemed = await asyncio.to_thread(do, NOBODY, redeem_ticket, ticket=ticket)
        except TicketNotValid as refusal:
            return PlainTextResponse(str(refusal), status_code=403)
        token, visit = self.visits.enter(redeemed.user_id, redeemed.session_id, before=request.scope["visit"])
        try:
            target = await self._prepare(redeemed, visit)
        except NotebookDidNotStart as refusal:
            return PlainTextResponse(str(refusal), status_code=503)
        if target is None:
            return PlainTextResponse("Vos droits ne permettent pas d'ouvrir ce carnet.", status_code=403)
        answer = RedirectResponse(target, status_code=303)
        secure = request.headers.get("origin", "").startswith("https:")
        answer.set_cookie(
            COOKIE, token, max_age=int(LIFE.total_seconds()), httponly=True, samesite="strict", secure=secure
        )
        return answer

    async def _prepare(self, redeemed: Redeemed, visit: Visit) -> str | None:
        """Make ready what a ticket opens; return its address, None when the person may not see it (any more)."""
        actor = await asyncio.to_thread(self.visits.who, visit)
        if actor is None:
            return None
        if redeemed.purpose is TicketPurpose.READ:
            visit.subjects.add(redeemed.subject)
            return f"/frozen/{quote(redeemed.subject)}"
        if redeemed.subject not in NOTEBOOKS or not self.visits.may(visit, "workspace.open_notebook"):
            return None
        home = self.home_of(redeemed.user_id)
        await asyncio.to_thread(self.take_snapshot, actor, home)
        await self._editor(visit)
        return f"{BASE_PATH}/?file={quote(redeemed.subject)}"

    async def _editor(self, visit: Visit) -> Editor:
        actor = self.visits.who(visit)
        assert actor is not None
        return await self.editors.of(visit.user_id, self.home_of(visit.user_id), lambda: self.capability(actor))

    async def edit(self, request: Request) -> Response:
        """Pass a request on to the visitor's own editor."""
        try:
            editor = await self._editor(request.scope["visit"])
        except NotebookDidNotStart as refusal:
            return PlainTextResponse(str(refusal), status_code=503)
        return await pass_request(request, editor, self.client)

    async def edit_socket(self, socket: WebSocket) -> None:
        """Pass a WebSocket on to the visitor's own editor."""
        editor = self.editors.running.get(socket.scope["visit"].user_id)
        if editor is None or not editor.is_running():
            await socket.close(1001)
            return
        await pass_websocket(socket, editor, idle_seconds=self.idle_seconds)

    async def frozen(self, request: Request) -> Response:
        """Show a frozen notebook in an origin of its own (sandbox)."""
        host = request.headers["host"]
        own = next(origin for origin in self.addresses.own if urlsplit(origin).netloc == host)
        return await asyncio.to_thread(frozen_response, request.path_params["sha256"], self.frozen_file, own)

    async def asset(self, request: Request) -> Response:
        """Give one of marimo's own public files, of the version that a frozen notebook was made with."""
        return asset_response(self.kept_assets, request.path_params["version"], request.path_params["path"])

    async def control(self, request: Request) -> Response:
        """Tell the web process about an analyst's editor, or end it for her."""
        user_id: UUID = request.path_params["user_id"]
        if request.method == "DELETE":
            return JSONResponse({"stopped": await asyncio.to_thread(self.editors.stop, user_id)})
        return JSONResponse(_status(self.editors.running.get(user_id)))


def _status(editor: Editor | None) -> dict[str, Any]:
    running = editor is not None and editor.is_running()
    return {"running": running, "tabs": editor.sockets if editor is not None and running else 0}


async def _ticket(request: Request) -> str:
    """Read the ticket out of a small form."""
    if int(request.headers.get("content-length", MOST_FORM_BYTES + 1)) > MOST_FORM_BYTES:
        return ""
    async with request.form(max_files=0, max_fields=4) as form:
        given = form.get("ticket", "")
    return given if isinstance(given, str) else ""
