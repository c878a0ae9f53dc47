"""The one gate of every HTTP request and WebSocket, before Reflex, the API or a file sees it.

Refused here: paths with `..`, addresses that are not ours (DNS rebinding), foreign origins (cross-site requests and
WebSockets), bodies above the limit, what strangers send to uploads and the API (before it is read), reading uploaded
files. Events inside the WebSocket are the guard's (`app.platform`).
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from app.edge.headers import caching, completed
from app.session import SESSION_COOKIE

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOAD_PATH = "/_upload"
API_PREFIX = "/api/"
WITH_FILES = re.compile(r"/api/v1/(models/[^/]+/hand-ins|imports|records/[^/]+/[^/]+/files)/?")
COMPANY_IN = "/auth/import-company"  # looks at who sends before it reads
MEGABYTE = 1024**2
MOST_COMPANY_BYTES = 100 * 1024 * MEGABYTE  # of an exported company with all its files
MOST_BODY_BYTES = MEGABYTE  # of a request that is neither upload nor hand-in
SAME_SITE = frozenset({"same-origin", "none"})
TOO_LARGE, FORBIDDEN, UNAUTHORIZED, MISDIRECTED, NOT_FOUND = 413, 403, 401, 421, 404


class Refused(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence
        super().__init__(sentence)


class BodyTooLarge(Refused):
    """More bytes arrived, or were announced, than this request may have."""

    def __init__(self, most: int) -> None:
        super().__init__(TOO_LARGE, f"L'envoi dépasse {most // MEGABYTE} Mo. Le partager en plusieurs.")


class NotSignedIn(Refused):
    """A call of the API without a key."""

    def __init__(self) -> None:
        sentence = "Un jeton d'accès valide est nécessaire : en-tête « Authorization: Bearer … »."
        super().__init__(UNAUTHORIZED, sentence)


class Body:
    """What a request brings, counted as it arrives, because a length that is announced may be missing or false."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most, self._arrived = receive, most, 0
        self.refusal: BodyTooLarge | None = None

    async def receive(self) -> Message:
        """Return the next part.

        Raises:
            BodyTooLarge: the limit is passed; `refusal` tells it to who does not see the exception.
        """
        message = await self._receive()
        self._arrived += len(message.get("body", b""))
        if self._arrived > self._most:
            self.refusal = BodyTooLarge(self._most)
            raise self.refusal
        return message


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
        check_path(scope)
        sent = header_values(scope)
        if sent.get("host", "") not in self.hosts:
            raise Refused(MISDIRECTED, "Cette adresse n'est pas celle de Boussole. L'inscrire dans BOUSSOLE_ORIGINS.")
        self._check_origin(scope, sent)
        if scope["path"].startswith(UPLOAD_PATH):
            self._check_upload(scope, sent)
        if scope["type"] == "http":
            check_key(scope, sent)
            check_length(sent, self._most(scope))

    def _most(self, scope: Scope) -> int:
        """Return how many bytes the request's body may have."""
        if scope["path"] == COMPANY_IN:
            return MOST_COMPANY_BYTES
        is_large = scope["path"].startswith(UPLOAD_PATH) or WITH_FILES.fullmatch(scope["path"])
        return self.most_upload_bytes if is_large else MOST_BODY_BYTES

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

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to the application, completing the headers of its answer."""

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                keep = {b"cache-control": caching(scope["path"], message["status"])}
                message["headers"] = completed(list(message.get("headers", [])), {**self.headers, **keep})
            await send(message)

        if scope["type"] == "websocket":
            await self.app(scope, receive, send_completed)
            return
        refusal = await pass_limited(self.app, scope, Body(receive, self._most(scope)), send_completed)
        if refusal is not None:
            await self._answer(scope, send, refusal)

    async def _answer(self, scope: Scope, send: Send, refusal: Refused) -> None:
        """Say why a request goes no further: the API in JSON, others in plain text; a WebSocket is not accepted."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": refusal.sentence[:100]})
            return
        kind, content = b"text/plain; charset=utf-8", refusal.sentence
        if scope["path"].startswith(API_PREFIX):
            kind, content = b"application/json", in_json(refusal)
        headers = completed([(b"content-type", kind)], self.headers)
        if isinstance(refusal, NotSignedIn):
            headers.append((b"www-authenticate", b"Bearer"))
        await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "http.response.body", "body": content.encode()})


async def pass_limited(app: AsgiApp, scope: Scope, body: Body, send: Send) -> BodyTooLarge | None:
    """Hand a request to an application; return the refusal when its body was too large and nothing was answered yet.

    What the application answers to a body that broke off (a framework may make "bad request" of it) is not sent.
    """
    started = False

    async def send_unless_refused(message: Message) -> None:
        nonlocal started
        if body.refusal is None or started:
            started = True
            await send(message)

    try:
        await app(scope, body.receive, send_unless_refused)
    except Exception:
        if body.refusal is None:
            raise
    return None if started else body.refusal


def check_path(scope: Scope) -> None:
    """Refuse a path that leads elsewhere than it says: what is behind may resolve it otherwise than the gate judged it.

    Raises:
        Refused: 404 for `.`, `..`, `//` and backslashes, as sent, decoded, or decoded once more.
    """
    sent = (scope.get("raw_path") or b"").partition(b"?")[0].decode("latin-1")
    for path in (sent, scope["path"], unquote(scope["path"])):
        if "//" in path or "\\" in path or not {".", ".."}.isdisjoint(path.split("/")):
            raise Refused(NOT_FOUND, "Rien à cette adresse.")


def check_key(scope: Scope, sent: Mapping[str, str]) -> None:
    """Refuse to read what a caller without a key sends to the API (whether the key is good is the API's question).

    Raises:
        NotSignedIn: there is none.
    """
    if scope["method"] in SAFE_METHODS or not scope["path"].startswith(API_PREFIX):
        return
    if not sent.get("authorization", "").lower().startswith("bearer "):
        raise NotSignedIn


def check_length(sent: Mapping[str, str], most: int) -> None:
    """Refuse a body that is announced as too large.

    Raises:
        BodyTooLarge: also when the length is no number.
    """
    length = sent.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length[:20]) > most:
        raise BodyTooLarge(most)


def in_json(refusal: Refused) -> str:
    """Return a refusal in the one shape that the API has for it (`app.api.errors`)."""
    kind = "NotSignedIn" if isinstance(refusal, NotSignedIn) else HTTPStatus(refusal.status).phrase.replace(" ", "")
    return json.dumps({"error": kind, "message": refusal.sentence, "params": {}}, ensure_ascii=False)


def header_values(scope: Scope) -> dict[str, str]:
    """Return a request's headers by lower-case name; of several with one name, the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
