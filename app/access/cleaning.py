"""Forgets what counts no more: old failures, once a day."""

from app.doors import now
from db.access.people.sessions.attempts import forget_old_attempts
from db.access.rules import Actor
from db.session import transaction


def forget_attempts(by: Actor) -> None:
    """Delete failed sign-ins that are a day old."""
    with transaction() as session:
        forget_old_attempts(session, at=now())
