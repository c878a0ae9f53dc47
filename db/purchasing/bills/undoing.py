"""How bills come back when a deed is undone."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.purchasing.bills.actions import derive, findable
from db.purchasing.bills.rules import EDIT, KIND
from db.purchasing.bills.tables import Bill
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.undo.rules import Undoer, register_undoer


def _refresh(session: Session, row: Bill, *, by: Actor, at: datetime) -> None:
    change_search_entries(session, entries=[findable(session, row)], by=by, at=at)


def _forget(session: Session, row: Bill, *, by: Actor, at: datetime) -> None:
    remove_search_entries(session, numbers=[row.search_number], by=by, at=at)


def _remember(session: Session, row: Bill, *, by: Actor, at: datetime) -> None:
    add_search_entries(session, entries=[findable(session, row)], by=by, at=at)


register_undoer(
    Undoer(
        "bill",
        edit=EDIT,
        kind=KIND,
        owner="owner_id",
        together=(frozenset({"state", "discard_reason"}),),
        derive=derive,
        refresh=_refresh,
        forget=_forget,
        remember=_remember,
    )
)
register_undoer(Undoer("bill_file", edit=EDIT))
