"""What a person, or the firm, means to sell in a month."""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from db.kernel.findings import BadFields, Finding
from db.kernel.money import round_to_cent

SWITZERLAND = ZoneInfo("Europe/Zurich")
MOST = Decimal("1000000000000.00")
FIRST_YEAR, LAST_YEAR = 1990, 2090


class BadTarget(BadFields):
    """A target cannot be kept."""


def day_begins(day: date) -> datetime:
    """Return the instant at which a day begins in Switzerland."""
    return datetime.combine(day, time(), SWITZERLAND)


def check_month(day: date) -> date:
    """Return the first day of a day's month.

    Raises: BadTarget: a year in which nobody sells.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise BadTarget([Finding("month", "L’année doit être entre {first} et {last}.", years)])
    return month_of(day)


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def months_from(first: date, count: int) -> list[date]:
    """Return so many months, each by its first day."""
    start = first.year * 12 + first.month - 1
    return [date((start + ahead) // 12, (start + ahead) % 12 + 1, 1) for ahead in range(count)]


def check_amount(amount: Decimal) -> Decimal:
    """Return a target in whole centimes.

    Raises: BadTarget: negative, or beyond what is kept.
    """
    if not amount.is_finite() or not Decimal(0) <= amount < MOST:
        raise BadTarget([Finding("amount", "L’objectif doit être positif ; écrivez par exemple 50'000.00.")])
    return round_to_cent(amount)
