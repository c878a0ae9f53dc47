"""How planned moves come back when a deed is undone; what is done has its counter-move instead."""

from uuid import UUID

from sqlmodel import Session

from db.records.undo.rules import LegalInverse, Undoer, register_inverse, register_undoer
from db.stock.moves.rules import KIND, MoveState
from db.stock.moves.tables import StockMove

register_undoer(Undoer("stock_move", edit="stock.move", kind=KIND))


def _inverse(session: Session, record_id: UUID) -> LegalInverse | None:
    row = session.get(StockMove, record_id)
    if row is None or row.state != MoveState.DONE.value:
        return None
    return LegalInverse("Saisir un contre-mouvement", f"/mouvements/{record_id}")


register_inverse("stock_move", _inverse)
