"""Open, prove and end the sessions of browsers; count what fails."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, update

from db.access.people.sessions.tables import SignInSession


def note_seen(session: Session, *, session_id: UUID, at: datetime) -> None:
    """Write that a browser is being used (bookkeeping, no deed)."""
    session.connection().execute(
        update(SignInSession).where(col(SignInSession.id) == session_id).values(last_seen_at=at)
    )
