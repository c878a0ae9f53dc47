"""How accounts come back when a deed is undone; what entries rest on stays."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.ledger.accounts.actions import findable
from db.ledger.accounts.rules import KIND
from db.ledger.accounts.tables import Account
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.search.rules import fold
from db.records.undo.rules import Undoer, register_undoer


def _derive(row: Account) -> None:
    row.name_order = fold(row.name)


def _refresh(session: Session, row: Account, *, by: Actor, at: datetime) -> None:
    change_search_entries(session, entries=[findable(row)], by=by, at=at)


def _forget(session: Session, row: Account, *, by: Actor, at: datetime) -> None:
    remove_search_entries(session, numbers=[row.search_number], by=by, at=at)


def _remember(session: Session, row: Account, *, by: Actor, at: datetime) -> None:
    add_search_entries(session, entries=[findable(row)], by=by, at=at)


register_undoer(
    Undoer(
        "account",
        edit="ledger.manage_accounts",
        kind=KIND,
        derive=_derive,
        refresh=_refresh,
        forget=_forget,
        remember=_remember,
    )
)
