"""What the notebooks' origin asks about the browser session behind a ticket."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.people.sessions.rules import is_alive
from db.access.people.sessions.tables import SignInSession


def is_signed_in_still(session: Session, *, session_id: UUID, at: datetime) -> bool:
    """Test if the browser session from which somebody came is still open: signing out closes all that came of it."""
    found = session.get(SignInSession, session_id)
    return found is not None and is_alive(found.opened_at, found.last_seen_at, found.ended_at, at=at)
