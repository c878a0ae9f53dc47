"""What can be asked about webhooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from db.access.gate import readable
from db.access.people.queries import user_names
from db.jobs.webhooks.rules import DeliveryState
from db.jobs.webhooks.tables import Webhook, WebhookAttempt, WebhookDelivery, WebhookPolicy
from db.kernel.errors import NotFound

MANAGE = "jobs.manage_webhooks"


@dataclass(frozen=True)
class Policy:
    """Whether webhooks are sent, and if they may stay within one's own network."""

    is_on: bool
    allows_private: bool
    row_version: int


@dataclass(frozen=True)
class WebhookFacts:
    """One webhook, without its secret."""

    id: UUID
    owner_id: UUID
    owner_name: str
    url: str
    events: Sequence[str]
    disabled_at: datetime | None
    problem: str
    row_version: int
    waiting: int


@dataclass(frozen=True)
class Attempt:
    """One sending: the answer's status, or why there was none."""

    at: datetime
    status: int | None
    problem: str
    milliseconds: int


@dataclass(frozen=True)
class Delivery:
    """One message and its sendings, the newest first."""

    id: UUID
    kind: str
    state: DeliveryState
    made_at: datetime
    next_at: datetime | None
    attempts: Sequence[Attempt]
    body: str


@readable(MANAGE)
def policy(session: Session) -> Policy:
    """Return what the company decided."""
    return policy_now(session)


def policy_now(session: Session) -> Policy:
    """Return what the company decided; off while it decided nothing."""
    row = session.exec(select(WebhookPolicy)).first()
    return Policy(row.is_on, row.allows_private, row.row_version) if row else Policy(False, False, 0)


@readable(MANAGE)
def webhooks(session: Session) -> list[WebhookFacts]:
    """Return every webhook, oldest first."""
    waiting = select(WebhookDelivery.webhook_id, func.count()).where(
        WebhookDelivery.state == DeliveryState.WAITING.value
    )
    counts = dict(session.exec(waiting.group_by(col(WebhookDelivery.webhook_id))).all())
    names = user_names(session)
    return [
        WebhookFacts(
            row.id,
            row.owner_id,
            names.get(row.owner_id, ""),
            row.url,
            row.events,
            row.disabled_at,
            row.problem,
            row.row_version,
            counts.get(row.id, 0),
        )
        for row in session.exec(select(Webhook).order_by(col(Webhook.id)))
    ]


@readable(MANAGE)
def webhook(session: Session, *, webhook_id: UUID) -> WebhookFacts:
    """Return one webhook.

    Raises:
        NotFound: there is none.
    """
    for one in webhooks(session):
        if one.id == webhook_id:
            return one
    raise NotFound("Ce webhook n’existe pas.")


@readable(MANAGE)
def deliveries(session: Session, *, webhook_id: UUID, before: UUID | None = None, most: int = 50) -> list[Delivery]:
    """Return the newest messages of a webhook, newest first.

    Raises:
        NotFound: there is no such webhook.
    """
    webhook(session, webhook_id=webhook_id)
    wanted = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if before is not None:
        wanted = wanted.where(col(WebhookDelivery.id) < before)
    rows = session.exec(wanted.order_by(col(WebhookDelivery.id).desc()).limit(most)).all()
    attempts = _attempts(session, [row.id for row in rows])
    return [
        Delivery(
            row.id,
            row.kind,
            DeliveryState(row.state),
            row.made_at,
            row.next_at if row.state == DeliveryState.WAITING else None,
            attempts.get(row.id, ()),
            row.body,
        )
        for row in rows
    ]


def _attempts(session: Session, delivery_ids: Sequence[UUID]) -> dict[UUID, list[Attempt]]:
    found: dict[UUID, list[Attempt]] = {}
    wanted = select(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(delivery_ids))
    for row in session.exec(wanted.order_by(col(WebhookAttempt.id).desc())):
        found.setdefault(row.delivery_id, []).append(Attempt(row.at, row.status, row.problem, row.milliseconds))
    return found


@dataclass(frozen=True)
class Listener:
    """Who is to be told of an event: a webhook that is not disabled, and whose rights it has."""

    webhook_id: UUID
    owner_id: UUID


def listeners(session: Session, *, kind: str) -> list[Listener]:
    """Return the webhooks that are told of a kind of event; none while the company sends nothing."""
    if not policy_now(session).is_on:
        return []
    rows = session.exec(select(Webhook).where(col(Webhook.disabled_at).is_(None)).order_by(col(Webhook.id)))
    return [Listener(row.id, row.owner_id) for row in rows if kind in row.events]
