"""What a fiduciary takes home: a day's digest, the chain, and the script that checks one with the other."""

import os
import tempfile
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app import routes as addresses
from app.digests import digest_folder, export_chain
from app.downloads import for_people, passing_file
from db.access.rules import Actor, check_may
from db.kernel.errors import NotFound
from db.session import data_folder

READ = "access.read_history"
SCRIPT = Path(__file__).resolve().parent.parent / "docs" / "verify_digest.py"


@for_people
async def digest_file(actor: Actor, request: Request) -> Response:
    """Answer with the digest of a day."""
    check_may(actor, READ)
    wanted = str(request.path_params["name"])
    known = {place.name: place for place in digest_folder().glob("*.json")}
    if wanted not in known:
        raise NotFound("Cette empreinte n’existe pas.")
    return FileResponse(known[wanted], media_type="application/json", filename=f"empreinte-{wanted}")


@for_people
async def script(actor: Actor, request: Request) -> Response:
    """Answer with the script."""
    check_may(actor, READ)
    return FileResponse(SCRIPT, media_type="text/x-python", filename=SCRIPT.name)


@for_people
async def chain(actor: Actor, request: Request) -> Response:
    """Answer with the whole chain as it is now."""
    check_may(actor, READ)
    handle, name = tempfile.mkstemp(dir=data_folder(), prefix=".chain-")
    os.close(handle)
    await run_in_threadpool(export_chain, actor, Path(name))
    return passing_file(Path(name), media_type="application/x-ndjson", name="chaine.jsonl")


routes = Starlette(
    routes=[
        Route(f"{addresses.DIGEST_FILE}/verify_digest.py", script),
        Route(f"{addresses.DIGEST_FILE}/chaine.jsonl", chain),
        Route(f"{addresses.DIGEST_FILE}/{{name}}", digest_file),
    ]
)
