"""Whom to call first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Float, and_, cast, func, literal, or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.reach import within_reach
from db.access.rules import Actor, Role, may_see_field
from db.crm.leads.listing.queries import blank
from db.crm.leads.rules import KIND, OPEN_STATES, SCORE, told_reasons, unseen_answers
from db.crm.leads.tables import Lead
from db.insights.predictions.tables import CurrentPrediction
from db.kernel.money import round_to_cent
from db.records.custom_fields.queries import hidden_keys

READ = "crm.read_leads"


@dataclass(frozen=True)
class Call:
    """An open lead worth a call; `expected_value` is its amount times the probability, in CHF."""

    lead_id: UUID
    name: str
    company_name: str
    phone: str
    next_step: str
    next_step_date: date | None
    expected_amount: Decimal | None
    expected_value: Decimal | None
    probability: float
    low: float
    high: float
    version: int | None
    reasons: Sequence[Mapping[str, Any]]


@readable("crm.read_leads")
def leads_to_call(session: Session, *, by: Actor, most: int = 10) -> Sequence[Call]:
    """Return the open leads with the highest expected value; those without an amount follow, by probability.

    A salesperson sees her own and those that nobody has; who does not sell sees all. Without a prediction, no call.
    """
    is_told = may_see_field(by, "lead", "expected_amount")
    value = cast(col(Lead.expected_amount) if is_told else literal(0), Float) * col(CurrentPrediction.probability)
    wanted = (
        select(Lead, CurrentPrediction)
        .join(
            CurrentPrediction,
            and_(
                col(CurrentPrediction.subject_id) == Lead.id,
                col(CurrentPrediction.model) == SCORE,
                col(CurrentPrediction.subject_kind) == KIND,
            ),
        )
        .where(col(Lead.state).in_([state.value for state in OPEN_STATES]))
        .where(*within_reach(by, READ, col(Lead.owner_id)))
        .order_by(func.coalesce(value, 0).desc(), col(CurrentPrediction.probability).desc(), col(Lead.id))
        .limit(most)
    )
    if Role.SALES in by.roles:
        wanted = wanted.where(or_(col(Lead.owner_id) == by.user_id, col(Lead.owner_id).is_(None)))
    hidden = hidden_keys(session, kind=KIND, by=by) | unseen_answers(by)
    return [_call(lead, score, hidden, by) for lead, score in session.execute(wanted)]


def _call(lead: Lead, score: CurrentPrediction, hidden: frozenset[str], by: Actor) -> Call:
    told = {name: getattr(lead, name) if may_see_field(by, "lead", name) else blank(name) for name in _TOLD}
    amount = told["expected_amount"]
    return Call(
        lead_id=lead.id,
        name=lead.name,
        **told,
        expected_value=None if amount is None else round_to_cent(amount * Decimal(str(score.probability))),
        probability=score.probability,
        low=score.low,
        high=score.high,
        version=score.version,
        reasons=told_reasons(score.reasons, hidden),
    )


_TOLD = ("company_name", "phone", "next_step", "next_step_date", "expected_amount")


@readable("crm.read_leads")
def count_open(session: Session, *, by: Actor) -> int:
    """Return how many leads within reach are open."""
    open_states = [state.value for state in OPEN_STATES]
    mine = within_reach(by, READ, col(Lead.owner_id))
    return session.scalar(select(func.count()).where(col(Lead.state).in_(open_states), *mine)) or 0
