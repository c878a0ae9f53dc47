"""The e-mail of the day: made when a person's hour has come, handed to the firm's server once."""

from html import escape
from typing import Any
from uuid import UUID

from app import routes
from app.doors import ask, do, now
from app.gateways.mail_out import MailRefused, MailUncertain, send_mail
from app.notifications.wording import message_line
from app.origins import public_origin
from app.session import actor_of_user
from app.text import count, day, say
from app.worker import JobRun
from db.access.company.queries import mail_password, mail_settings
from db.access.rules import Actor, system_actor
from db.jobs.actions import ask_for_job
from db.records.notifications.actions import begin_digest, end_digest, make_digests
from db.records.notifications.queries import DigestFacts, digest, reader_of_digest
from db.session import DEMO, open_company, reading, transaction

KIND = "records.send_digest"


def ask_for_digests(by: Actor) -> None:
    """Have the digests sent whose hour has come; none while mail is off, and never out of the demonstration."""
    if open_company() == DEMO or not ask(by, mail_settings).is_on:
        return
    at = now()
    with transaction() as session:  # digest and job together, or neither
        for digest_id in make_digests(session, by=by, at=at):
            arguments = {"digest_id": str(digest_id)}
            ask_for_job(session, kind=KIND, arguments=arguments, by=by, at=at, once=f"digest-{digest_id}")


def send(run: JobRun) -> dict[str, Any]:
    """Send one digest. What was begun and not ended is not sent again, because it may have left.

    Raises:
        MailRefused: the server did not take it; its messages wait for the next day's.
    """
    digest_id, system = UUID(str(run.arguments["digest_id"])), system_actor()
    settings = ask(system, mail_settings)
    with reading() as session:
        reader = reader_of_digest(session, digest_id=digest_id)
        found = digest(session, digest_id=digest_id, by=actor_of_user(reader)) if reader else None
        password = mail_password(session)
    if found is None or not found.messages or not settings.is_on:
        do(system, end_digest, digest_id=digest_id, problem="rien à envoyer")
        return {"sent": False}
    if not do(system, begin_digest, digest_id=digest_id):
        return {"sent": False}
    try:
        send_mail(
            settings,
            password,
            to=found.email,
            subject=say(found.language, "Boussole, le {day}", day=day(now())),
            text=as_text(found),
            html=as_html(found),
            message_id=f"<digest-{digest_id}@{settings.sender.rpartition('@')[2]}>",
        )
    except MailUncertain:
        raise
    except MailRefused as refusal:
        do(system, end_digest, digest_id=digest_id, problem=str(refusal))
        raise
    do(system, end_digest, digest_id=digest_id, problem="")
    return {"sent": True, "messages": len(found.messages)}


def as_text(found: DigestFacts) -> str:
    """Return the digest as plain text."""
    lines = [f"– {message_line(one, found.language)}\n  {address(one.address)}" for one in found.messages]
    return "\n".join([_greeting(found), "", *lines, "", _ending(found)])


def as_html(found: DigestFacts) -> str:
    """Return the digest as simple HTML, without pictures or anything fetched from elsewhere."""
    items = "".join(
        f'<li><a href="{escape(address(one.address))}">{escape(message_line(one, found.language))}</a></li>'
        for one in found.messages
    )
    settings = escape(public_origin() + routes.ACCOUNT)
    return (
        f'<!doctype html><html lang="{escape(found.language)}"><body style="font-family:sans-serif">'
        f"<p>{escape(_greeting(found))}</p><ul>{items}</ul>"
        f'<p><a href="{settings}">{escape(say(found.language, "Choisir ce que vous recevez"))}</a></p></body></html>'
    )


def address(path: str) -> str:
    """Return an address of the product as people open it from elsewhere."""
    return public_origin() + (path or routes.MESSAGES)


def _greeting(found: DigestFacts) -> str:
    told = count(len(found.messages), "message", "messages", found.language)
    return say(found.language, "Bonjour {name}, {told} pour vous :", name=found.name, told=told)


def _ending(found: DigestFacts) -> str:
    return say(found.language, "Choisir ce que vous recevez") + f" : {public_origin()}{routes.ACCOUNT}"
