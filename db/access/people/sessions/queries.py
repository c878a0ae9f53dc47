"""Which browsers are signed in, and what is known of one that is on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.access.people.sessions.rules import CODE_LIMIT, is_alive
from db.access.people.sessions.tables import SignInSession
from db.access.people.tokens.rules import token_hash
from db.session import DEMO, database_url


@dataclass(frozen=True)
class Browser:
    """A browser in which a person is signed in."""

    id: UUID
    device: str
    address: str
    opened_at: datetime
    last_seen_at: datetime


@readable("access.use_own_account")
def browsers(session: Session, *, user_id: UUID, at: datetime) -> Sequence[Browser]:
    """List where a person is signed in, the latest first."""
    wanted = (
        select(SignInSession)
        .where(SignInSession.user_id == user_id, col(SignInSession.ended_at).is_(None))
        .where(col(SignInSession.waits_for_code).is_(False))
        .order_by(col(SignInSession.last_seen_at).desc())
    )
    return [
        Browser(found.id, found.device, found.address, found.opened_at, found.last_seen_at)
        for found in session.exec(wanted)
        if is_alive(found.opened_at, found.last_seen_at, found.ended_at, at=at)
    ]


def waiting_session(session: Session, *, token: str, at: datetime, locked: bool = False) -> SignInSession | None:
    """Return the session of a browser whose password was right and whose second factor is still to come."""
    wanted = select(SignInSession).where(SignInSession.token_hash == token_hash(token))
    found = session.exec(wanted.with_for_update() if locked else wanted).first()
    if found is None or not found.waits_for_code or found.ended_at is not None:
        return None
    return found if at - found.opened_at < CODE_LIMIT else None


def is_demonstration(session: Session) -> bool:
    """Test if this session writes into the demonstration's own database."""
    url = session.get_bind().engine.url
    return url.get_backend_name() == "sqlite" and url.database == database_url(DEMO).removeprefix("sqlite:///")
