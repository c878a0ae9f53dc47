"""Adding places and changing them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound
from db.kernel.findings import Finding
from db.records.listing.changes import Change, Changed, check_fields_seen, each
from db.records.search.actions import Findable, add_search_entries, change_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import fold, search_lines
from db.records.timeline.actions import add_entry
from db.stock.moves.tables import StockLevel
from db.stock.places.queries import parents_of
from db.stock.places.rules import (
    CLOSED,
    EDITABLE,
    KIND,
    BadPlace,
    PlaceDraft,
    PlaceInUse,
    check_tree,
    clean_place,
    draft_of,
    inside,
    path_of,
)
from db.stock.places.tables import StockPlace

EDIT = "stock.manage_places"


@gate(EDIT)
def add_place(session: Session, *, draft: PlaceDraft, by: Actor, at: datetime) -> UUID:
    """Add a place; return its id.

    Raises: BadPlace.
    """
    draft = clean_place(draft)
    _check_once(session, draft, but=None)
    _check_parent(session, None, draft.parent_id)
    [number] = next_numbers(session, count=1)
    row = StockPlace(**vars(draft), search_number=number)
    session.add(row)
    session.flush()
    settle_paths(session)
    add_search_entries(session, entries=[findable(row)], by=by, at=at)
    add_entry(session, kind=KIND, record_id=row.id, icon="created", message_id="Lieu créé", by=by, at=at)
    return row.id


@gate(EDIT)
def change_place(
    session: Session, *, place_id: UUID, values: Mapping[str, Any], expected_version: int, by: Actor, at: datetime
) -> int:
    """Change some fields of a place; return the new version.

    Raises: NotFound, ChangedMeanwhile, BadPlace, PlaceInUse.
    """
    check_fields_seen(by, "stock_place", list(values))
    row = session.get(StockPlace, place_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Ce lieu n’existe pas ou plus.")
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Ce lieu a été modifié entre-temps ; vos valeurs n’ont pas été enregistrées.")
    draft = clean_place(draft_of({**{name: getattr(row, name) for name in EDITABLE}, **values}))
    _check_once(session, draft, but=place_id)
    _check_parent(session, place_id, draft.parent_id)
    _check_goods(session, row, draft)
    for name in EDITABLE:
        if getattr(row, name) != getattr(draft, name):
            setattr(row, name, getattr(draft, name))
    session.flush()
    settle_paths(session)
    session.connection().execute(
        update(StockLevel).where(col(StockLevel.place_id) == place_id).values(allows_negative=draft.allows_negative)
    )
    change_search_entries(session, entries=[findable(row)], by=by, at=at)
    return row.row_version


@gate(EDIT)
def change_places(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Change places from their list; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    if change.verb != "edit":
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
    row = session.get(StockPlace, change.record_id)
    if row is None:
        raise NotFound("Ce lieu n’existe pas ou plus.")
    version = row.row_version if change.expected_version is None else change.expected_version
    change_place(session, place_id=row.id, values=change.values, expected_version=version, by=by, at=at)


def _check_once(session: Session, draft: PlaceDraft, *, but: UUID | None) -> None:
    same = session.scalars(select(StockPlace).where(col(StockPlace.code) == draft.code)).first()
    if same is not None and same.id != but:
        message = "Le code « {code} » est déjà celui de « {name} »."
        raise BadPlace([Finding("code", message, {"code": same.code, "name": same.name})])


def _check_parent(session: Session, place_id: UUID | None, parent_id: UUID | None) -> None:
    parents = parents_of(session)
    if parent_id is not None and parent_id not in parents:
        raise BadPlace([Finding("parent_id", "Ce lieu n’existe pas ou plus.")])
    check_tree(place_id, parent_id, parents)


def _check_goods(session: Session, row: StockPlace, draft: PlaceDraft) -> None:
    theirs = select(StockLevel).where(col(StockLevel.place_id) == row.id)
    if draft.state == CLOSED != row.state:
        if session.scalars(theirs.where(col(StockLevel.quantity) != 0).limit(1)).first():
            raise PlaceInUse("Il y a encore du stock à « {name} » : transférez-le avant de fermer.", name=row.name)
        if len(inside(row.id, parents_of(session))) > 1:
            raise PlaceInUse("D’autres lieux se trouvent dans « {name} » : fermez-les d’abord.", name=row.name)
    below = theirs.where(col(StockLevel.quantity) < 0).limit(1)
    if row.allows_negative and not draft.allows_negative and session.scalars(below).first():
        raise PlaceInUse("Des articles sont sous zéro à « {name} » : comptez-les d’abord.", name=row.name)


def settle_paths(session: Session) -> None:
    """Write the path of every place anew: who is moved takes along what lies in it."""
    rows = session.scalars(select(StockPlace)).all()
    names, parents = {row.id: row.name for row in rows}, {row.id: row.parent_id for row in rows}
    for row in rows:
        path = path_of(row.id, names, parents)
        if path != row.path:
            order = fold(path).replace("›", "\u0001")
            session.connection().execute(
                update(StockPlace).where(col(StockPlace.id) == row.id).values(path=path, path_order=order)
            )
            session.expire(row, ["path", "path_order"])


def findable(row: StockPlace) -> Findable:
    """Return how a place is found: by its path and code."""
    named, folded = search_lines([("name", row.name), ("name", row.path)], identifiers=[("code", row.code)])
    return Findable(row.search_number, KIND, row.id, "stock.read", row.name, row.code, folded, named)
