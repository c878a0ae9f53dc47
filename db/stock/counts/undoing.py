"""How counts come back when a deed is undone: numbers and states, as long as nothing is approved."""

from uuid import UUID

from sqlmodel import Session

from db.records.search.actions import Findable
from db.records.search.rules import fold, search_lines
from db.records.undo.rules import LegalInverse, Undoer, register_inverse, register_undoer
from db.records.undo.searching import search_follows
from db.stock.counts.rules import KIND, CountState
from db.stock.counts.tables import StockCount, StockCountLine


def _findable(row: StockCount) -> Findable:
    named, folded = search_lines([("name", row.name)])
    return Findable(row.search_number, KIND, row.id, "stock.read", row.name, "", folded, named)


def _derive(row: StockCount) -> None:
    row.name_order = fold(row.name)


register_undoer(
    Undoer(
        "stock_count",
        edit="stock.count",
        kind=KIND,
        derive=_derive,
        **search_follows(lambda session, row: _findable(row)),
    )
)
register_undoer(
    Undoer(
        "stock_count_line",
        edit="stock.count",
        together=(frozenset({"counted", "counted_at", "counted_by", "counted_by_name"}),),
    )
)


def _of_count(session: Session, count_id: UUID) -> LegalInverse | None:
    row = session.get(StockCount, count_id)
    if row is None or row.state != CountState.APPROVED.value:
        return None
    return LegalInverse("Reprendre les différences une à une", f"/inventaires/{count_id}")


def _of_line(session: Session, line_id: UUID) -> LegalInverse | None:
    row = session.get(StockCountLine, line_id)
    return None if row is None else _of_count(session, row.count_id)


register_inverse("stock_count", _of_count)
register_inverse("stock_count_line", _of_line)
