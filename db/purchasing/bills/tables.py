"""Received bills and their files."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index

from db.kernel.record import Centimes, Instant, Record, personal, plain
from db.purchasing.bills.rules import BillState

_STATES = ", ".join(f"'{one.value}'" for one in BillState)
ORDERS = ("received_at", "amount_order", "due_order", "updated_at")


class Bill(Record, table=True):
    """A supplier's bill as it came in. `owner_id` is who handed it in."""

    __tablename__ = "bill"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="bill_state"),
        CheckConstraint(
            "state <> 'entered' or (party_id is not null and number <> '' and bill_date is not null "
            "and amount is not null)",
            name="bill_entered_whole",
        ),
        CheckConstraint("state <> 'discarded' or discard_reason <> ''", name="bill_discarded_why"),
        Index("bill_facets", "state", "owner_id", "search_number", "amount", "id"),
        Index("bill_of_supplier", "party_id", "number"),
        *[Index(f"bill_by_{name}", name, "id", "search_number") for name in ORDERS],
    )
    owner_id: UUID | None = plain(default=None, foreign_key="user_account.id", index=True)
    received_at: datetime = plain(sa_type=Instant, nullable=False)
    state: str = plain(default=BillState.TO_ENTER.value, nullable=False)
    party_id: UUID | None = plain(default=None, foreign_key="party.id")
    number: str = plain(default="", nullable=False)
    bill_date: date | None = plain(default=None)
    due_date: date | None = plain(default=None)
    amount: Decimal | None = plain(sa_type=Centimes, default=None)
    currency: str = plain(default="CHF", nullable=False)
    iban: str = personal(default="", nullable=False)
    reference: str = plain(default="", nullable=False)
    note: str = personal(default="", nullable=False)
    discard_reason: str = plain(default="", nullable=False)
    payload: str = personal(default="", nullable=False)  # of the QR code, as it was read; a suggestion, nothing more
    amount_order: int = plain(default=-1, nullable=False, tracked=False)
    due_order: str = plain(default="9999-12-31", nullable=False, tracked=False)
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)


class BillFile(Record, table=True):
    """A file of a bill: the original, kept once by its content, and the pictures that are shown of it."""

    __tablename__ = "bill_file"
    __table_args__ = (
        CheckConstraint("size_bytes > 0", name="bill_file_size"),
        Index("bill_file_of_bill", "bill_id", "place"),
    )
    bill_id: UUID = plain(foreign_key="bill.id", nullable=False)
    place: int = plain(nullable=False)
    name: str = personal(nullable=False)
    sha256: str = plain(nullable=False, unique=True)  # the same file is on one bill only
    size_bytes: int = plain(nullable=False)
    media_type: str = plain(nullable=False)
    pictures: Any = plain(sa_type=JSON, default_factory=list, nullable=False)
    by_id: UUID | None = plain(default=None, foreign_key="user_account.id")
    by_name: str = personal(default="", nullable=False)
