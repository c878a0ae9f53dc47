"""The backup as a file: `/reglages/sauvegardes/fichier/NAME`, streamed, only right after a second factor, and told."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import routes as addresses
from app.backup.places import path_of
from app.doors import do
from app.session import who_is
from app.text import say
from db.jobs.backups.actions import note_download
from db.kernel.errors import BusinessError, NotFound


async def backup_file(request: Request) -> Response:
    """Answer with the file, or with why not."""
    actor = await run_in_threadpool(who_is, request.headers.get("cookie", ""))
    if actor is None:
        return PlainTextResponse("Se connecter à Boussole avant de télécharger.", status_code=401)
    try:
        name = str(request.path_params["name"])
        await run_in_threadpool(do, actor, note_download, name=name)
        path = path_of(name)
    except BusinessError as refusal:
        status = 404 if isinstance(refusal, NotFound) else 403
        return PlainTextResponse(say(actor.language, refusal.message_id, **refusal.params), status_code=status)
    return FileResponse(path, media_type="application/gzip", filename=path.name)


routes = Starlette(routes=[Route(f"{addresses.BACKUP_FILE}/{{name}}", backup_file)])
