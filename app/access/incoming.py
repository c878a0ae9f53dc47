"""`POST /auth/import-company`: an exported company brought to an empty installation, from the first page.

The browser may send many gigabytes: who sends is looked at before anything is read. Putting the company in place is the
worker's (`app/exchange/arrival.py`); the cookie lets the browser follow it, and at its end an administrator in.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from app import routes
from app.access.answers import refused, see_other, signed_out
from app.access.posted import Posted, posted, sender
from app.access.set_up import check_may_set_up
from app.doors import do, now
from app.exchange.arrival import arrival_of, take_in
from app.exchange.people import KEPT_OPEN, people_to_let_in
from db.access.people.passwords.actions import make_reset_link
from db.access.rules import system_actor
from db.jobs.queries import JobStatus
from db.kernel.errors import BadInput, BusinessError, NotAllowed
from db.session import COMPANY, open_company

ADDRESS, PERSON_ADDRESS = "/auth/import-company", "/auth/import-person"
CLAIM_COOKIE = "boussole_import"
router = APIRouter(include_in_schema=False)


@router.post(ADDRESS)
async def take_company(request: Request) -> Response:
    """Keep the archive, have it put in place, and lead to the page that follows it."""
    form = sender(request, {"jeton": request.query_params.get("jeton", "")})
    page = routes.WELCOME + (f"?jeton={form.get('jeton')}" if form.get("jeton").replace("-", "").isalnum() else "")
    try:
        await run_in_threadpool(_check_may, form)
        async with request.form(max_files=1, max_fields=5) as sent:
            given = sent.get("archive")
            if not isinstance(given, UploadFile) or not given.filename:
                raise BadInput("Choisissez le fichier d’export (ZIP).")
            claim = await run_in_threadpool(take_in, given.file)
    except BusinessError as refusal:
        return refused(page, refusal, form)
    answer = signed_out(see_other(routes.ARRIVAL))
    answer.set_cookie(
        CLAIM_COOKIE,
        claim,
        max_age=int(KEPT_OPEN.total_seconds()),
        path="/",
        httponly=True,
        secure=form.is_secure,
        samesite="lax",
    )
    return answer


@router.post(PERSON_ADDRESS)
def let_administrator_in(form: Annotated[Posted, Depends(posted)]) -> Response:
    """Let an administrator of the company that this browser brought choose a password."""
    try:
        wanted = form.get("person")
        if wanted not in {str(person.id) for person in people_to_let_in(status_for(form.cookies), at=now())}:
            raise NotAllowed("Ce choix n’est plus ouvert : connectez-vous, ou demandez un lien.")
        token = do(system_actor("screen"), make_reset_link, user_id=UUID(wanted))
    except BusinessError as refusal:
        return refused(routes.ARRIVAL, refusal, form)
    return signed_out(see_other(f"{routes.RESET}?jeton={token}"))


def status_for(cookie_header: str) -> JobStatus | None:
    """Return the import that this browser brought."""
    try:
        found = SimpleCookie(cookie_header).get(CLAIM_COOKIE)
    except CookieError:
        return None
    return arrival_of(found.value) if found else None


def _check_may(form: Posted) -> None:
    check_may_set_up(form)
    if open_company() != COMPANY:
        raise NotAllowed("Quittez d’abord la démonstration.")
