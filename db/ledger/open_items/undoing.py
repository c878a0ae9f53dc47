"""How settlements come back when a deed is undone: the balances of both items follow."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.ledger.open_items.actions import give_back, locked_items, take
from db.ledger.open_items.tables import Settlement
from db.records.undo.rules import Undoer, register_undoer


def _forget(session: Session, pair: Settlement, *, by: Actor, at: datetime) -> None:
    give_back(locked_items(session, pair), pair)


def _remember(session: Session, pair: Settlement, *, by: Actor, at: datetime) -> None:
    take(locked_items(session, pair), pair)


register_undoer(Undoer("settlement", edit="ledger.edit", forget=_forget, remember=_remember))
