"""Answers `/_health`: is the database at the newest revision, and does the worker live?"""

import asyncio
import os
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.jobs.queries import last_heartbeat
from db.migrations.run import is_at_head
from db.session import database_url, reading

LONGEST_SILENCE = timedelta(seconds=float(os.environ.get("BOUSSOLE_LONGEST_SILENCE") or 30))


async def health(request: Request) -> JSONResponse:
    """Answer 200 when everything stands, else 503 with what does not."""
    reasons = await asyncio.to_thread(what_is_wrong, at=datetime.now(UTC))
    body = {"status": "ok"} if not reasons else {"status": "unavailable", "reasons": reasons}
    return JSONResponse(body, status_code=503 if reasons else 200, headers={"cache-control": "no-store"})


def what_is_wrong(*, at: datetime) -> list[str]:
    """List in words what keeps the product from being healthy at an instant."""
    try:
        if not is_at_head(database_url()):
            return ["La base de données n'est pas à la dernière révision."]
        with reading() as session:
            heard = last_heartbeat(session, process="worker")
    except Exception as problem:
        return [f"La base de données ne répond pas ({type(problem).__name__})."]
    if heard is None or at - heard > LONGEST_SILENCE:
        return ["Le processus de travail ne répond pas."]
    return []


routes = Starlette(routes=[Route("/_health", health)])
