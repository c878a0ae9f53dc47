"""Opening opportunities."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.crm.opportunities.rules import KIND
from db.crm.opportunities.tables import Opportunity
from db.records.search.actions import Findable, add_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import search_text
from db.records.timeline.actions import add_entry


@gate("crm.edit_leads")
def open_opportunity(
    session: Session,
    *,
    name: str,
    party_id: UUID,
    contact_id: UUID | None,
    lead_id: UUID | None,
    owner_id: UUID | None,
    expected_amount: Decimal | None,
    by: Actor,
    at: datetime,
) -> UUID:
    """Open an opportunity with a party; return its id. The database refuses a second one for the same lead."""
    [number] = next_numbers(session, count=1)
    made = Opportunity(
        name=name,
        lead_id=lead_id,
        party_id=party_id,
        contact_id=contact_id,
        owner_id=owner_id,
        expected_amount=expected_amount,
        opened_at=at,
        search_number=number,
    )
    session.add(made)
    session.flush()
    entry = Findable(number, KIND, made.id, "crm.read_leads", name, "", search_text([name]))
    add_search_entries(session, entries=[entry], by=by, at=at)
    add_entry(
        session,
        kind=KIND,
        record_id=made.id,
        icon="opened",
        message_id="Affaire ouverte",
        by=by,
        at=at,
    )
    return made.id
