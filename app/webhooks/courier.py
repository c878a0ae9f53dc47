"""Sends what is to be sent, one message after another; a thread of the worker, so that slow programs delay nothing."""

import logging
import threading
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from app.doors import now
from app.gateways.webhook_out import hand_over
from db.access.rules import system_actor
from db.jobs.webhooks.actions import Parcel, note_attempt, take_parcel
from db.jobs.webhooks.rules import signature
from db.session import chosen_company, transaction

log = logging.getLogger("boussole.webhooks")
PAUSE_SECONDS = 1.0


def serve(over: threading.Event) -> None:
    """Send until told to stop."""
    while not over.is_set():
        try:
            busy = send_next(chosen_company())
        except DBAPIError as problem:
            log.warning("database not ready: %s", problem)
            busy = False
        except Exception:
            log.exception("the courier goes on")
            busy = False
        if not busy:
            over.wait(PAUSE_SECONDS)


def send_next(company: str, at: datetime | None = None) -> bool:
    """Send the message that is due first and write what it brought; return False when none is."""
    by = system_actor()
    with transaction(company) as session:
        parcel = take_parcel(session, by=by, at=at or now())
    if parcel is None:
        return False
    body, timestamp = parcel.body.encode(), int((at or now()).timestamp())
    reply = hand_over(parcel.url, body, headers_of(parcel, timestamp), allows_private=parcel.allows_private)
    with transaction(company) as session:
        note_attempt(
            session, delivery_id=parcel.delivery_id, attempt=parcel.attempt, by=by, at=at or now(), **vars(reply)
        )
    return True


def headers_of(parcel: Parcel, timestamp: int) -> dict[str, str]:
    """Return the headers of Standard Webhooks: who the message is, when it was sent, and that it comes from us."""
    message_id = f"msg_{parcel.delivery_id.hex}"
    signed = signature(parcel.secret, message_id=message_id, timestamp=timestamp, body=parcel.body.encode())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Boussole",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signed,
    }
