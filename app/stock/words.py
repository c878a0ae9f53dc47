"""Words and short lines that several screens of the stock share."""

from collections.abc import Sequence
from uuid import UUID

from app import routes
from app.doors import ask
from app.records.page_view import Related
from app.text import MINUS, quantity, say
from db.access.rules import Actor
from db.catalog.items.queries import items_like, items_named
from db.stock.moves.queries import MoveFacts
from db.stock.moves.rules import KIND_LABELS, STATE_LABELS, MoveState
from db.stock.places.queries import place_paths, places_like

TONES = {MoveState.DONE: "grn", MoveState.PLANNED: "ac", MoveState.CANCELLED: ""}


def find_record(by: Actor, field: str, text: str) -> list[tuple[str, str]]:
    """Return what a form's field may point to: items by number, barcode or name; places by path or code."""
    if field == "item_id":
        return [(str(one.item_id), f"{one.number} · {one.name}") for one in ask(by, items_like, text=text)]
    return [(str(one.place_id), one.path) for one in ask(by, places_like, text=text)]


def names_of(by: Actor, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of items and places by the texts of their ids."""
    known = [found for found in (_as_id(text) for text in ids) if found is not None]
    items = {str(one): found.title for one, found in ask(by, items_named, item_ids=known).items()}
    return items | {str(one): path for one, path in ask(by, place_paths, place_ids=known).items()}


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def signed(move: MoveFacts) -> str:
    """Return how much came in all (`+`), left (`−`) or only changed place."""
    sign = "" if move.from_path and move.to_path else "+" if move.to_path else MINUS
    return sign + quantity(move.quantity, move.item.unit)


def item_line(move: MoveFacts, language: str) -> Related:
    """Return a move in a list of several items: the item, why it moved, and how much."""
    tag = say(language, STATE_LABELS[move.state]) if move.state is not MoveState.DONE else ""
    detail = f"{say(language, KIND_LABELS[move.kind])} · {signed(move)}"
    return Related(move.item.title, detail, routes.move(move.move_id), tag, TONES[move.state])
