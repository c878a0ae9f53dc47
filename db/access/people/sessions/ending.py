"""Ending browsers' sessions as part of something else (a new password, other roles, a person who leaves)."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, update

from db.access.people.sessions.tables import SignInSession


def end_sessions(session: Session, *, user_id: UUID, at: datetime, but: UUID | None = None) -> None:
    """End all browser sessions of a person, except one."""
    wanted = update(SignInSession).where(col(SignInSession.user_id) == user_id, col(SignInSession.ended_at).is_(None))
    if but is not None:
        wanted = wanted.where(col(SignInSession.id) != but)
    session.connection().execute(wanted.values(ended_at=at))
