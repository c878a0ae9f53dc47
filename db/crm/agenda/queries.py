"""What a person has to do: the next steps of her leads and opportunities that are late or due today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.reach import within_reach
from db.access.rules import Actor, may_see_field
from db.crm.leads.rules import KIND as LEAD
from db.crm.leads.rules import OPEN_STATES
from db.crm.leads.tables import Lead
from db.crm.opportunities.rules import KIND as OPPORTUNITY
from db.crm.opportunities.rules import OpportunityState
from db.crm.opportunities.tables import Opportunity
from db.parties.queries import party_names

READ = "crm.read_leads"


@dataclass(frozen=True)
class Step:
    """The next step of one record; `about` is the company it concerns."""

    kind: str
    record_id: UUID
    name: str
    about: str
    phone: str
    step: str
    due: date
    amount: Decimal | None
    row_version: int


@dataclass(frozen=True)
class Agenda:
    """What is late and what is due, the earliest first, and how many there are in all."""

    late: Sequence[Step]
    today: Sequence[Step]
    late_count: int
    today_count: int


@readable("crm.read_leads")
def agenda(session: Session, *, on: date, by: Actor, most: int = 20) -> Agenda:
    """Return the steps of the person's own open leads and opportunities that are due on a day or before."""
    late, late_count = _steps(session, by, most, before=on)
    today, today_count = _steps(session, by, most, on=on)
    return Agenda(late, today, late_count, today_count)


def _steps(
    session: Session, by: Actor, most: int, *, before: date | None = None, on: date | None = None
) -> tuple[list[Step], int]:
    found: list[Step] = []
    total = 0
    for table, is_open, read in (
        (Lead, col(Lead.state).in_([state.value for state in OPEN_STATES]), _lead_steps),
        (Opportunity, col(Opportunity.state) == OpportunityState.OPEN.value, _opportunity_steps),
    ):
        name = str(table.__tablename__)
        if not may_see_field(by, name, "next_step_date"):
            continue
        due = col(table.next_step_date)
        of_day = due < before if before is not None else due == on
        owner = table.owner_id
        mine = [col(owner) == by.user_id, is_open, of_day, *within_reach(by, READ, col(owner))]
        total += session.scalar(select(func.count()).select_from(table).where(*mine)) or 0
        found += read(session, by, [*mine], due, most)
    return sorted(found, key=lambda step: (step.due, step.name))[:most], total


def _lead_steps(session: Session, by: Actor, mine: list[ColumnElement[bool]], due: Any, most: int) -> list[Step]:
    rows = session.scalars(select(Lead).where(*mine).order_by(due, col(Lead.id)).limit(most))
    return [
        Step(
            LEAD,
            lead.id,
            lead.name,
            lead.company_name if may_see_field(by, "lead", "company_name") else "",
            lead.phone if may_see_field(by, "lead", "phone") else "",
            lead.next_step if may_see_field(by, "lead", "next_step") else "",
            lead.next_step_date,  # type: ignore[arg-type]
            lead.expected_amount if may_see_field(by, "lead", "expected_amount") else None,
            lead.row_version,
        )
        for lead in rows
    ]


def _opportunity_steps(session: Session, by: Actor, mine: list[ColumnElement[bool]], due: Any, most: int) -> list[Step]:
    rows = session.scalars(select(Opportunity).where(*mine).order_by(due, col(Opportunity.id)).limit(most)).all()
    parties = party_names(session, party_ids=[row.party_id for row in rows])
    shows_party = may_see_field(by, "opportunity", "party_id")
    return [
        Step(
            OPPORTUNITY,
            row.id,
            row.name,
            parties[row.party_id].name if shows_party and row.party_id in parties else "",
            "",
            row.next_step if may_see_field(by, "opportunity", "next_step") else "",
            row.next_step_date,  # type: ignore[arg-type]
            row.expected_amount if may_see_field(by, "opportunity", "expected_amount") else None,
            row.row_version,
        )
        for row in rows
    ]
