"""`POST /auth/import-company`: an exported company put into an empty installation, from the first page.

The browser may send many gigabytes: who sends is looked at before anything is read.
"""

import tempfile
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from app import routes
from app.access import setup_link
from app.access.answers import refused, see_other, signed_out
from app.access.posted import Posted, sender
from app.access.set_up import check_may_set_up
from app.exchange.people import let_in
from app.exchange.place import import_company
from db.kernel.errors import BadInput, BusinessError, NotAllowed
from db.session import COMPANY, data_folder, open_company

PIECE = 1 << 20
ADDRESS = "/auth/import-company"
router = APIRouter(include_in_schema=False)


@router.post(ADDRESS)
async def take_company(request: Request) -> Response:
    """Check the archive, make the empty company the one in it, let its first administrator choose a password."""
    form = sender(request, {"jeton": request.query_params.get("jeton", "")})
    page = routes.WELCOME + (f"?jeton={form.get('jeton')}" if form.get("jeton").replace("-", "").isalnum() else "")
    try:
        await run_in_threadpool(_check_may, form)
        async with request.form(max_files=1, max_fields=5) as sent:
            given = sent.get("archive")
            if not isinstance(given, UploadFile) or not given.filename:
                raise BadInput("Choisissez le fichier d’export (ZIP).")
            token = await run_in_threadpool(_import, given)
    except BusinessError as refusal:
        return refused(page, refusal, form)
    setup_link.forget()
    return signed_out(see_other(f"{routes.RESET}?jeton={token}"))


def _check_may(form: Posted) -> None:
    check_may_set_up(form)
    if open_company() != COMPANY:
        raise NotAllowed("Quittez d’abord la démonstration.")


def _import(given: UploadFile) -> str:
    """Put the company in place; return the token with which its first administrator chooses a password."""
    with tempfile.TemporaryDirectory(dir=data_folder(), prefix=".incoming-") as folder:
        path = Path(folder) / "export.zip"
        with path.open("wb") as out:
            while piece := given.file.read(PIECE):
                out.write(piece)
        import_company(path)
    first = next((way for way in let_in("screen") if way.is_administrator), None)
    if first is None:
        raise BadInput("L’entreprise est importée, mais personne ne l’administre : boussole user add.")
    return first.token
