"""Questions about places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.kernel.errors import NotFound
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Source
from db.records.search.rules import fold
from db.stock.places.rules import ACTIVE, KIND
from db.stock.places.tables import StockPlace


@dataclass(frozen=True)
class PlaceFacts:
    """One place; `path` names the places around it too."""

    place_id: UUID
    row_version: int
    name: str
    code: str
    path: str
    parent_id: UUID | None
    allows_negative: bool
    state: str


@readable("stock.read")
def place_facts(session: Session, *, place_id: UUID) -> PlaceFacts:
    """Return one place.

    Raises: NotFound.
    """
    row = session.get(StockPlace, place_id, populate_existing=True)
    if row is None:
        raise NotFound("Ce lieu n’existe pas ou plus.")
    return _facts(row)


@readable("stock.read")
def places(session: Session, *, with_closed: bool = False) -> list[PlaceFacts]:
    """Return the places in the order of the tree."""
    wanted = select(StockPlace).order_by(col(StockPlace.path_order), col(StockPlace.id))
    if not with_closed:
        wanted = wanted.where(col(StockPlace.state) == ACTIVE)
    return [_facts(row) for row in session.scalars(wanted)]


@readable("stock.read")
def places_like(session: Session, *, text: str) -> list[PlaceFacts]:
    """Return open places whose path or code contains the text."""
    folded = fold(text)
    return [one for one in places(session) if folded in fold(one.path) or folded in fold(one.code)]


@readable("stock.read")
def place_paths(session: Session, *, place_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the paths of places by id."""
    wanted = select(col(StockPlace.id), col(StockPlace.path)).where(col(StockPlace.id).in_(list(set(place_ids))))
    return {row[0]: row[1] for row in session.connection().execute(wanted)}


@readable("stock.read")
def place_named(session: Session, *, text: str) -> PlaceFacts | None:
    """Return the open place that a code, a path or a name means; None if there is none, or several."""
    folded = fold(text)
    known = places(session)
    for name in ("code", "path", "name"):
        found = [one for one in known if fold(getattr(one, name)) == folded]
        if len(found) == 1:
            return found[0]
    return None


def parents_of(session: Session) -> dict[UUID, UUID | None]:
    """Return where each place lies."""
    rows = session.connection().execute(select(col(StockPlace.id), col(StockPlace.parent_id)))
    return {row[0]: row[1] for row in rows}


def count_places(session: Session) -> int:
    """Return how many places there are."""
    return session.scalar(select(func.count()).select_from(StockPlace)) or 0


def _facts(row: StockPlace) -> PlaceFacts:
    return PlaceFacts(
        row.id, row.row_version, row.name, row.code, row.path, row.parent_id, row.allows_negative, row.state
    )


@dataclass(frozen=True)
class PlaceRow:
    """One place as the list shows it."""

    record_id: UUID
    row_version: int
    name: str
    code: str
    path: str
    allows_negative: bool
    state: str


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[PlaceRow]:
    """Return places in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(StockPlace).where(col(StockPlace.id).in_(ids)))}
    return [
        PlaceRow(row.id, row.row_version, row.name, row.code, row.path, row.allows_negative, row.state)
        for row in (found[one] for one in ids)
    ]


SOURCE = Source(
    KIND,
    StockPlace,
    "stock.read",
    load_rows,
    usual_sort="path",
    sorts={"path": Column(StockPlace.path_order, "name"), "code": Column(StockPlace.code, "code")},
    facets={"state": Column(StockPlace.state, "state")},
)
SHAPE = SOURCE.shape
PLACE_QUESTIONS = questions_of(SOURCE, name="place", module=__name__, export="stock.export")
