"""Forgets what counts no more: old failures, and traces whose time of keeping is over; once a day."""

from datetime import timedelta

from app.doors import ask, do, now
from db.access.people.sessions.attempts import forget_old_attempts
from db.access.people.sessions.pruning import prune_sign_ins
from db.access.rules import Actor
from db.access.settings.queries import settings
from db.jobs.pruning import prune_jobs
from db.records.drafts.pruning import prune_drafts
from db.records.notifications.actions import forget_messages
from db.session import transaction


def forget_attempts(by: Actor) -> None:
    """Delete failed sign-ins that are a day old."""
    with transaction() as session:
        forget_old_attempts(session, at=now())


def prune(by: Actor) -> dict[str, int]:
    """Delete what the firm keeps no longer (its settings say how long); return how many rows of each."""
    at = now()
    kept = {key: at - timedelta(days=days) for key, days in ask(by, settings).items() if key.startswith("retention.")}
    with transaction() as session:
        gone = prune_sign_ins(session, sessions=kept["retention.sessions"], links=kept["retention.links"])
    with transaction() as session:
        gone |= prune_jobs(session, jobs=kept["retention.jobs"], events=kept["retention.events"])
    with transaction() as session:
        gone |= prune_drafts(session, before=kept["retention.drafts"])
    gone["message"] = do(by, forget_messages, before=kept["retention.messages"])
    return gone
