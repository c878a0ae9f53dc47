"""The one gate of every HTTP request and WebSocket, before Reflex, the API or a file sees it.

Refused here: addresses that are not ours (DNS rebinding), foreign origins (cross-site requests and WebSockets), uploads
by visitors or above the limit, reading uploaded files. Events inside the WebSocket are the guard's (`app.platform`).
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from app.edge.headers import caching, completed
from app.session import SESSION_COOKIE

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOAD_PATH = "/_upload"
SAME_SITE = frozenset({"same-origin", "none"})
TOO_LARGE, FORBIDDEN, UNAUTHORIZED, MISDIRECTED, NOT_FOUND = 413, 403, 401, 421, 404


class Refused(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence
        super().__init__(sentence)


class UploadTooLarge(Refused):
    """More bytes arrived than an upload may have."""


class Gate:
    """Lets through what is addressed to us, comes from us and may be sent; completes the headers of every answer."""

    def __init__(
        self,
        app: AsgiApp,
        *,
        origins: frozenset[str],
        hosts: frozenset[str],
        headers: Mapping[bytes, bytes],
        is_signed_in: Callable[[str], bool],
        most_upload_bytes: int,
    ) -> None:
        self.app = app
        self.origins = origins
        self.hosts = hosts
        self.headers = headers
        self.is_signed_in = is_signed_in
        self.most_upload_bytes = most_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            self._check(scope)
        except Refused as refusal:
            await self._answer(scope, send, refusal)
            return
        await self._pass_on(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Refuse what is not addressed to us, does not come from us, or may not be uploaded."""
        sent = header_values(scope)
        if sent.get("host", "") not in self.hosts:
            raise Refused(MISDIRECTED, "Cette adresse n'est pas celle de Boussole. L'inscrire dans BOUSSOLE_ORIGINS.")
        self._check_origin(scope, sent)
        if scope["path"].startswith(UPLOAD_PATH):
            self._check_upload(scope, sent)

    def _check_origin(self, scope: Scope, sent: Mapping[str, str]) -> None:
        """Refuse WebSockets and changing requests that a foreign page sends with our cookie.

        Browsers always name the origin of both; a program that sends no origin and no cookie cannot be abused that way.
        """
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            return
        origin = sent.get("origin")
        if origin is None and (SESSION_COOKIE not in sent.get("cookie", "") or sent.get("sec-fetch-site") in SAME_SITE):
            return
        if origin not in self.origins:
            raise Refused(FORBIDDEN, "Demande refusée : elle ne vient pas d'une page de Boussole.")

    def _check_upload(self, scope: Scope, sent: Mapping[str, str]) -> None:
        """Refuse an upload before its body is read; files that were uploaded are never served from here."""
        if scope["type"] != "http" or scope["method"] != "POST":
            raise Refused(NOT_FOUND, "Rien à cette adresse.")
        if not self.is_signed_in(sent.get("cookie", "")):
            raise Refused(UNAUTHORIZED, "Se connecter avant de déposer un fichier.")
        length = sent.get("content-length", "0")
        if not length.isdigit() or int(length) > self.most_upload_bytes:
            raise self._too_large()

    def _too_large(self) -> UploadTooLarge:
        most = self.most_upload_bytes // 1024**2
        return UploadTooLarge(TOO_LARGE, f"Le fichier dépasse {most} Mo. Le partager en plusieurs fichiers.")

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to the application, counting an upload's bytes and completing the answer's headers."""
        started = False

        async def send_completed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                keep = {b"cache-control": caching(scope["path"], message["status"])}
                message["headers"] = completed(list(message.get("headers", [])), {**self.headers, **keep})
            await send(message)

        is_upload = scope["path"].startswith(UPLOAD_PATH)
        try:
            await self.app(scope, self._counted(receive) if is_upload else receive, send_completed)
        except UploadTooLarge as refusal:
            if not started:
                await self._answer(scope, send, refusal)

    def _counted(self, receive: Receive) -> Receive:
        """Wrap `receive` so that an upload without (or with a false) length ends at the limit too."""
        arrived = 0

        async def receive_counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self.most_upload_bytes:
                raise self._too_large()
            return message

        return receive_counted

    async def _answer(self, scope: Scope, send: Send, refusal: Refused) -> None:
        """Say in plain text why a request goes no further; a WebSocket is closed before it is accepted."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": refusal.sentence[:100]})
            return
        headers = completed([(b"content-type", b"text/plain; charset=utf-8")], self.headers)
        await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "http.response.body", "body": refusal.sentence.encode()})


def header_values(scope: Scope) -> dict[str, str]:
    """Return a request's headers by lower-case name; of several with one name, the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
