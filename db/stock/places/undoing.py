"""How places come back when a deed is undone."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.undo.rules import Undoer, register_undoer
from db.stock.places.actions import findable, settle_paths
from db.stock.places.rules import KIND
from db.stock.places.tables import StockPlace


def _refresh(session: Session, row: StockPlace, *, by: Actor, at: datetime) -> None:
    session.flush()
    settle_paths(session)
    change_search_entries(session, entries=[findable(row)], by=by, at=at)


def _forget(session: Session, row: StockPlace, *, by: Actor, at: datetime) -> None:
    remove_search_entries(session, numbers=[row.search_number], by=by, at=at)


def _remember(session: Session, row: StockPlace, *, by: Actor, at: datetime) -> None:
    settle_paths(session)
    add_search_entries(session, entries=[findable(row)], by=by, at=at)


register_undoer(
    Undoer(
        "stock_place",
        edit="stock.manage_places",
        kind=KIND,
        refresh=_refresh,
        forget=_forget,
        remember=_remember,
    )
)
