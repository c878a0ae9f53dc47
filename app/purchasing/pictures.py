"""`/pieces-recues/{file_id}/{number|original}`: a picture of a bill's file, or the file as it came."""

import asyncio
from urllib.parse import quote
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.doors import ask
from app.downloads import for_people
from db.access.rules import Actor
from db.documents.store import FileAltered, get
from db.kernel.errors import NotFound
from db.purchasing.bills.queries import BillPicture, bill_file

POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
ORIGINAL = "original"


@for_people
async def show(actor: Actor, request: Request) -> Response:
    """Answer with a picture, or with the original."""
    asked = request.path_params["number"]
    try:
        file_id = UUID(request.path_params["file_id"])
    except ValueError:
        raise NotFound("Rien à cette adresse.") from None
    try:
        file, content = await asyncio.to_thread(_read, actor, file_id, asked)
    except FileAltered as problem:
        return PlainTextResponse(str(problem), 410)
    is_original = asked == ORIGINAL
    name = f"attachment; filename*=UTF-8''{quote(file.name)}" if is_original else "inline"
    headers = {
        "content-type": "application/octet-stream" if is_original else "image/jpeg",
        "content-disposition": name,
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-cache",
    }
    return Response(content, headers=headers)


def _read(actor: Actor, file_id: UUID, asked: str) -> tuple[BillPicture, bytes]:
    file = ask(actor, bill_file, file_id=file_id, by=actor)
    if asked == ORIGINAL:
        return file, get(file.sha256)
    if not asked.isdecimal() or len(asked) > 3 or int(asked) >= len(file.pictures):
        raise NotFound("Rien à cette adresse.")
    return file, get(file.pictures[int(asked)])


routes = Starlette(routes=[Route("/pieces-recues/{file_id}/{number}", show, methods=["GET"])])
