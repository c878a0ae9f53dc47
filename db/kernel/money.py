"""Exact amounts: Decimal in the rules, whole centimes in the database."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

CENT = Decimal("0.01")


def round_to_cent(amount: Decimal) -> Decimal:
    """Return the amount rounded half-up to whole centimes."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


class Centimes(TypeDecorator[Decimal]):
    """Store a Decimal amount in CHF as a whole number of centimes, the same on SQLite and PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Return centimes; raise ValueError when the amount is not a whole number of centimes."""
        if value is None:
            return None
        if value != round_to_cent(value):
            raise ValueError(f"{value} has more than two decimals")
        return int(value * 100)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return the amount in CHF with two decimals."""
        return None if value is None else (Decimal(int(value)) / 100).quantize(CENT)
