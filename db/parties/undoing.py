"""How companies, persons and their links come back when a deed is undone."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.parties.actions import findable
from db.parties.rules import KIND
from db.parties.tables import Party
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.search.rules import fold
from db.records.undo.rules import Undoer, register_undoer


def _derive(party: Party) -> None:
    party.name_order = fold(party.name)


def _refresh(session: Session, party: Party, *, by: Actor, at: datetime) -> None:
    change_search_entries(session, entries=[findable(party)], by=by, at=at)


def _forget(session: Session, party: Party, *, by: Actor, at: datetime) -> None:
    remove_search_entries(session, numbers=[party.search_number], by=by, at=at)


def _remember(session: Session, party: Party, *, by: Actor, at: datetime) -> None:
    add_search_entries(session, entries=[findable(party)], by=by, at=at)


register_undoer(
    Undoer(
        "party",
        edit="parties.edit",
        kind=KIND,
        together=(frozenset({"kind", "uid"}),),
        derive=_derive,
        refresh=_refresh,
        forget=_forget,
        remember=_remember,
    )
)
register_undoer(Undoer("party_contact", edit="parties.edit"))
