"""Which views a person has."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.records.views.tables import SavedView


@dataclass(frozen=True)
class View:
    """One tab of a list."""

    view_id: UUID
    name: str
    query: str
    shared: bool
    own: bool


@readable("records.save_view")
def saved_views(session: Session, *, kind: str, by: Actor) -> list[View]:
    """Return the shared views of a list and the person's own, by name."""
    visible = or_(col(SavedView.shared).is_(True), col(SavedView.owner_id) == by.user_id)
    wanted = select(SavedView).where(col(SavedView.kind) == kind, visible).order_by(col(SavedView.name))
    return [
        View(row.id, row.name, row.query, row.shared, row.owner_id == by.user_id) for row in session.scalars(wanted)
    ]
