"""Valid items, places and moves in one call."""

from datetime import datetime
from decimal import Decimal
from itertools import count
from uuid import UUID

from sqlalchemy import select

from app.doors import do
from db.access.rules import Actor, system_actor
from db.access.tables import Deed
from db.catalog.items.actions import add_item
from db.catalog.items.rules import ItemDraft
from db.session import reading
from db.stock.moves.actions import move_goods
from db.stock.moves.rules import MoveDraft, MoveKind
from db.stock.places.actions import add_place
from db.stock.places.rules import PlaceDraft

_NUMBERS = count(1)


def make_item(*, at: datetime, by: Actor | None = None, **values: object) -> UUID:
    """Add an item that is valid whatever is given."""
    number = next(_NUMBERS)
    draft = {"number": f"A-{number:04}", "name": f"Article {number:04}", **values}
    made: UUID = do(by or system_actor(), add_item, at=at, draft=ItemDraft(**draft))  # type: ignore[arg-type]
    return made


def make_place(*, at: datetime, by: Actor | None = None, **values: object) -> UUID:
    """Add a place."""
    number = next(_NUMBERS)
    draft = {"name": f"Lieu {number:04}", "code": f"L{number}", **values}
    made: UUID = do(by or system_actor(), add_place, at=at, draft=PlaceDraft(**draft))  # type: ignore[arg-type]
    return made


def receive(item_id: UUID, place_id: UUID, quantity: object, *, at: datetime, by: Actor | None = None) -> UUID:
    """Receive goods at a place."""
    draft = MoveDraft(item_id, MoveKind.RECEIPT, Decimal(str(quantity)), to_place_id=place_id)
    made: UUID = do(by or system_actor(), move_goods, at=at, draft=draft)
    return made


def issue(item_id: UUID, place_id: UUID, quantity: object, *, at: datetime, by: Actor | None = None) -> UUID:
    """Let goods go out from a place."""
    draft = MoveDraft(item_id, MoveKind.ISSUE, Decimal(str(quantity)), from_place_id=place_id)
    made: UUID = do(by or system_actor(), move_goods, at=at, draft=draft)
    return made


def last_deed(action: str) -> UUID:
    """Return the newest deed of an action."""
    with reading() as session:
        wanted = select(Deed.id).where(Deed.action == action).order_by(Deed.id.desc())  # type: ignore[attr-defined]
        return UUID(str(session.scalars(wanted).first()))
