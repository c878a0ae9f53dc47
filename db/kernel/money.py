"""Exact amounts in the rules; how they are kept is in `db.kernel.record.Centimes`."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def round_to_cent(amount: Decimal) -> Decimal:
    """Return the amount rounded half-up to whole centimes."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
