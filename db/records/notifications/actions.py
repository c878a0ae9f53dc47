"""Tell people, let them read and choose, and keep the books of the digests. None of it is a deed of the trail."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from db.access.calendars.rules import SWISS_TIME
from db.access.gate import bookkeeping
from db.access.people.tables import User
from db.access.rules import Actor
from db.access.settings.queries import settings
from db.kernel.errors import NotAllowed, NotFound
from db.records.notifications.queries import alerts_of_day, hours_of, people_with_digest, quiet_end, ways_of
from db.records.notifications.rules import Hours, Standing, Told, Topic, Way, check_hours, most_valuable
from db.records.notifications.tables import Digest, Message, MessageChoice, MessageHours


@bookkeeping("records.tell_people")
def tell(session: Session, *, told: Sequence[Told], by: Actor, at: datetime) -> int:
    """Tell people as each of them wants; what somebody was told before is passed over. Return how many were told.

    Of the alerts of a day only the most valuable reach the app, the rest wait for the digest.
    """
    new = 0
    alerted: set[UUID] = set()
    for one in told:
        if not _works_here(session, one.user_id) or _was_told(session, one):
            continue
        way = ways_of(session, one.user_id)[one.topic]
        if way is Way.NONE:
            continue
        shown_from = quiet_end(session, one.user_id, at) or at
        session.add(_message(one, way, at=at, shown_from=shown_from))
        session.flush()
        new += 1
        if one.topic is Topic.ALERT:
            alerted.add(one.user_id)
    for user_id in alerted:
        _show_most_valuable(session, user_id, at)
    return new


def _works_here(session: Session, user_id: UUID) -> bool:
    user = session.get(User, user_id)
    return user is not None and user.closed_at is None


def _was_told(session: Session, one: Told) -> bool:
    wanted = select(Message.id).where(Message.user_id == one.user_id, Message.once == one.once)
    return session.exec(wanted).first() is not None


def _message(one: Told, way: Way, *, at: datetime, shown_from: datetime) -> Message:
    return Message(
        user_id=one.user_id,
        topic=one.topic.value,
        once=one.once,
        at=at,
        shown_from=shown_from,
        message_id=one.message_id,
        params=one.params,
        kind=one.kind,
        record_id=one.record_id,
        address=one.address,
        amount=one.amount,
        in_app=way in (Way.APP, Way.BOTH),
        in_digest=way in (Way.DIGEST, Way.BOTH),
    )


def _show_most_valuable(session: Session, user_id: UUID, at: datetime) -> None:
    """Let the most valuable alerts of the day stand in the app, and move the others to the digest."""
    if ways_of(session, user_id)[Topic.ALERT] is Way.DIGEST:
        return
    local = at.astimezone(SWISS_TIME)
    begins = local.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = alerts_of_day(session, user_id=user_id, begins=begins, ends=begins + timedelta(days=1))
    standing = [Standing(row.id, row.amount, row.read_at is not None) for row in rows]
    shown = most_valuable(standing, settings(session)["alerts.per_day"])
    for row in rows:
        row.in_app = row.id in shown
        row.in_digest = row.in_digest or not row.in_app
        session.add(row)


@bookkeeping("records.read_messages")
def mark_read(session: Session, *, message_id: UUID, is_read: bool, by: Actor, at: datetime) -> None:
    """Note that the person has read a message, or not yet after all.

    Raises:
        NotFound: it is not hers.
    """
    row = session.get(Message, message_id, with_for_update=True)
    if row is None or row.user_id != by.user_id:
        raise NotFound("Ce message n’existe pas.")
    row.read_at = (row.read_at or at) if is_read else None
    session.add(row)


@bookkeeping("records.read_messages")
def mark_all_read(session: Session, *, by: Actor, at: datetime) -> None:
    """Note that the person has read everything that is shown to her."""
    unread = update(Message).where(col(Message.user_id) == by.user_id, col(Message.read_at).is_(None))
    session.connection().execute(unread.where(col(Message.shown_from) <= at).values(read_at=at))


@bookkeeping("records.read_messages")
def choose_ways(session: Session, *, ways: Mapping[Topic, Way], by: Actor, at: datetime) -> None:
    """Choose how to be told about each topic."""
    user_id = _own(by)
    for topic, way in ways.items():
        row = session.get(MessageChoice, (user_id, topic.value))
        if row is None:
            row = MessageChoice(user_id=user_id, topic=topic.value, way=way.value)
        row.way = way.value
        session.add(row)


@bookkeeping("records.read_messages")
def choose_hours(session: Session, *, hours: Hours, by: Actor, at: datetime) -> None:
    """Choose when the digest comes and when it is quiet.

    Raises:
        BadInput: one of them is no time of the day.
    """
    check_hours(hours)
    user_id = _own(by)
    row = session.get(MessageHours, user_id) or MessageHours(user_id=user_id)
    row.digest_at, row.quiet_from, row.quiet_to = hours.digest_at, hours.quiet_from, hours.quiet_to
    session.add(row)


def _own(by: Actor) -> UUID:
    if by.user_id is None:
        raise NotAllowed("Seule une personne a un compte.")
    return by.user_id


@bookkeeping("records.tell_people")
def note_followed(session: Session, *, user_id: UUID, by: Actor, at: datetime) -> None:
    """Note up to when what a person follows was looked at."""
    row = session.get(MessageHours, user_id)
    if row is None:
        chosen = hours_of(session, user_id)
        row = MessageHours(
            user_id=user_id, digest_at=chosen.digest_at, quiet_from=chosen.quiet_from, quiet_to=chosen.quiet_to
        )
    row.followed_until = at
    session.add(row)


# --- digests ----------------------------------------------------------------------------------------------------------


@bookkeeping("records.tell_people")
def make_digests(session: Session, *, by: Actor, at: datetime) -> list[UUID]:
    """Put what waits into one digest for each person whose hour has come; return them."""
    made = []
    for user_id in people_with_digest(session, at=at):
        row = Digest(user_id=user_id, day=at.astimezone(SWISS_TIME).date(), made_at=at)
        session.add(row)
        session.flush()
        waiting = update(Message).where(col(Message.user_id) == user_id, col(Message.in_digest).is_(True))
        waiting = waiting.where(col(Message.digest_id).is_(None), col(Message.read_at).is_(None))
        session.connection().execute(waiting.where(col(Message.shown_from) <= at).values(digest_id=row.id))
        made.append(row.id)
    return made


@bookkeeping("records.tell_people")
def begin_digest(session: Session, *, digest_id: UUID, by: Actor, at: datetime) -> bool:
    """Note that a digest is handed to the mail server now; False when that was begun before: it is not repeated."""
    row = session.get(Digest, digest_id, with_for_update=True)
    if row is None or row.begun_at is not None:
        if row is not None and row.sent_at is None:
            row.problem = "interrompu pendant l’envoi, pas répété"
            session.add(row)
        return False
    row.begun_at = at
    session.add(row)
    return True


@bookkeeping("records.tell_people")
def end_digest(session: Session, *, digest_id: UUID, problem: str, by: Actor, at: datetime) -> None:
    """Note that a digest has left; or why the server did not take it: its messages then wait for the next day's."""
    row = session.get(Digest, digest_id, with_for_update=True)
    if row is None:
        return
    row.problem = problem
    if not problem:
        row.sent_at = at
    else:
        back = update(Message).where(col(Message.digest_id) == digest_id)
        session.connection().execute(back.values(digest_id=None))
    session.add(row)


@bookkeeping("records.tell_people")
def forget_messages(session: Session, *, before: datetime, by: Actor, at: datetime) -> int:
    """Delete messages that were read before an instant; return how many. Alerts stay, so that none comes twice."""
    old = delete(Message).where(col(Message.read_at) < before, col(Message.topic) != Topic.ALERT.value)
    return session.connection().execute(old).rowcount
