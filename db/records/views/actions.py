"""Saving, sharing and removing views."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor, Role, check_may
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.records.views.tables import DefaultView, PinnedView, SavedView

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
    for kind in (PinnedView, DefaultView):
        for row in session.scalars(select(kind).where(col(kind.view_id) == view_id)):
            session.delete(row)
    session.flush()
    session.delete(view)


@gate("records.save_view")
def pin_view(session: Session, *, view_id: UUID, pinned: bool, by: Actor, at: datetime) -> None:
    """Keep a view as a tab, or no longer; doing so twice changes nothing.

    Raises: NotFound.
    """
    _visible(session, view_id, by)
    wanted = select(PinnedView).where(col(PinnedView.view_id) == view_id, col(PinnedView.user_id) == by.user_id)
    found = session.scalars(wanted).first()
    if found is not None and not pinned:
        session.delete(found)
    if found is None and pinned and by.user_id is not None:
        session.add(PinnedView(view_id=view_id, user_id=by.user_id))
    session.flush()


@gate("records.share_view")
def begin_with_view(session: Session, *, view_id: UUID, roles: Sequence[str], by: Actor, at: datetime) -> None:
    """Let the people of these roles (and no others) begin with a shared view.

    Raises: NotFound, BadInput: the view is not shared, or there is no such role.
    """
    view = _visible(session, view_id, by)
    unknown = set(roles) - set(Role)
    if unknown:
        raise BadInput("Ce rôle n’existe pas : {role}.", role=min(unknown)[:40])
    if roles and not view.shared:
        raise BadInput("Partagez d’abord cette vue : les autres ne la voient pas.")
    rows = session.scalars(select(DefaultView).where(col(DefaultView.kind) == view.kind)).all()
    for row in rows:
        if row.view_id == view_id and row.role not in roles:
            session.delete(row)
        elif row.role in roles:
            row.view_id = view_id
    for role in sorted(set(roles) - {row.role for row in rows}):
        session.add(DefaultView(kind=view.kind, role=role, view_id=view_id))
    session.flush()


def _visible(session: Session, view_id: UUID, by: Actor) -> SavedView:
    view = session.get(SavedView, view_id)
    if view is None or not (view.shared or view.owner_id == by.user_id):
        raise NotFound("Cette vue n’existe plus.")
    return view
