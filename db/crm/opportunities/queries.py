"""Questions about opportunities."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.reach import within_reach
from db.access.rules import Actor, may_see_field, reaches_owner
from db.crm.opportunities.rules import KIND
from db.crm.opportunities.tables import Opportunity
from db.kernel.errors import NotFound
from db.records.custom_fields.queries import entries_of
from db.records.custom_fields.rules import CustomEntry

READ = "crm.read_leads"


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
    closed_at: datetime | None
    closing_reason: str
    stage_id: UUID | None
    stage_since: datetime | None
    expected_close: date | None
    lost_reason_id: UUID | None
    next_step: str
    next_step_date: date | None
    row_version: int


@dataclass(frozen=True)
class OpportunityDetail(OpportunityFacts):
    """The same with the fields that the company added."""

    custom: tuple[CustomEntry, ...] = ()


@readable("crm.read_leads")
def opportunity_of_lead(session: Session, *, lead_id: UUID, by: Actor) -> OpportunityFacts | None:
    """Return the opportunity that a lead became, if it did."""
    row = session.scalars(select(Opportunity).where(col(Opportunity.lead_id) == lead_id)).first()
    if row is None or not reaches_owner(by, READ, row.owner_id):
        return None
    return _facts(row, by)


@readable("crm.read_leads")
def opportunity_facts(session: Session, *, opportunity_id: UUID, by: Actor) -> OpportunityDetail:
    """Return one opportunity.

    Raises: NotFound, also when the person may not know of it.
    """
    row = session.get(Opportunity, opportunity_id)
    if row is None or not reaches_owner(by, READ, row.owner_id):
        raise NotFound("Cette affaire n’existe pas ou plus.")
    own = entries_of(session, kind=KIND, group="", record_id=row.id, stored=row.custom, by=by)
    return OpportunityDetail(**vars(_facts(row, by)), custom=tuple(own))


@readable("crm.read_leads")
def opportunities_of_party(session: Session, *, party_id: UUID, by: Actor, most: int = 50) -> list[OpportunityFacts]:
    """Return the opportunities with a company or a person that the reader may know of: open ones first, then newest."""
    wanted = select(Opportunity).where(
        or_(col(Opportunity.party_id) == party_id, col(Opportunity.contact_id) == party_id)
    )
    wanted = wanted.where(*within_reach(by, READ, col(Opportunity.owner_id)))
    in_order = wanted.order_by(col(Opportunity.closed_at).is_not(None), col(Opportunity.opened_at).desc()).limit(most)
    return [_facts(row, by) for row in session.scalars(in_order)]


def _facts(row: Opportunity, by: Actor) -> OpportunityFacts:
    names = [one.name for one in fields(OpportunityFacts) if one.name != "opportunity_id"]
    same = {
        name: getattr(row, name) if may_see_field(by, "opportunity", name) else _untold(row, name) for name in names
    }
    return OpportunityFacts(opportunity_id=row.id, **same)


def _untold(row: Opportunity, name: str) -> Any:
    """Return what stands in place of a field that the reader may not see."""
    return "" if isinstance(getattr(row, name), str) else None
