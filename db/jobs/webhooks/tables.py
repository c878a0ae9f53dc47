"""Who is told of what, every message with what became of it, and whether anything is sent at all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from db.jobs.webhooks.rules import DeliveryState
from db.kernel.encrypted import Encrypted
from db.kernel.record import Instant, Record, Said, personal, plain, secret, uuid7


class WebhookPolicy(Record, table=True):
    """The company's own decision; nothing is sent while there is none."""

    __tablename__ = "webhook_policy"
    __table_args__ = (CheckConstraint("place = 1", name="one_webhook_policy"),)
    place: int = plain(default=1, nullable=False, unique=True)
    is_on: bool = plain(default=False, nullable=False)
    allows_private: bool = plain(default=False, nullable=False)


class Webhook(Record, table=True):
    """A program that is told of events, with the rights of the person who set it up."""

    __tablename__ = "webhook"
    owner_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    url: str = plain(nullable=False)
    events: list[str] = plain(sa_type=JSON, nullable=False)
    secret: str | None = secret(sa_type=Encrypted("webhook.secret"), default=None)
    disabled_at: datetime | None = plain(sa_type=Instant, default=None)
    problem: str = plain(sa_type=Said, default="", nullable=False)


class WebhookDelivery(SQLModel, table=True):
    """One message to one program; its id is what the program knows it by, however often it is sent."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("webhook_delivery_to_send", "state", "next_at"),
        Index("webhook_delivery_in_order", "webhook_id", "id"),
    )
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    webhook_id: UUID = plain(foreign_key="webhook.id", nullable=False)
    event_id: UUID = plain(nullable=False)
    kind: str = plain(nullable=False)
    body: str = personal(nullable=False)
    state: str = plain(default=DeliveryState.WAITING.value, nullable=False)
    made_at: datetime = plain(sa_type=Instant, nullable=False)
    first_at: datetime | None = plain(sa_type=Instant, default=None)
    next_at: datetime = plain(sa_type=Instant, nullable=False)
    attempts: int = plain(default=0, nullable=False)


class WebhookAttempt(SQLModel, table=True):
    """One sending of a message: the answer's status, or why there was none."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("webhook_attempt_of_delivery", "delivery_id", "id"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    delivery_id: UUID = plain(foreign_key="webhook_delivery.id", nullable=False)
    at: datetime = plain(sa_type=Instant, nullable=False)
    status: int | None = plain(default=None)
    problem: str = plain(sa_type=Said, default="", nullable=False)
    milliseconds: int = plain(default=0, nullable=False)
