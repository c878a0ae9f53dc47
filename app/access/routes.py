"""What browsers post for signing in and out, and for the first run. Cookies are set here and nowhere else."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.responses import Response

from app import routes
from app.access import entrance, incoming, setup_link
from app.access.answers import inner_address, refused, see_other, signed_in, signed_out
from app.access.posted import Posted, posted
from app.access.set_up import check_may_set_up
from app.demo.start import leave_demo, start_demo
from app.doors import do, now
from app.session import actor_of_user, session_token, who_is
from db.access.company.actions import set_up
from db.access.people.second_factor.rules import new_secret
from db.access.people.sessions import actions as sessions
from db.access.rules import NOBODY, may
from db.kernel.errors import BadInput, BusinessError, NotAllowed
from db.session import COMPANY, DEMO, open_company

CODE = f"{routes.SIGN_IN}/code"
DEMO_PROGRESS = f"{routes.WELCOME}/demonstration"
Form = Annotated[Posted, Depends(posted)]

router = APIRouter(include_in_schema=False)


@router.post("/auth/sign-in")
def sign_in(form: Form) -> Response:
    """Take address and password; lead on to the second factor or to where the person wanted to go."""
    back_to = inner_address(form.get("retour"))
    try:
        opened = entrance.sign_in(
            email=form.get("email"), password=form.get("password"), device=form.device, address=form.address
        )
    except BusinessError as refusal:
        return refused(routes.sign_in(back_to), refusal, form, "email")
    next_page = f"{CODE}?{routes.sign_in(back_to).partition('?')[2]}" if opened.waits_for_code else back_to
    return signed_in(see_other(next_page), opened.token, form)


@router.post("/auth/code")
def enter_code(form: Form) -> Response:
    """Take the second factor."""
    back_to = inner_address(form.get("retour"))
    token = session_token(form.cookies) or ""
    try:
        fresh = entrance.enter_code(token=token, code=form.get("code"), address=form.address)
    except BusinessError as refusal:
        return refused(f"{CODE}?{routes.sign_in(back_to).partition('?')[2]}", refusal, form)
    return signed_in(see_other(back_to), fresh, form)


@router.post(routes.SIGN_OUT)
def sign_out(form: Form) -> Response:
    """End this browser's session."""
    actor = who_is(form.cookies)
    if actor is not None:
        do(actor, sessions.sign_out)
    return signed_out(see_other(routes.SIGN_IN))


@router.post("/auth/forgotten")
def forgotten(form: Form) -> Response:
    """Ask for a reset link by mail; the answer is the same whether somebody has the address or not."""
    try:
        entrance.ask_for_mail(email=form.get("email"), address=form.address)
    except BusinessError as refusal:
        return refused(routes.RESET, refusal, form, "email")
    return see_other(f"{routes.RESET}?envoi=1")


@router.post("/auth/new-password")
def new_password(form: Form) -> Response:
    """Take a new password with the token of a reset link."""
    try:
        entrance.use_reset_link(token=form.get("jeton"), password=form.get("password"), address=form.address)
    except BusinessError as refusal:
        return refused(f"{routes.RESET}?jeton={_token_text(form)}", refusal, form)
    return signed_out(see_other(f"{routes.SIGN_IN}?change=1"))


@router.post("/auth/setup")
def first_setup(form: Form) -> Response:
    """Create the firm and its administrator, and sign her in; only while nobody exists."""
    page = routes.WELCOME + (f"?jeton={_token_text(form)}" if form.get("jeton") else "")
    try:
        check_may_set_up(form)
        if open_company() != COMPANY:
            raise NotAllowed("Quittez d’abord la démonstration.")
        do(
            NOBODY,
            set_up,
            company_name=form.get("company"),
            uid=form.get("uid"),
            name=form.get("name"),
            email=form.get("email"),
            password=form.get("password"),
        )
        setup_link.forget()
        opened = entrance.sign_in(
            email=form.get("email"), password=form.get("password"), device=form.device, address=form.address
        )
    except BusinessError as refusal:
        return refused(page, refusal, form, "company", "uid", "name", "email")
    return signed_in(see_other("/"), opened.token, form)


@router.post("/auth/demo")
def open_demo(form: Form) -> Response:
    """Make the demonstration and begin as its first person."""
    try:
        if open_company() == DEMO:
            return see_other(DEMO_PROGRESS)
        if not may(who_is(form.cookies), "access.manage_company"):  # it closes the firm's own database for everybody
            check_may_set_up(form)
        started = start_demo()
        token = _enter(form, started.first_person)
    except BusinessError as refusal:
        return refused(routes.WELCOME, refusal, form)
    return signed_in(see_other(f"{DEMO_PROGRESS}?travail={started.job_id}"), token, form)


@router.post("/auth/demo-person")
def play_person(form: Form) -> Response:
    """Go on as another person of the demonstration."""
    if open_company() != DEMO:
        raise HTTPException(404, "La démonstration n’est pas ouverte.")
    try:
        token = _enter(form, _id(form.get("person")))
    except BusinessError as refusal:
        return refused(DEMO_PROGRESS, refusal, form)
    return signed_in(see_other(inner_address(form.get("retour"))), token, form)


@router.post(routes.LEAVE_DEMO)
def close_demo(form: Form) -> Response:
    """Go back to the firm's own database, empty or not."""
    actor = who_is(form.cookies)
    if open_company() == DEMO:
        if not may(actor, "demo.leave"):
            raise HTTPException(403, "Entrez d’abord comme l’une des personnes de la démonstration.")
        leave_demo()
    return signed_out(see_other("/"))


def _enter(form: Posted, user_id: UUID) -> str:
    token: str = do(
        actor_of_user(user_id, via="screen"),
        sessions.enter_demonstration,
        at=now(),
        user_id=user_id,
        secret=new_secret(),
        device=form.device,
        address=form.address,
    )
    return token


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("Choisissez une personne de la liste.") from None


def _token_text(form: Posted) -> str:
    """Return a token fit for an address: what is not one of its signs is left out."""
    return "".join(sign for sign in form.get("jeton")[:100] if sign.isalnum() or sign in "-_")


application = FastAPI(openapi_url=None)
application.include_router(router)
application.include_router(incoming.router)
