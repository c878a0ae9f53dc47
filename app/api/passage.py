"""What every request to the API passes: the limit of its token, and the answer that is kept for a repeated one."""

import math
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from app.api import errors, permission
from app.api.limits import Limits
from app.doors import do, now
from db.access.people.tokens.rules import token_hash
from db.access.repeats.actions import KeptAnswer, begin_request, forget_request, keep_answer
from db.access.repeats.rules import fingerprint, rights_of
from db.access.rules import Actor
from db.kernel.errors import BusinessError

Next = Callable[[Request], Awaitable[Response]]
NOT_KEPT = "no-store"  # answers that hold a secret say so
ALREADY_DONE = "Cette demande a été faite ; son secret n’est montré qu’une fois."
JSON = "application/json"
KEPT_HEADERS = ("content-type", "etag", "location")
MOST_KEPT = 1_000_000  # bytes of an answer


class Passage:
    """The limit and the memory of one application."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """Let a request through, refuse it, or answer as the first time."""
        wait = self.limits.wait_seconds(_caller(request))
        if wait:
            return _too_many(wait)
        key = request.headers.get("idempotency-key")
        if key is None or request.method != "POST":
            return await call_next(request)
        try:
            return await _once(request, call_next, key)
        except BusinessError as refusal:
            return errors.refusal_answer(request, refusal)


async def _once(request: Request, call_next: Next, key: str) -> Response:
    """Carry a POST out unless its key was used; raises BusinessError when it cannot be."""
    actor = await run_in_threadpool(permission.actor_of, _token(request))
    print_ = fingerprint(request.method, str(request.url.path), await request.body(), rights_of(actor))
    kept = await run_in_threadpool(do, actor, begin_request, key=key, request=print_, at=now())
    if kept is not None:
        return _replayed(kept)
    try:
        answer = await call_next(request)
        body = b"".join([part async for part in answer.body_iterator])  # type: ignore[attr-defined]
    except BaseException:
        await run_in_threadpool(do, actor, forget_request, key=key)
        raise
    return await run_in_threadpool(_kept, actor, key, answer, body)


def _kept(actor: Actor, key: str, answer: Response, body: bytes) -> Response:
    if answer.headers.get("cache-control") == NOT_KEPT and answer.status_code < 300:
        again = errors.answer(409, "AlreadyDone", ALREADY_DONE, {})
        do(actor, keep_answer, key=key, status=409, headers={"content-type": JSON}, body=bytes(again.body))
        return Response(body, answer.status_code, dict(answer.headers))
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    if answer.status_code >= 500 or len(body) > MOST_KEPT:
        do(actor, forget_request, key=key)
    else:
        do(actor, keep_answer, key=key, status=answer.status_code, headers=headers, body=body)
    return Response(body, answer.status_code, dict(answer.headers))


def _replayed(kept: KeptAnswer) -> Response:
    return Response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})


def _too_many(wait: float) -> Response:
    seconds = max(1, math.ceil(wait))
    message = f"Trop de demandes avec ce jeton : réessayer dans {seconds} s."
    return errors.answer(429, "TooManyRequests", message, {"seconds": seconds}, {"Retry-After": str(seconds)})


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _caller(request: Request) -> str:
    """Return who asks: the token, or the address of somebody without one."""
    token = _token(request)
    return token_hash(token) if token else (request.client.host if request.client else "")
