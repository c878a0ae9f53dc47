"""What a person was told and chose, and whose digest is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from db.access.calendars.rules import SWISS_TIME, quiet_until
from db.access.company.queries import find_company
from db.access.gate import readable
from db.access.people.tables import User
from db.access.rules import Actor, may_see_field
from db.records.followers.tables import Follower
from db.records.kinds.rules import KINDS
from db.records.notifications.rules import TOPICS, Hours, Topic, Way, is_digest_due
from db.records.notifications.tables import Digest, Message, MessageChoice, MessageHours
from db.records.reach.queries import reached

AMOUNT = "expected_amount"  # the field of a record that the amount of a message comes from


@dataclass(frozen=True)
class MessageFacts:
    """One thing that a person was told; `message_id` is French, `params` fill its places."""

    id: UUID
    topic: Topic
    at: datetime
    shown_from: datetime
    message_id: str
    params: dict[str, Any]
    kind: str
    record_id: UUID | None
    address: str
    amount: Decimal | None
    is_read: bool


@dataclass(frozen=True)
class DigestFacts:
    """What one e-mail says, and to whom."""

    id: UUID
    name: str
    email: str
    language: str
    begun_at: datetime | None
    sent_at: datetime | None
    messages: Sequence[MessageFacts]


@readable("records.read_messages")
def messages(session: Session, *, by: Actor, most: int = 100) -> Sequence[MessageFacts]:
    """Return the newest messages of the person; none about records that she does not reach any more."""
    wanted = select(Message).where(Message.user_id == by.user_id, col(Message.in_app).is_(True))
    return _readable(session, session.exec(wanted.order_by(col(Message.id).desc()).limit(most)).all(), by)


@readable("records.read_messages")
def count_unread(session: Session, *, by: Actor, at: datetime) -> int:
    """Count what the person has not read and is not kept back by her quiet time."""
    wanted = select(func.count()).select_from(Message)
    wanted = wanted.where(Message.user_id == by.user_id, col(Message.read_at).is_(None))
    return session.exec(wanted.where(col(Message.in_app).is_(True), col(Message.shown_from) <= at)).one()


@readable("records.read_messages")
def choices(session: Session, *, by: Actor) -> dict[Topic, Way]:
    """Return how the person wants to be told about each topic."""
    return ways_of(session, by.user_id)


@readable("records.read_messages")
def hours(session: Session, *, by: Actor) -> Hours:
    """Return when the person is told."""
    return hours_of(session, by.user_id)


def ways_of(session: Session, user_id: UUID | None) -> dict[Topic, Way]:
    """Return how somebody wants to be told about each topic."""
    rows = session.exec(select(MessageChoice.topic, MessageChoice.way).where(MessageChoice.user_id == user_id))
    chosen = dict(rows.all())
    return {topic: Way(chosen.get(topic.value, facts.way.value)) for topic, facts in TOPICS.items()}


def hours_of(session: Session, user_id: UUID | None) -> Hours:
    """Return when somebody is told."""
    row = session.get(MessageHours, user_id) if user_id else None
    if row is None or row.digest_at is None or row.quiet_from is None or row.quiet_to is None:
        return Hours()
    return Hours(row.digest_at, row.quiet_from, row.quiet_to)


def quiet_end(session: Session, user_id: UUID, at: datetime) -> datetime | None:
    """Return when somebody's quiet time ends; None when it is not quiet."""
    chosen, firm = hours_of(session, user_id), find_company(session)
    canton = (firm.canton or "") if firm else ""
    return quiet_until(at, begins=chosen.quiet_from, ends=chosen.quiet_to, canton=canton)


def people_with_digest(session: Session, *, at: datetime) -> list[UUID]:
    """Return whose e-mail of the day is due: something waits, her hour has come, it is not quiet, none left today."""
    local = at.astimezone(SWISS_TIME)
    done = select(Digest.user_id).where(Digest.day == local.date())
    waiting = (
        select(Message.user_id)
        .join(User, col(User.id) == col(Message.user_id))
        .where(col(Message.in_digest).is_(True), col(Message.digest_id).is_(None), col(Message.read_at).is_(None))
        .where(col(User.closed_at).is_(None), col(Message.shown_from) <= at, col(Message.user_id).not_in(done))
        .distinct()
    )
    minute = local.hour * 60 + local.minute
    return [
        user_id
        for user_id in session.exec(waiting).all()
        if is_digest_due(
            at,
            hours=hours_of(session, user_id),
            is_quiet=quiet_end(session, user_id, at) is not None,
            local_minute=minute,
        )
    ]


def reader_of_digest(session: Session, *, digest_id: UUID) -> UUID | None:
    """Return whose e-mail this is; None when it is gone or its reader has left."""
    row = session.get(Digest, digest_id)
    user = session.get(User, row.user_id) if row else None
    return None if user is None or user.closed_at is not None else user.id


def digest(session: Session, *, digest_id: UUID, by: Actor) -> DigestFacts | None:
    """Return what an e-mail says, for the worker that sends it; None when it is gone or its reader has left."""
    row = session.get(Digest, digest_id)
    user = session.get(User, row.user_id) if row else None
    if row is None or user is None or user.closed_at is not None:
        return None
    wanted = select(Message).where(Message.digest_id == digest_id)
    found = session.exec(wanted.order_by(func.coalesce(Message.amount, 0).desc(), col(Message.id))).all()
    return DigestFacts(
        row.id, user.name, user.email, user.language, row.begun_at, row.sent_at, _readable(session, found, by)
    )


def people_who_follow(session: Session) -> list[tuple[UUID, datetime | None]]:
    """Return who follows anything, and up to when that was looked at."""
    wanted = (
        select(Follower.user_id, MessageHours.followed_until)
        .join(MessageHours, col(MessageHours.user_id) == col(Follower.user_id), isouter=True)
        .join(User, col(User.id) == col(Follower.user_id))
        .where(col(User.closed_at).is_(None))
        .distinct()
    )
    return [(user_id, until) for user_id, until in session.exec(wanted)]


def alerts_of_day(session: Session, *, user_id: UUID, begins: datetime, ends: datetime) -> Sequence[Message]:
    """Return the alerts of a person's day."""
    wanted = select(Message).where(Message.user_id == user_id, Message.topic == Topic.ALERT.value)
    wanted = wanted.where(col(Message.at) >= begins, col(Message.at) < ends)
    return session.exec(wanted.where(or_(col(Message.in_app).is_(True), col(Message.in_digest).is_(True)))).all()


def _readable(session: Session, rows: Sequence[Message], by: Actor) -> list[MessageFacts]:
    places = [(row.kind, row.record_id) for row in rows if row.kind and row.record_id]
    seen = reached(session, places=list(set(places)), by=by)
    return [_facts(row, by) for row in rows if not (row.kind and row.record_id) or (row.kind, row.record_id) in seen]


def _facts(row: Message, by: Actor) -> MessageFacts:
    table = KINDS[row.kind].table if row.kind in KINDS else row.kind
    is_told = may_see_field(by, table, AMOUNT)
    return MessageFacts(
        row.id,
        Topic(row.topic),
        row.at,
        row.shown_from,
        row.message_id,
        row.params,
        row.kind,
        row.record_id,
        row.address,
        row.amount if is_told else None,
        row.read_at is not None,
    )
