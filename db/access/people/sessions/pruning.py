"""Deleting traces of signing in whose time of keeping is over (bookkeeping, no deed)."""

from datetime import datetime

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from db.access.people.passwords.tables import ResetLink
from db.access.people.sessions.rules import IDLE_LIMIT, LIFE_LIMIT
from db.access.people.sessions.tables import SignInSession
from db.access.tickets.tables import Ticket


def prune_sign_ins(session: Session, *, sessions: datetime, links: datetime) -> dict[str, int]:
    """Delete sessions that ended (or died of their age) and links and tickets that expired before an instant."""
    dead = or_(
        col(SignInSession.ended_at) < sessions,
        col(SignInSession.last_seen_at) < sessions - IDLE_LIMIT,
        col(SignInSession.opened_at) < sessions - LIFE_LIMIT,
    )
    wanted = {
        "sign_in_session": delete(SignInSession).where(dead),
        "reset_link": delete(ResetLink).where(or_(col(ResetLink.used_at) < links, col(ResetLink.expires_at) < links)),
        "ticket": delete(Ticket).where(or_(col(Ticket.used_at) < links, col(Ticket.expires_at) < links)),
    }
    return {name: session.connection().execute(statement).rowcount for name, statement in wanted.items()}
