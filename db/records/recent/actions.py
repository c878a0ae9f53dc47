"""Remembering what a person used."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from db.access.gate import bookkeeping
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.records.recent.queries import KEPT
from db.records.recent.tables import RecentUse

LONGEST = 200


@bookkeeping("records.open")
def remember_use(session: Session, *, target: str, by: Actor, at: datetime) -> None:
    """Remember that the person used a record, a page or an action; the oldest beyond fifty are forgotten.

    Raises: BadInput: this names nothing.
    """
    if not target or len(target) > LONGEST:
        raise BadInput("Ce choix n’existe pas.")
    if by.user_id is None:
        return
    known = session.get(RecentUse, (by.user_id, target), with_for_update=True)
    if known is None:
        session.add(RecentUse(user_id=by.user_id, target=target, at=at))
    else:
        known.at = at
    session.flush()
    _forget_oldest(session, by)


def _forget_oldest(session: Session, by: Actor) -> None:
    mine = select(col(RecentUse.target)).where(col(RecentUse.user_id) == by.user_id)
    kept = mine.order_by(col(RecentUse.at).desc(), col(RecentUse.target)).limit(KEPT)
    newest = list(session.scalars(kept))
    if len(newest) < KEPT:
        return
    session.execute(delete(RecentUse).where(col(RecentUse.user_id) == by.user_id, col(RecentUse.target).not_in(newest)))
