"""The leads that concern a company or a person."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.reach import within_reach
from db.access.rules import Actor, may_see_field
from db.crm.leads.rules import LeadState
from db.crm.leads.tables import Lead
from db.crm.opportunities.tables import Opportunity
from db.parties.queries import PartyCard, party_card
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
    wanted = select(Lead).where(or_(col(Lead.id).in_(became), *_same(party, by)))
    wanted = wanted.where(*within_reach(by, READ, col(Lead.owner_id)))
    is_told = may_see_field(by, "lead", "expected_amount")
    newest = wanted.order_by(col(Lead.received_at).desc(), col(Lead.id).desc()).limit(most)
    return [
        RelatedLead(row.id, row.name, LeadState(row.state), row.expected_amount if is_told else None, row.received_at)
        for row in session.scalars(newest)
    ]


def _same(party: PartyCard, by: Actor) -> list[ColumnElement[bool]]:
    """Return by which fields a lead carries the party's name or address: only by those that the reader sees of both."""
    is_company = party.kind is PartyKind.COMPANY
    field, order = ("company_name", Lead.company_order) if is_company else ("person_name", Lead.person_order)
    same = [col(order) == fold(party.name)] if may_see_field(by, "lead", field) else []
    if party.email and not is_company and may_see_field(by, "lead", "email") and may_see_field(by, "party", "email"):
        same.append(col(Lead.email) == party.email)
    return same
