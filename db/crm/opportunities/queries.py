"""Questions about opportunities."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.crm.opportunities.tables import Opportunity


@dataclass(frozen=True)
class OpportunityFacts:
    """What is known of one opportunity."""

    opportunity_id: UUID
    name: str
    lead_id: UUID | None
    party_id: UUID
    contact_id: UUID | None
    owner_id: UUID | None
    state: str
    expected_amount: Decimal | None
    opened_at: datetime


@readable("crm.read_leads")
def opportunity_of_lead(session: Session, *, lead_id: UUID) -> OpportunityFacts | None:
    """Return the opportunity that a lead became, if it did."""
    row = session.scalars(select(Opportunity).where(col(Opportunity.lead_id) == lead_id)).first()
    if row is None:
        return None
    return OpportunityFacts(
        row.id,
        row.name,
        row.lead_id,
        row.party_id,
        row.contact_id,
        row.owner_id,
        row.state,
        row.expected_amount,
        row.opened_at,
    )
