"""From the product to the notebooks' origin: issues a ticket and lets the browser post it over there.

The page's own form posts to us (the content security policy knows no other target); the answer is a small page whose
form posts the ticket to the other origin, by itself where scripts run. The ticket never stands in an address.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.doors import ask, do
from app.notebooks.control import wait_until_up
from app.notebooks.places import NOTEBOOKS, origin_beside
from app.session import who_is
from app.text import say
from db.access.rules import Actor
from db.access.tickets.actions import issue_editing_ticket, issue_reading_ticket
from db.insights.proposals.queries import checks
from db.insights.proposals.rules import MODELS
from db.kernel.errors import BusinessError, NotFound

OPEN = "/notebooks/open"
SUBMIT = "document.forms[0].submit()"
SUBMIT_HASH = b64encode(sha256(SUBMIT.encode()).digest()).decode()


async def open_notebook(request: Request) -> Response:
    """Issue a ticket for one of the analyst's notebooks (`kind=edit`) or a frozen one (`kind=read`)."""
    actor = await run_in_threadpool(who_is, request.headers.get("cookie", ""))
    if actor is None:
        return PlainTextResponse("Se connecter à Boussole, puis rouvrir le carnet.", status_code=401)
    async with request.form(max_files=0, max_fields=4) as form:
        kind, subject = str(form.get("kind", "")), str(form.get("subject", ""))
    try:
        await run_in_threadpool(wait_until_up)
        ticket = await run_in_threadpool(issue, actor, kind, subject)
    except BusinessError as refusal:
        return PlainTextResponse(say(actor.language, refusal.message_id, **refusal.params), status_code=403)
    return hand_over(ticket, origin_beside(request.headers.get("host", "")), actor.language)


def issue(actor: Actor, kind: str, subject: str) -> str:
    """Return a ticket.

    Raises:
        NotAllowed: the person may not. NotFound: there is no such notebook.
    """
    if kind == "edit" and subject in NOTEBOOKS:
        return do(actor, issue_editing_ticket, notebook=subject)
    if kind == "read" and subject in frozen_notebooks(actor):
        return do(actor, issue_reading_ticket, frozen_sha256=subject)
    raise NotFound("Ce carnet n’existe pas.")


def frozen_notebooks(actor: Actor) -> set[str]:
    """Return the sha256 of every notebook that was frozen beside a version: no other stored file can be opened so."""
    found = (check.frozen_sha256 for model in MODELS for check in ask(actor, checks, model=model).values())
    return {sha256 for sha256 in found if sha256}


def hand_over(ticket: str, origin: str, language: str) -> Response:
    """Return the page that posts the ticket to the notebooks' origin."""
    wait = escape(say(language, "Préparation du carnet et de ses données…"))
    button = escape(say(language, "Ouvrir le carnet"))
    page = (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{button}</title>'
        '<link rel="stylesheet" href="/boussole.css"></head><body style="padding:24px">'
        f'<form method="post" action="{escape(origin)}/enter">'
        f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
        f'<p>{wait}</p><button class="btn">{button}</button></form><script>{SUBMIT}</script></body></html>'
    )
    policy = (
        f"default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; script-src 'sha256-{SUBMIT_HASH}'; "
        f"form-action {origin} 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    # the other origin asks who sends the ticket; a browser that may tell no referrer would send `Origin: null`
    headers = {"content-security-policy": policy, "cache-control": "no-store", "referrer-policy": "strict-origin"}
    return HTMLResponse(page, headers=headers)


routes = Starlette(routes=[Route(OPEN, open_notebook, methods=["POST"])])
