"""Files of the settings: a backup, streamed only right after a second factor and told in the trail; the firm's logo."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app import routes as addresses
from app.backup.places import path_of
from app.doors import ask, do
from app.downloads import for_people
from app.settings.profile import picture_kind
from db.access.company.queries import company_profile
from db.access.rules import Actor
from db.documents import store
from db.jobs.backups.actions import note_download
from db.kernel.errors import NotFound


@for_people
async def backup_file(actor: Actor, request: Request) -> Response:
    """Answer with a backup."""
    name = str(request.path_params["name"])
    await run_in_threadpool(do, actor, note_download, name=name)
    path = path_of(name)
    return FileResponse(path, media_type="application/gzip", filename=path.name)


@for_people
async def logo(actor: Actor, request: Request) -> Response:
    """Answer with the firm's logo."""
    content = await run_in_threadpool(_logo, actor)
    if content is None:
        raise NotFound("Rien à cette adresse.")
    return Response(content, media_type=picture_kind(content))


def _logo(actor: Actor) -> bytes | None:
    found = ask(actor, company_profile)
    return store.get(found.logo_sha256) if found and found.logo_sha256 else None


routes = Starlette(routes=[Route(f"{addresses.BACKUP_FILE}/{{name}}", backup_file), Route(addresses.LOGO, logo)])
