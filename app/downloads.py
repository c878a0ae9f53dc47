"""The one door of everything that is downloaded: who is signed in, and refusals in her language."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.session import who_is
from app.text import say
from db.access.rules import Actor
from db.kernel.errors import BusinessError, NotFound

Answer = Callable[[Actor, Request], Awaitable[Response]]


def for_people(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Give an answer to who is signed in; a visitor gets 401, a refusal its own words with 403 (404: nothing there)."""

    @wraps(answer)
    async def to_request(request: Request) -> Response:
        actor = await run_in_threadpool(who_is, request.headers.get("cookie", ""))
        if actor is None:
            return PlainTextResponse("Se connecter à Boussole avant de télécharger.", status_code=401)
        try:
            return await answer(actor, request)
        except BusinessError as refusal:
            status = 404 if isinstance(refusal, NotFound) else 403
            return PlainTextResponse(say(actor.language, refusal.message_id, **refusal.params), status_code=status)

    return to_request
