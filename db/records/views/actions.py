"""Saving, sharing and removing views."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor, check_may
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.records.views.tables import SavedView

LONGEST = 60


@gate("records.save_view")
def save_view(
    session: Session,
    *,
    kind: str,
    name: str,
    query: str,
    shared: bool,
    by: Actor,
    at: datetime,
) -> UUID:
    """Keep the state of a list under a name, replacing one's own view of that name; return its id.

    Raises: BadInput, NotAllowed (sharing without the right).
    """
    name = name.strip()
    if not name or len(name) > LONGEST or by.user_id is None:
        raise BadInput("Donnez à la vue un nom de 1 à {longest} caractères.", longest=LONGEST)
    if shared:
        check_may(by, "records.share_view")

    wanted = select(SavedView).where(
        col(SavedView.kind) == kind,
        col(SavedView.owner_id) == by.user_id,
        col(SavedView.name) == name,
    )
    view = session.scalars(wanted).first() or SavedView(kind=kind, owner_id=by.user_id, name=name)
    view.query, view.shared = query[:2000], shared
    session.add(view)
    session.flush()
    return view.id


@gate("records.save_view")
def remove_view(session: Session, *, view_id: UUID, by: Actor, at: datetime) -> None:
    """Remove one's own view.

    Raises: NotFound, NotAllowed.
    """
    view = session.get(SavedView, view_id)
    if view is None:
        raise NotFound("Cette vue n’existe plus.")
    if view.owner_id != by.user_id:
        raise NotAllowed("Seule la personne qui a créé une vue peut la supprimer.")
    session.delete(view)
