"""The one door of everything that is downloaded: who is signed in, and refusals in her language."""

from collections.abc import Awaitable, Callable, Iterator
from functools import wraps
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from app.session import who_is
from app.text import say
from db.access.rules import Actor
from db.kernel.errors import BusinessError, NotFound

PIECE = 1 << 18
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


def passing_file(path: Path, *, media_type: str, name: str) -> Response:
    """Answer with a file that was written for this answer alone; it goes once it is sent.

    The file is read here: the server may send a file by its path only after the answer is over, when it is gone.
    """
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-length": _size(path)}
    return StreamingResponse(_read_and_remove(path), media_type=media_type, headers=headers)


def _size(path: Path) -> str:
    return str(path.stat().st_size)


def _read_and_remove(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as content:
            while piece := content.read(PIECE):
                yield piece
    finally:
        path.unlink(missing_ok=True)
