"""How items come back when a deed is undone."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.catalog.items.actions import derive, findable
from db.catalog.items.rules import KIND
from db.catalog.items.tables import Item
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.undo.rules import Undoer, register_undoer


def _refresh(session: Session, row: Item, *, by: Actor, at: datetime) -> None:
    change_search_entries(session, entries=[findable(row)], by=by, at=at)


def _forget(session: Session, row: Item, *, by: Actor, at: datetime) -> None:
    remove_search_entries(session, numbers=[row.search_number], by=by, at=at)


def _remember(session: Session, row: Item, *, by: Actor, at: datetime) -> None:
    add_search_entries(session, entries=[findable(row)], by=by, at=at)


register_undoer(
    Undoer(
        "item",
        edit="catalog.edit",
        kind=KIND,
        together=(frozenset({"unit", "packages"}),),
        derive=derive,
        refresh=_refresh,
        forget=_forget,
        remember=_remember,
    )
)
