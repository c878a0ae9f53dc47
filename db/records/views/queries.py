"""Which views a person has."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.records.views.tables import DefaultView, PinnedView, SavedView


@dataclass(frozen=True)
class View:
    """One saved view. `roles` begin with it; `begins` when the reader's own role does."""

    view_id: UUID
    name: str
    query: str
    shared: bool
    own: bool
    pinned: bool = False
    roles: tuple[str, ...] = ()
    begins: bool = False


@readable("records.save_view")
def saved_views(session: Session, *, kind: str, by: Actor) -> list[View]:
    """Return the shared views of a list and the person's own, the pinned first, by name."""
    visible = or_(col(SavedView.shared).is_(True), col(SavedView.owner_id) == by.user_id)
    wanted = select(SavedView).where(col(SavedView.kind) == kind, visible).order_by(col(SavedView.name))
    pinned = set(session.scalars(select(col(PinnedView.view_id)).where(col(PinnedView.user_id) == by.user_id)))
    roles = _roles(session, kind)
    views = [_view(row, by, row.id in pinned, roles.get(row.id, ())) for row in session.scalars(wanted)]
    return sorted(views, key=lambda view: not view.pinned)


def _roles(session: Session, kind: str) -> dict[UUID, tuple[str, ...]]:
    rows = session.scalars(select(DefaultView).where(col(DefaultView.kind) == kind).order_by(col(DefaultView.role)))
    found: dict[UUID, tuple[str, ...]] = {}
    for row in rows:
        found[row.view_id] = (*found.get(row.view_id, ()), row.role)
    return found


def _view(row: SavedView, by: Actor, pinned: bool, roles: tuple[str, ...]) -> View:
    own = {role.value for role in by.roles}
    return View(
        row.id, row.name, row.query, row.shared, row.owner_id == by.user_id, pinned, roles, bool(own & set(roles))
    )
