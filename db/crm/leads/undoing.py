"""How leads and their exchanges come back when a deed is undone."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.crm.leads.derived import derived, findable
from db.crm.leads.refreshing import refresh
from db.crm.leads.rules import DRAFT_FIELDS, KIND
from db.crm.leads.tables import Lead
from db.jobs.actions import publish
from db.records.custom_fields.actions import index_values, remove_values
from db.records.custom_fields.queries import custom_fields
from db.records.search.actions import add_search_entries, remove_search_entries
from db.records.undo.rules import Undoer, register_undoer

EDIT = "crm.edit_leads"


def _derive(lead: Lead) -> None:
    for name, value in derived({name: getattr(lead, name) for name in DRAFT_FIELDS}).items():
        setattr(lead, name, value)


def _changed(session: Session, lead: Lead, *, by: Actor, at: datetime) -> None:
    refresh(session, lead, by=by, at=at)
    publish(session, "crm.lead_changed", at=at, subject=lead.id)


def _forget(session: Session, lead: Lead, *, by: Actor, at: datetime) -> None:
    remove_search_entries(session, numbers=[lead.search_number], by=by, at=at)
    remove_values(session, record_ids=[lead.id], by=by, at=at)
    publish(session, "crm.leads_changed_in_bulk", at=at)


def _remember(session: Session, lead: Lead, *, by: Actor, at: datetime) -> None:
    values = {name: getattr(lead, name) for name in (*DRAFT_FIELDS, "search_number")}
    fields = custom_fields(session, kind=KIND)
    add_search_entries(session, entries=[findable(lead.id, values, fields)], by=by, at=at)
    records = [(lead.id, lead.search_number, lead.custom)]
    index_values(session, fields=fields, records=records, are_new=True, by=by, at=at)
    publish(session, "crm.lead_changed", at=at, subject=lead.id)


register_undoer(
    Undoer(
        "lead",
        edit=EDIT,
        kind=KIND,
        owner="owner_id",
        together=(
            frozenset({"state", "closed_at", "lost_reason", "party_id"}),
            frozenset({"exchanges", "last_exchange_at"}),
        ),
        derive=_derive,
        refresh=_changed,
        forget=_forget,
        remember=_remember,
    )
)
register_undoer(Undoer("exchange", edit=EDIT))
