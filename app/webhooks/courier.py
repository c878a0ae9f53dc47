"""Sends what is to be sent, several programs at a time and one message of each: slow programs delay nobody else."""

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
AT_ONCE = 6  # programs; each gets one message after the other


def serve(over: threading.Event) -> None:
    """Send until told to stop: a thread of the worker, with one of its own for each message under way."""
    free = threading.BoundedSemaphore(AT_ONCE)
    while not over.is_set():
        if not free.acquire(timeout=PAUSE_SECONDS):
            continue  # as many programs as may be are slow
        try:
            busy = begin_next(chosen_company(), free)
        except DBAPIError as problem:
            log.warning("database not ready: %s", problem)
            busy = False
        except Exception:
            log.exception("the courier goes on")
            busy = False
        if not busy:
            free.release()
            over.wait(PAUSE_SECONDS)


def begin_next(company: str, free: threading.BoundedSemaphore) -> bool:
    """Begin to send the message that is due first, in a thread that frees its place at the end; False when none is."""
    parcel = _take(company, now())
    if parcel is None:
        return False

    def send() -> None:
        try:
            _send(company, parcel, None)
        except Exception:
            log.exception("what a message brought is not written; it is sent again under its id")
        finally:
            free.release()

    threading.Thread(target=send, daemon=True).start()
    return True


def send_next(company: str, at: datetime | None = None) -> bool:
    """Send the message that is due first and write what it brought; return False when none is."""
    parcel = _take(company, at or now())
    if parcel is None:
        return False
    _send(company, parcel, at)
    return True


def _take(company: str, at: datetime) -> Parcel | None:
    with transaction(company) as session:
        return take_parcel(session, by=system_actor(), at=at)


def _send(company: str, parcel: Parcel, at: datetime | None) -> None:
    body, timestamp = parcel.body.encode(), int((at or now()).timestamp())
    reply = hand_over(parcel.url, body, headers_of(parcel, timestamp), allows_private=parcel.allows_private)
    with transaction(company) as session:
        note_attempt(
            session,
            delivery_id=parcel.delivery_id,
            attempt=parcel.attempt,
            by=system_actor(),
            at=at or now(),
            **vars(reply),
        )


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
