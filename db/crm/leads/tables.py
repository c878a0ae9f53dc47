"""Leads and the exchanges had with them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index

from db.crm.leads.rules import LeadState
from db.kernel.record import Centimes, Instant, Record, personal, plain

_STATES = ", ".join(f"'{state.value}'" for state in LeadState)
FACETS = ("state", "owner_id", "source", "canton")
AMOUNT_ORDER = "coalesce(expected_amount, -1)"
STATE_ORDER = "(case state " + " ".join(f"when '{state.value}' then {i}" for i, state in enumerate(LeadState)) + " end)"
COLUMN_ORDERS = (
    "name_order",
    "company_order",
    "person_order",
    "city_order",
    "postal_code",
    "canton",
    "source",
    "email",
    "phone_digits",
    "received_at",
    "exchanges",
    "next_order",
    "amount_order",
    "state_order",
)


def _orders() -> list[Index]:
    """Return one index per order in which the list can be read, each ending with the id."""
    by_column = [Index(f"lead_by_{name}", name, "id") for name in COLUMN_ORDERS]
    return [*by_column, Index("lead_by_owner", "owner_id", "id")]


class Lead(Record, table=True):
    """Somebody who may become a customer.

    Columns named `…_order` and `search_number` are derived from the others and serve the list only.
    """

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="lead_state"),
        CheckConstraint(
            "(state in ('converted', 'lost')) = (closed_at is not null)",
            name="lead_closed_at",
        ),
        CheckConstraint("(state = 'lost') = (lost_reason <> '')", name="lead_lost_reason"),
        CheckConstraint(
            "closed_at is null or closed_at >= received_at",
            name="lead_closed_after_received",
        ),
        CheckConstraint("expected_amount is null or expected_amount >= 0", name="lead_amount"),
        CheckConstraint("name <> ''", name="lead_name"),
        CheckConstraint(f"amount_order = {AMOUNT_ORDER}", name="lead_amount_order"),
        CheckConstraint(f"state_order = {STATE_ORDER}", name="lead_state_order"),
        CheckConstraint("exchanges >= 0", name="lead_exchanges"),
        Index("lead_facets", *FACETS, "received_at", "search_number", "expected_amount", "id"),
        *_orders(),
    )
    name: str = personal(nullable=False)
    person_name: str = personal(default="", nullable=False)
    company_name: str = personal(default="", nullable=False)
    email: str = personal(default="", nullable=False)
    phone: str = personal(default="", nullable=False)
    street: str = personal(default="", nullable=False)
    house_number: str = personal(default="", nullable=False)
    postal_code: str = plain(default="", nullable=False)
    city: str = plain(default="", nullable=False)
    canton: str = plain(default="", nullable=False)
    source: str = plain(default="", nullable=False)
    state: str = plain(default=LeadState.NEW.value, nullable=False)
    owner_id: UUID | None = plain(default=None, foreign_key="user_account.id")
    expected_amount: Decimal | None = plain(sa_type=Centimes, default=None)
    next_step: str = personal(default="", nullable=False)
    next_step_date: date | None = plain(default=None)
    received_at: datetime = plain(sa_type=Instant, nullable=False)
    closed_at: datetime | None = plain(sa_type=Instant, default=None)
    lost_reason: str = plain(default="", nullable=False)
    party_id: UUID | None = plain(default=None, foreign_key="party.id")
    custom: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)
    import_id: UUID | None = plain(default=None, index=True)
    exchanges: int = plain(default=0, nullable=False)
    last_exchange_at: datetime | None = plain(sa_type=Instant, default=None)
    phone_digits: str = personal(default="", nullable=False, tracked=False)
    name_order: str = personal(default="", nullable=False, tracked=False)
    company_order: str = personal(default="", nullable=False, tracked=False)
    person_order: str = personal(default="", nullable=False, tracked=False)
    city_order: str = plain(default="", nullable=False, tracked=False)
    next_order: str = plain(default="", nullable=False, tracked=False)
    amount_order: int = plain(sa_type=BigInteger, default=-1, nullable=False, tracked=False)  # centimes, -1 = unknown
    state_order: int = plain(default=0, nullable=False, tracked=False)  # the place of the state in a lead's life
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)


class Exchange(Record, table=True):
    """A call, an e-mail or a visit with a lead."""

    __tablename__ = "exchange"
    __table_args__ = (
        CheckConstraint("channel in ('call', 'email', 'visit', 'other')", name="exchange_channel"),
        CheckConstraint("direction in ('in', 'out')", name="exchange_direction"),
        Index("exchange_of_lead", "lead_id", "happened_at"),
    )
    lead_id: UUID = plain(foreign_key="lead.id", nullable=False)
    channel: str = plain(nullable=False)
    direction: str = plain(nullable=False)
    happened_at: datetime = plain(sa_type=Instant, nullable=False)
    text: str = personal(default="", nullable=False)
    by_name: str = personal(nullable=False)
