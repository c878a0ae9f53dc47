"""Following a record and leaving it: bookkeeping, no deed."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import bookkeeping
from db.access.rules import Actor
from db.kernel.errors import NotAllowed
from db.records.followers.tables import Follower
from db.records.reach.queries import check_record


@bookkeeping("records.open")
def follow_record(session: Session, *, kind: str, record_id: UUID, by: Actor, at: datetime) -> None:
    """Let the person know of what changes on a record from now on; doing so twice changes nothing.

    Raises: NotFound: she does not reach the record.
    """
    if by.user_id is None:
        raise NotAllowed("Seule une personne suit une fiche.")
    check_record(session, kind=kind, record_id=record_id, by=by)
    if session.get(Follower, (by.user_id, kind, record_id)) is None:
        session.add(Follower(user_id=by.user_id, kind=kind, record_id=record_id, since=at))
        session.flush()


@bookkeeping("records.open")
def unfollow_record(session: Session, *, kind: str, record_id: UUID, by: Actor, at: datetime) -> None:
    """Stop following a record; who did not follow it stays so."""
    following = None if by.user_id is None else session.get(Follower, (by.user_id, kind, record_id))
    if following is not None:
        session.delete(following)
        session.flush()
