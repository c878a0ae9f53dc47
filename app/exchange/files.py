"""What is downloaded: an export (only right after a second factor, and told in the trail), and the starter files."""

from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app import routes as addresses
from app.doors import do, now
from app.downloads import for_people
from app.exchange.kept import export_path
from app.imports.kinds import kind_named
from app.imports.starter import starter_name, starter_set, starter_workbook
from db.access.rules import Actor, check_may
from db.jobs.exports.actions import note_export_taken

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@for_people
async def export_file(actor: Actor, request: Request) -> Response:
    """Answer with an export."""
    check_may(actor, "access.export_everything")
    path = await run_in_threadpool(export_path, str(request.path_params["name"]), at=now())
    await run_in_threadpool(do, actor, note_export_taken, name=path.name)
    return FileResponse(path, media_type="application/zip", filename=path.name)


@for_people
async def starter_files(actor: Actor, request: Request) -> Response:
    """Answer with all starter files in one archive, to who may import."""
    check_may(actor, "documents.receive")
    headers = {"content-disposition": 'attachment; filename="modeles-boussole.zip"'}
    content = await run_in_threadpool(partial(starter_set, person=actor.name))
    return Response(content, media_type="application/zip", headers=headers)


@for_people
async def starter_file(actor: Actor, request: Request) -> Response:
    """Answer with the starter file of one kind, to who may import it."""
    kind = kind_named(str(request.path_params["kind"]))
    check_may(actor, kind.permission)
    content = await run_in_threadpool(partial(starter_workbook, kind, person=actor.name))
    headers = {"content-disposition": f'attachment; filename="{starter_name(kind)}"'}
    return Response(content, media_type=XLSX, headers=headers)


routes = Starlette(
    routes=[
        Route(f"{addresses.EXPORT_FILE}/{{name}}", export_file),
        Route(addresses.STARTER_FILES, starter_files),
        Route(f"{addresses.STARTER_FILE}/{{kind}}", starter_file),
    ]
)
