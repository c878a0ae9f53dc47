"""What a person used last."""

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.records.recent.tables import RecentUse

KEPT = 50


@readable("records.open")
def recent_targets(session: Session, *, by: Actor) -> list[str]:
    """Return what the person used, last used first."""
    if by.user_id is None:
        return []
    wanted = select(col(RecentUse.target)).where(col(RecentUse.user_id) == by.user_id)
    return list(session.scalars(wanted.order_by(col(RecentUse.at).desc(), col(RecentUse.target)).limit(KEPT)))
