"""How opportunities come back when a deed is undone."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.crm.opportunities.actions import findable
from db.crm.opportunities.rules import KIND, amount_order
from db.crm.opportunities.tables import Opportunity
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.search.rules import fold
from db.records.undo.rules import Undoer, register_undoer


def _derive(row: Opportunity) -> None:
    row.name_order, row.amount_order = fold(row.name), amount_order(row.expected_amount)


def _refresh(session: Session, row: Opportunity, *, by: Actor, at: datetime) -> None:
    change_search_entries(session, entries=[findable(session, row)], by=by, at=at)


def _forget(session: Session, row: Opportunity, *, by: Actor, at: datetime) -> None:
    remove_search_entries(session, numbers=[row.search_number], by=by, at=at)


def _remember(session: Session, row: Opportunity, *, by: Actor, at: datetime) -> None:
    add_search_entries(session, entries=[findable(session, row)], by=by, at=at)


register_undoer(
    Undoer(
        "opportunity",
        edit="crm.edit_leads",
        kind=KIND,
        owner="owner_id",
        together=(frozenset({"state", "closed_at", "closing_reason"}),),
        derive=_derive,
        refresh=_refresh,
        forget=_forget,
        remember=_remember,
    )
)
