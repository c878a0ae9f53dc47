"""The leads that concern a company or a person."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.reach import within_reach
from db.access.rules import Actor
from db.crm.leads.rules import LeadState
from db.crm.leads.tables import Lead
from db.crm.opportunities.tables import Opportunity
from db.parties.queries import party_card
from db.parties.rules import PartyKind
from db.records.search.rules import fold

READ = "crm.read_leads"


@dataclass(frozen=True)
class RelatedLead:
    """A lead as a company's or a person's page names it."""

    lead_id: UUID
    name: str
    state: LeadState
    expected_amount: Decimal | None
    received_at: datetime


@readable("crm.read_leads")
def leads_of_party(session: Session, *, party_id: UUID, by: Actor, most: int = 50) -> list[RelatedLead]:
    """Return the leads that became an opportunity with a party, and those that carry its name or address; newest first.

    Raises: NotFound.
    """
    party = party_card(session, party_id=party_id, by=by)
    became = select(col(Opportunity.lead_id)).where(
        or_(col(Opportunity.party_id) == party_id, col(Opportunity.contact_id) == party_id)
    )
    is_company = party.kind is PartyKind.COMPANY
    same_name = (col(Lead.company_order) if is_company else col(Lead.person_order)) == fold(party.name)
    same_address = [col(Lead.email) == party.email] if party.email and not is_company else []
    wanted = select(Lead).where(or_(col(Lead.id).in_(became), same_name, *same_address))
    wanted = wanted.where(*within_reach(by, READ, col(Lead.owner_id)))
    newest = wanted.order_by(col(Lead.received_at).desc(), col(Lead.id).desc()).limit(most)
    return [
        RelatedLead(row.id, row.name, LeadState(row.state), row.expected_amount, row.received_at)
        for row in session.scalars(newest)
    ]
