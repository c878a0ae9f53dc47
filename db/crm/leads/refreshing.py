"""Bringing what is derived from a lead in step with its fields."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.crm.leads.derived import derived, findable
from db.crm.leads.rules import DRAFT_FIELDS, KIND
from db.crm.leads.tables import Lead
from db.records.custom_fields.actions import index_values
from db.records.custom_fields.queries import custom_fields
from db.records.search.actions import change_search_entries


def refresh(session: Session, lead: Lead, *, by: Actor, at: datetime) -> None:
    """Bring orders, search text and custom index of a changed lead in step."""
    values = {name: getattr(lead, name) for name in (*DRAFT_FIELDS, "search_number")}
    for name, value in derived(values).items():
        setattr(lead, name, value)
    session.flush()
    fields = custom_fields(session, kind=KIND)
    change_search_entries(session, entries=[findable(lead.id, values, fields)], by=by, at=at)
    index_values(
        session,
        fields=fields,
        records=[(lead.id, lead.search_number, lead.custom)],
        are_new=False,
        by=by,
        at=at,
    )
