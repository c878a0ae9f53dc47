"""The list of opportunities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.people.queries import user_names
from db.access.rules import Actor, may_see_field
from db.crm.opportunities.rules import KIND, OpportunityState
from db.crm.opportunities.tables import Opportunity
from db.crm.pipelines.queries import all_stages
from db.parties.queries import NamedParty, party_names
from db.records.custom_fields.queries import fields_for, values_seen
from db.records.custom_fields.rules import Value
from db.records.listing.days import centimes, centimes_above, day_begins, day_ends
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Range, Source


@dataclass(frozen=True)
class OpportunityRow:
    """One opportunity as the list shows it; a field that the reader may not see is None."""

    record_id: UUID
    row_version: int
    name: str
    state: OpportunityState
    stage_name: str
    chance: int | None
    party_id: UUID
    party_name: str
    contact_name: str
    owner_id: UUID | None
    owner_name: str
    expected_amount: Decimal | None
    opened_at: datetime
    closed_at: datetime | None
    next_step: str
    next_step_date: date | None
    expected_close: date | None
    custom: Mapping[str, Value] = field(default_factory=dict)


STEPS = ("next_step", "next_step_date")


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[OpportunityRow]:
    """Return opportunities in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(Opportunity).where(col(Opportunity.id).in_(ids)))}
    parties = party_names(
        session, party_ids=[one for row in found.values() for one in (row.party_id, row.contact_id) if one]
    )
    stages = {stage.stage_id: stage for stage in all_stages(session)}
    people, fields = user_names(session), fields_for(session, kind=KIND, by=by)
    sees = {
        name: may_see_field(by, "opportunity", name)
        for name in ("expected_amount", "contact_id", "stage_id", "expected_close", *STEPS)
    }
    return [
        OpportunityRow(
            row.id,
            row.row_version,
            row.name,
            OpportunityState(row.state),
            stages[row.stage_id].name if row.stage_id in stages and sees["stage_id"] else "",
            stages[row.stage_id].chance if row.stage_id in stages and sees["stage_id"] else None,
            row.party_id,
            _name(parties, row.party_id),
            _name(parties, row.contact_id) if sees["contact_id"] else "",
            row.owner_id,
            people.get(row.owner_id, "") if row.owner_id else "",
            row.expected_amount if sees["expected_amount"] else None,
            row.opened_at,
            row.closed_at,
            row.next_step if sees["next_step"] else "",
            row.next_step_date if sees["next_step_date"] else None,
            row.expected_close if sees["expected_close"] else None,
            values_seen(fields, row.custom),
        )
        for row in (found[record_id] for record_id in ids)
    ]


def _name(parties: Mapping[UUID, NamedParty], party_id: UUID | None) -> str:
    found = parties.get(party_id) if party_id else None
    return found.name if found else ""


SOURCE = Source(
    KIND,
    Opportunity,
    "crm.read_leads",
    load_rows,
    usual_sort="-opened",
    sorts={
        "name": Column(Opportunity.name_order, "name"),
        "amount": Column(Opportunity.amount_order, "expected_amount"),
        "state": Column(Opportunity.state, "state"),
        "opened": Column(Opportunity.opened_at, "opened_at"),
        "updated": Column(Opportunity.updated_at, "updated_at"),
    },
    facets={
        "state": Column(Opportunity.state, "state"),
        "stage": Column(Opportunity.stage_id, "stage_id"),
        "owner": Column(Opportunity.owner_id, "owner_id"),
    },
    ranges={
        "from": Range(col(Opportunity.opened_at), "opened_at", day_begins, is_low=True),
        "to": Range(col(Opportunity.opened_at), "opened_at", day_ends, is_low=False),
        "amount_from": Range(col(Opportunity.amount_order), "expected_amount", centimes, is_low=True),
        "amount_to": Range(col(Opportunity.amount_order), "expected_amount", centimes_above, is_low=False),
    },
    amount=Column(Opportunity.expected_amount, "expected_amount"),
    owner=Opportunity.owner_id,
    added="",
)


SHAPE = SOURCE.shape

OPPORTUNITY_QUESTIONS = questions_of(SOURCE, name="opportunity", module=__name__, export="crm.export_leads")
