"""Setting webhooks up, and keeping the books of what is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from db.access.gate import bookkeeping, gate
from db.access.rules import Actor
from db.jobs.actions import publish
from db.jobs.webhooks.queries import MANAGE, policy_now
from db.jobs.webhooks.rules import (
    LEASE,
    PING,
    DeliveryState,
    check_events,
    check_url,
    new_secret,
    next_attempt,
)
from db.jobs.webhooks.tables import Webhook, WebhookAttempt, WebhookDelivery, WebhookPolicy
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound
from db.kernel.record import uuid7

DELIVER = "jobs.deliver_webhooks"
GONE = 410  # the program says that it wants nothing any more
MOST_WEBHOOKS = 50


@gate(MANAGE, fresh=True)
def decide_webhooks(
    session: Session, *, is_on: bool, allows_private: bool, expected_version: int, by: Actor, at: datetime
) -> None:
    """Let webhooks leave the machine or not, and say if they may stay within one's own network.

    Raises:
        ChangedMeanwhile: somebody else decided since.
    """
    if policy_now(session).row_version != expected_version:
        raise ChangedMeanwhile("Ce réglage a été modifié entre-temps : rechargez la page.")
    row = session.exec(select(WebhookPolicy).with_for_update()).first() or WebhookPolicy()
    row.is_on, row.allows_private = is_on, allows_private
    session.add(row)
    session.flush()


@gate(MANAGE)
def add_webhook(session: Session, *, url: str, events: Sequence[str], by: Actor, at: datetime) -> tuple[UUID, str]:
    """Have a program told of events with the person's own rights; return its id and its secret, shown once.

    Raises:
        BadInput: address or events will not do.
    """
    if by.user_id is None:
        raise BadInput("Un webhook appartient à une personne.")
    if session.exec(select(func.count()).select_from(Webhook)).one() >= MOST_WEBHOOKS:
        raise BadInput("Pas plus de {most} webhooks.", most=MOST_WEBHOOKS)
    secret = new_secret()
    address = check_url(url, allows_private=policy_now(session).allows_private)
    made = Webhook(owner_id=by.user_id, url=address, events=check_events(events), secret=secret)
    session.add(made)
    session.flush()
    return made.id, secret


@gate(MANAGE)
def edit_webhook(
    session: Session,
    *,
    webhook_id: UUID,
    url: str,
    events: Sequence[str],
    expected_version: int,
    by: Actor,
    at: datetime,
) -> None:
    """Change where a webhook goes and what it tells.

    Raises:
        NotFound, ChangedMeanwhile, BadInput.
    """
    row = _found(session, webhook_id, expected_version)
    row.url = check_url(url, allows_private=policy_now(session).allows_private)
    row.events = check_events(events)
    session.flush()


@gate(MANAGE)
def renew_secret(session: Session, *, webhook_id: UUID, by: Actor, at: datetime) -> str:
    """Give a webhook a new secret; return it, shown once. The earlier one signs nothing any more.

    Raises:
        NotFound: there is no such webhook.
    """
    row = _found(session, webhook_id)
    row.secret = new_secret()
    session.flush()
    return row.secret


@gate(MANAGE)
def switch_webhook(session: Session, *, webhook_id: UUID, is_on: bool, by: Actor, at: datetime) -> None:
    """Let a webhook rest, or let it go on; what waited meanwhile is sent.

    Raises:
        NotFound: there is no such webhook.
    """
    row = _found(session, webhook_id)
    row.disabled_at, row.problem = (None, "") if is_on else (row.disabled_at or at, row.problem)
    session.flush()
    if is_on:
        for delivery in session.exec(_waiting(webhook_id)):
            delivery.next_at, delivery.first_at, delivery.attempts = at, None, 0


@gate(MANAGE)
def remove_webhook(session: Session, *, webhook_id: UUID, by: Actor, at: datetime) -> None:
    """Remove a webhook with its log.

    Raises:
        NotFound: there is no such webhook.
    """
    row = _found(session, webhook_id)
    own = session.exec(select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)).all()
    for start in range(0, len(own), 500):
        ids = [delivery.id for delivery in own[start : start + 500]]
        for attempt in session.exec(select(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(ids))):
            session.delete(attempt)
    session.flush()
    for delivery in own:
        session.delete(delivery)
    session.flush()
    session.delete(row)


@gate(MANAGE)
def send_again(session: Session, *, delivery_id: UUID, by: Actor, at: datetime) -> None:
    """Send a message once more, under the same id, whatever became of it.

    Raises:
        NotFound: there is no such message.
    """
    row = _delivery(session, delivery_id)
    row.state, row.next_at, row.first_at, row.attempts = DeliveryState.WAITING.value, at, None, 0


@gate(MANAGE)
def give_up(session: Session, *, delivery_id: UUID, by: Actor, at: datetime) -> None:
    """Leave a message that waits, so that those behind it go.

    Raises:
        NotFound: there is no such message.
    """
    row = _delivery(session, delivery_id)
    if row.state == DeliveryState.WAITING:
        row.state = DeliveryState.DROPPED.value


@gate(MANAGE)
def ping(session: Session, *, webhook_id: UUID, body: str, by: Actor, at: datetime) -> UUID:
    """Have a trial message sent to a webhook; return its id.

    Raises:
        NotFound: there is no such webhook.
    """
    _found(session, webhook_id)
    made = WebhookDelivery(webhook_id=webhook_id, event_id=uuid7(), kind=PING, body=body, made_at=at, next_at=at)
    session.add(made)
    session.flush()
    return made.id


@bookkeeping(DELIVER)
def enqueue(
    session: Session, *, webhook_id: UUID, event_id: UUID, kind: str, body: str, by: Actor, at: datetime
) -> None:
    """Write a message to be sent; the same event twice is one message."""
    known = select(WebhookDelivery.id).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.event_id == event_id
    )
    if session.exec(known).first() is None:
        made = WebhookDelivery(webhook_id=webhook_id, event_id=event_id, kind=kind, body=body, made_at=at, next_at=at)
        session.add(made)
        session.flush()


@dataclass(frozen=True)
class Parcel:
    """One message, ready to be sent."""

    delivery_id: UUID
    attempt: int
    url: str
    secret: str
    body: str
    allows_private: bool


@bookkeeping(DELIVER)
def take_parcel(session: Session, *, by: Actor, at: datetime) -> Parcel | None:
    """Take the oldest message that is due, at most one of each webhook and none past one that still waits."""
    decided = policy_now(session)
    if not decided.is_on:
        return None
    earlier = aliased(WebhookDelivery)
    waits = col(WebhookDelivery.state) == DeliveryState.WAITING.value
    held = select(earlier.id).where(
        col(earlier.webhook_id) == col(WebhookDelivery.webhook_id),
        col(earlier.state) == DeliveryState.WAITING.value,
        col(earlier.id) < col(WebhookDelivery.id),
    )
    due = (
        select(WebhookDelivery)
        .join(Webhook, col(Webhook.id) == col(WebhookDelivery.webhook_id))
        .where(waits, col(WebhookDelivery.next_at) <= at, col(Webhook.disabled_at).is_(None), ~held.exists())
        .order_by(col(WebhookDelivery.next_at), col(WebhookDelivery.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    )
    row = session.exec(due).first()
    if row is None:
        return None
    row.attempts, row.first_at, row.next_at = row.attempts + 1, row.first_at or at, at + LEASE
    webhook = session.get_one(Webhook, row.webhook_id)
    return Parcel(row.id, row.attempts, webhook.url, webhook.secret or "", row.body, decided.allows_private)


@bookkeeping(DELIVER)
def note_attempt(
    session: Session,
    *,
    delivery_id: UUID,
    attempt: int,
    status: int | None,
    problem: str,
    milliseconds: int,
    by: Actor,
    at: datetime,
) -> None:
    """Write what a sending brought; after a day without success the webhook is disabled and its owner told."""
    row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if row is None:
        return  # its webhook was removed meanwhile
    session.add(
        WebhookAttempt(delivery_id=delivery_id, at=at, status=status, problem=problem, milliseconds=milliseconds)
    )
    if status is not None and 200 <= status < 300:
        row.state = DeliveryState.DONE.value
        return
    if row.attempts != attempt or row.state != DeliveryState.WAITING:
        return  # it was sent again or given up meanwhile
    again = next_attempt(row.attempts, first_at=row.first_at or at, at=at)
    if again is not None and status != GONE:
        row.next_at = again
        return
    row.state = DeliveryState.FAILED.value
    disable_webhook(session, webhook_id=row.webhook_id, problem=problem or f"HTTP {status}", by=by, at=at)


@gate(DELIVER)
def disable_webhook(session: Session, *, webhook_id: UUID, problem: str, by: Actor, at: datetime) -> None:
    """Let a webhook rest that could not be reached for a day or whose person has left; its owner is told."""
    webhook = session.get_one(Webhook, webhook_id, with_for_update=True)
    webhook.disabled_at, webhook.problem = at, problem
    session.flush()
    told = {"user_id": str(webhook.owner_id), "url": webhook.url, "problem": webhook.problem}
    publish(session, "jobs.webhook_disabled", at=at, subject=webhook_id, **told)


def _waiting(webhook_id: UUID) -> SelectOfScalar[WebhookDelivery]:
    return select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.state == DeliveryState.WAITING.value
    )


def _found(session: Session, webhook_id: UUID, expected_version: int | None = None) -> Webhook:
    row = session.get(Webhook, webhook_id, with_for_update=True)
    if row is None:
        raise NotFound("Ce webhook n’existe pas.")
    if expected_version is not None and row.row_version != expected_version:
        raise ChangedMeanwhile("Ce webhook a été modifié entre-temps : rechargez la page.")
    return row


def _delivery(session: Session, delivery_id: UUID) -> WebhookDelivery:
    row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if row is None:
        raise NotFound("Ce message n’existe pas.")
    return row
