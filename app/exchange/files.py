"""What is downloaded: an export (only right after a second factor, and told in the trail), and the starter files."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import routes as addresses
from app.doors import do, now
from app.exchange.kept import export_path
from app.imports.starter import starter_set
from app.session import who_is
from app.text import say
from db.access.rules import check_may
from db.jobs.exports.actions import note_export_taken
from db.kernel.errors import BusinessError, NotFound

SIGN_IN_FIRST = "Se connecter à Boussole avant de télécharger."


async def export_file(request: Request) -> Response:
    """Answer with an export, or with why not."""
    actor = await run_in_threadpool(who_is, request.headers.get("cookie", ""))
    if actor is None:
        return PlainTextResponse(SIGN_IN_FIRST, status_code=401)
    try:
        check_may(actor, "access.export_everything")
        path = await run_in_threadpool(export_path, str(request.path_params["name"]), at=now())
        await run_in_threadpool(do, actor, note_export_taken, name=path.name)
    except BusinessError as refusal:
        status = 404 if isinstance(refusal, NotFound) else 403
        return PlainTextResponse(say(actor.language, refusal.message_id, **refusal.params), status_code=status)
    return FileResponse(path, media_type="application/zip", filename=path.name)


async def starter_files(request: Request) -> Response:
    """Answer with all starter files in one archive, to who may import."""
    actor = await run_in_threadpool(who_is, request.headers.get("cookie", ""))
    if actor is None:
        return PlainTextResponse(SIGN_IN_FIRST, status_code=401)
    try:
        check_may(actor, "documents.receive")
    except BusinessError as refusal:
        return PlainTextResponse(say(actor.language, refusal.message_id, **refusal.params), status_code=403)
    headers = {"content-disposition": 'attachment; filename="modeles-boussole.zip"'}
    return Response(await run_in_threadpool(starter_set), media_type="application/zip", headers=headers)


routes = Starlette(
    routes=[Route(f"{addresses.EXPORT_FILE}/{{name}}", export_file), Route(addresses.STARTER_FILES, starter_files)]
)
