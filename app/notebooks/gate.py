"""The gate of the notebooks' origin: every request and WebSocket is judged here before anything else sees it.

A pure ASGI application, because Starlette's `BaseHTTPMiddleware` does not see WebSockets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from app.edge.gate import (
    MEGABYTE,
    MOST_BODY_BYTES,
    SAFE_METHODS,
    AsgiApp,
    Body,
    Receive,
    Refused,
    Scope,
    Send,
    check_length,
    check_path,
    header_values,
    pass_limited,
)
from app.edge.headers import completed
from app.notebooks.sessions import Visit, Visits

EDIT, READ = "workspace.open_notebook", "insights.read_models"
PUBLIC = ("/health", "/marimo-assets/")
ENTER, CONTROL, EDITOR = "/enter", "/control/", "/edit/"
MOST_EDITOR_BYTES = 64 * MEGABYTE  # of one request to an editor: a notebook, or data dropped on it
# what the editor offers beside notebooks; refused to make the surface smaller (the confinement is the boundary)
DENIED = (
    "/terminal", "/lsp", "/mcp", "/auth", "/api/ai", "/api/environment", "/api/secrets", "/api/storage",
    "/api/packages/add", "/api/packages/remove", "/api/packages/sync", "/api/packages/update", "/api/kernel/shutdown",
    "/api/kernel/install_missing_packages", "/api/export/requirements", "/api/kernel/execute",
)  # fmt: skip
ALLOWED_IN_DENIED = ("/api/packages/sandbox",)

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"cache-control": b"no-store",
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; worker-src 'self' blob:; "
        b"object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
    ),
}


@dataclass(frozen=True)
class Addresses:
    """Which origins are the notebooks' own, and which are the product's (only they may send a ticket)."""

    own: frozenset[str]
    product: frozenset[str]

    @property
    def hosts(self) -> frozenset[str]:
        """The values of the `Host` header that are ours."""
        return frozenset(urlsplit(origin).netloc for origin in self.own)


class Gate:
    """Lets through who entered with a ticket and may still be here; the visit travels in `scope["visit"]`."""

    def __init__(self, app: AsgiApp, *, addresses: Addresses, visits: Visits, control_token: str) -> None:
        self.app, self.addresses, self.visits, self.control_token = app, addresses, visits, control_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        try:
            check_path(scope)
            scope["visit"] = self._judge(scope)
            check_length(header_values(scope), _most(scope))
        except Refused as refusal:
            await self._refuse(scope, send, refusal)
            return
        await self._pass_on(scope, receive, send)

    def _judge(self, scope: Scope) -> Visit | None:
        """Return the visit that may go on (None on public addresses); refuse everything else.

        Raises:
            Refused: 421, 401, 403 or 404.
        """
        sent = header_values(scope)
        if sent.get("host", "") not in self.addresses.hosts:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "Cette adresse n'est pas celle des carnets de Boussole.")
        path = scope["path"]
        if path.startswith(CONTROL):
            self._judge_control(scope, sent)
            return None
        self._judge_origin(scope, sent)
        if path == ENTER or (scope["type"] == "http" and path.startswith(PUBLIC)):
            return self.visits.of(sent.get("cookie", ""))
        return self._judge_visit(path, sent)

    def _judge_control(self, scope: Scope, sent: Mapping[str, str]) -> None:
        """Let only the product's own web process through, which knows the control word of this installation."""
        from secrets import compare_digest

        given = sent.get("authorization", "").encode()
        if scope["type"] != "http" or not compare_digest(given, f"Bearer {self.control_token}".encode()):
            raise Refused(HTTPStatus.UNAUTHORIZED, "Réservé au service de Boussole.")

    def _judge_origin(self, scope: Scope, sent: Mapping[str, str]) -> None:
        """Refuse WebSockets and changing requests of foreign pages; a ticket comes from the product's pages only."""
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            return
        welcome = self.addresses.product if scope["path"] == ENTER else self.addresses.own
        if sent.get("origin") not in welcome:
            raise Refused(HTTPStatus.FORBIDDEN, "Demande refusée : elle ne vient pas d'une page de Boussole.")

    def _judge_visit(self, path: str, sent: Mapping[str, str]) -> Visit:
        visit = self.visits.of(sent.get("cookie", ""))
        if visit is None or self.visits.who(visit) is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "Ouvrir le carnet depuis Boussole, menu « Carnets ».")
        if path.startswith("/frozen/"):
            if not self.visits.may(visit, READ) or path.removeprefix("/frozen/") not in visit.subjects:
                raise Refused(HTTPStatus.FORBIDDEN, "Ouvrir ce carnet figé depuis la page de la version.")
            return visit
        if not self.visits.may(visit, EDIT):
            raise Refused(HTTPStatus.FORBIDDEN, "Vos droits ne permettent pas d'ouvrir un carnet.")
        if is_denied(path):
            raise Refused(HTTPStatus.FORBIDDEN, "Cette fonction de l'éditeur est fermée.")
        return visit

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_completed(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = completed(list(message.get("headers", [])), HEADERS)
            await send(message)

        if scope["type"] == "websocket":
            await self.app(scope, receive, send_completed)
            return
        refusal = await pass_limited(self.app, scope, Body(receive, _most(scope)), send_completed)
        if refusal is not None:
            await self._refuse(scope, send, refusal)

    async def _refuse(self, scope: Scope, send: Send, refusal: Refused) -> None:
        """Say why in plain text; a WebSocket is refused before it is accepted."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": refusal.sentence[:100]})
            return
        headers = completed([(b"content-type", b"text/plain; charset=utf-8")], HEADERS)
        await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
        await send({"type": "http.response.body", "body": refusal.sentence.encode()})


def _most(scope: Scope) -> int:
    """Return how many bytes a request's body may have."""
    return MOST_EDITOR_BYTES if scope["path"].startswith(EDITOR) else MOST_BODY_BYTES


def is_denied(path: str) -> bool:
    """Test if the path belongs to a part of the editor that stays closed."""
    inner = path.removeprefix("/edit")
    if any(_is_below(inner, kept) for kept in ALLOWED_IN_DENIED):
        return False
    return any(_is_below(inner, closed) for closed in DENIED)


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")
