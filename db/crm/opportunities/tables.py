"""Opportunities: what a converted lead becomes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index

from db.crm.opportunities.rules import OpportunityState
from db.kernel.record import Centimes, Instant, Record, personal, plain

ORDERS = ("name_order", "amount_order", "state", "opened_at", "updated_at")
_STATES = ", ".join(f"'{state.value}'" for state in OpportunityState)


class Opportunity(Record, table=True):
    """A deal that may be signed. `lead_id` is unique: a lead converts once."""

    __tablename__ = "opportunity"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="opportunity_state"),
        CheckConstraint("(state = 'open') = (closed_at is null)", name="opportunity_closed_at"),
        CheckConstraint("expected_amount is null or expected_amount >= 0", name="opportunity_amount"),
        Index("opportunity_facets", "state", "owner_id", "search_number", "expected_amount", "id"),
        Index("opportunity_at_stage", "state", "stage_id", "owner_id", "expected_amount"),
        *[Index(f"opportunity_by_{name}", name, "id", "search_number") for name in ORDERS],
    )
    name: str = personal(nullable=False)
    lead_id: UUID | None = plain(default=None, foreign_key="lead.id", unique=True)
    party_id: UUID = plain(foreign_key="party.id", nullable=False, index=True)
    contact_id: UUID | None = plain(default=None, foreign_key="party.id", index=True)
    owner_id: UUID | None = plain(default=None, foreign_key="user_account.id", index=True)
    state: str = plain(default=OpportunityState.OPEN.value, nullable=False)
    expected_amount: Decimal | None = plain(sa_type=Centimes, default=None)
    stage_id: UUID | None = plain(default=None, foreign_key="pipeline_stage.id")
    stage_since: datetime | None = plain(sa_type=Instant, default=None)
    expected_close: date | None = plain(default=None)
    opened_at: datetime = plain(sa_type=Instant, nullable=False)
    closed_at: datetime | None = plain(sa_type=Instant, default=None)
    closing_reason: str = plain(default="", nullable=False, sa_column_kwargs={"server_default": ""})
    lost_reason_id: UUID | None = plain(default=None, foreign_key="lost_reason.id", index=True)
    next_step: str = personal(default="", nullable=False, sa_column_kwargs={"server_default": ""})
    next_step_date: date | None = plain(default=None)
    custom: dict[str, Any] = personal(
        sa_type=JSON, default_factory=dict, nullable=False, sa_column_kwargs={"server_default": "{}"}
    )
    name_order: str = personal(default="", nullable=False, tracked=False, sa_column_kwargs={"server_default": ""})
    amount_order: int = plain(  # centimes, -1 = unknown
        sa_type=BigInteger, default=-1, nullable=False, tracked=False, sa_column_kwargs={"server_default": "-1"}
    )
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)
