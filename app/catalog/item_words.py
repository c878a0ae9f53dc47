"""How a move stands in a short list on an item's page."""

from app import routes
from app.records.page_view import Related
from app.text import MINUS, day, quantity, say
from db.stock.moves.queries import MoveFacts
from db.stock.moves.rules import KIND_LABELS, STATE_LABELS, MoveState

TONES = {MoveState.DONE: "", MoveState.PLANNED: "ac", MoveState.CANCELLED: ""}


def move_line(move: MoveFacts, language: str) -> Related:
    """Return one move: its day and why, where, and how much came (or left, with a minus)."""
    where = " → ".join(path for path in (move.from_path, move.to_path) if path)
    amount = quantity(move.quantity, move.item.unit)
    sign = "" if move.from_path and move.to_path else "+" if move.to_path else MINUS
    name = f"{day(move.moved_at)} · {say(language, KIND_LABELS[move.kind])}"
    tag = say(language, STATE_LABELS[move.state]) if move.state is not MoveState.DONE else ""
    return Related(name, f"{where} · {sign}{amount}", routes.move(move.move_id), tag, TONES[move.state])
