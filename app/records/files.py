"""`/fichiers/{file_id}`: a file that hangs on a record, to who may read that record.

Pictures and PDF are shown, all else is only handed out; nothing that a file holds runs, whatever it calls itself.
"""

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
from db.documents.attachments.queries import Attachment, attachment
from db.documents.attachments.rules import DOWNLOAD_ONLY, PDF
from db.documents.store import FileAltered, get
from db.kernel.errors import NotFound

PICTURE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
# the browser's own reader of PDF needs a document that is not sandboxed; scripts inside a PDF never reach the page
PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; script-src 'none'; frame-ancestors 'self'"
)


@for_people
async def show(actor: Actor, request: Request) -> Response:
    """Answer with a file."""
    try:
        file_id = UUID(request.path_params["file_id"])
    except ValueError:
        raise NotFound("Rien à cette adresse.") from None
    try:
        found, content = await asyncio.to_thread(_read, actor, file_id)
    except FileAltered as problem:
        return PlainTextResponse(str(problem), 410)
    return Response(content, headers=headers_of(found, as_download="telecharger" in request.query_params))


def _read(actor: Actor, file_id: UUID) -> tuple[Attachment, bytes]:
    found = ask(actor, attachment, file_id=file_id, by=actor)
    return found, get(found.sha256)


def headers_of(file: Attachment, *, as_download: bool) -> dict[str, str]:
    """Return the headers of a file's answer; shown are only pictures and PDF, by their own first bytes."""
    is_shown = file.media_type != DOWNLOAD_ONLY and not as_download
    return {
        "content-type": file.media_type,
        "content-disposition": f"{'inline' if is_shown else 'attachment'}; filename*=UTF-8''{quote(file.name)}",
        "content-security-policy": PDF_POLICY if file.media_type == PDF and is_shown else PICTURE_POLICY,
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-cache",
    }


routes = Starlette(routes=[Route("/fichiers/{file_id}", show, methods=["GET"])])
