"""Files of the settings: a backup, streamed only right after a second factor and told in the trail; the firm's logo."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import routes as addresses
from app.backup.places import path_of
from app.doors import ask, do
from app.session import who_is
from app.settings.profile import picture_kind
from app.text import say
from db.access.company.queries import company_profile
from db.access.rules import Actor
from db.documents import store
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


async def logo(request: Request) -> Response:
    """Answer with the firm's logo."""
    actor = await run_in_threadpool(who_is, request.headers.get("cookie", ""))
    if actor is None:
        return PlainTextResponse("Se connecter à Boussole.", status_code=401)
    content = await run_in_threadpool(_logo, actor)
    if content is None:
        return PlainTextResponse("Rien à cette adresse.", status_code=404)
    return Response(content, media_type=picture_kind(content))


def _logo(actor: Actor) -> bytes | None:
    found = ask(actor, company_profile)
    return store.get(found.logo_sha256) if found and found.logo_sha256 else None


routes = Starlette(routes=[Route(f"{addresses.BACKUP_FILE}/{{name}}", backup_file), Route(addresses.LOGO, logo)])
