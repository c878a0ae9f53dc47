"""Targets of people by month."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint

from db.kernel.record import Centimes, Record, plain


class SalesTarget(Record, table=True):
    """What one person means to sell in a month, in CHF without tax."""

    __tablename__ = "sales_target"
    __table_args__ = (
        UniqueConstraint("user_id", "month", name="sales_target_once"),
        CheckConstraint("amount >= 0", name="sales_target_amount"),
    )
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    month: date = plain(nullable=False)  # its first day
    amount: Decimal = plain(sa_type=Centimes, nullable=False)
