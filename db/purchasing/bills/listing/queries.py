"""The list of received bills."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.rules import Actor
from db.purchasing.bills.queries import facts_of
from db.purchasing.bills.rules import EXPORT, KIND, READ, BillState
from db.purchasing.bills.tables import Bill
from db.records.listing.days import centimes, centimes_above, day_begins, day_ends
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Range, Source


@dataclass(frozen=True)
class BillRow:
    """One bill as the list shows it; a field that the reader may not see is None or empty."""

    record_id: UUID
    row_version: int
    state: BillState
    party_id: UUID | None
    party_name: str
    number: str
    bill_date: date | None
    due_date: date | None
    amount: Decimal | None
    currency: str
    owner_id: UUID | None
    owner_name: str
    received_at: datetime
    note: str


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[BillRow]:
    """Return bills in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(Bill).where(col(Bill.id).in_(ids)))}
    facts = [facts_of(session, found[record_id], by) for record_id in ids]
    return [
        BillRow(
            one.bill_id,
            one.row_version,
            one.state,
            one.party_id,
            one.party_name,
            one.number,
            one.bill_date,
            one.due_date,
            one.amount,
            one.currency,
            one.owner_id,
            one.owner_name,
            one.received_at,
            one.note,
        )
        for one in facts
    ]


SOURCE = Source(
    KIND,
    Bill,
    READ,
    load_rows,
    usual_sort="-received",
    sorts={
        "received": Column(Bill.received_at, "received_at"),
        "amount": Column(Bill.amount_order, "amount"),
        "due": Column(Bill.due_order, "due_date"),
        "updated": Column(Bill.updated_at, "updated_at"),
    },
    facets={"state": Column(Bill.state, "state"), "owner": Column(Bill.owner_id, "owner_id")},
    ranges={
        "from": Range(col(Bill.received_at), "received_at", day_begins, is_low=True),
        "to": Range(col(Bill.received_at), "received_at", day_ends, is_low=False),
        "amount_from": Range(col(Bill.amount_order), "amount", centimes, is_low=True),
        "amount_to": Range(col(Bill.amount_order), "amount", centimes_above, is_low=False),
    },
    amount=Column(Bill.amount, "amount"),
    owner=Bill.owner_id,
)
SHAPE = SOURCE.shape
BILL_QUESTIONS = questions_of(SOURCE, name="bill", module=__name__, export=EXPORT)
