"""Days and amounts of an address as a database compares them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from db.kernel.errors import BadInput
from db.records.custom_fields.rules import read_date, read_number

SWISS_TIME = ZoneInfo("Europe/Zurich")
FIRST, LAST = date(1900, 1, 1), date(9000, 1, 1)


def day_begins(text: str) -> datetime:
    """Return the first instant of a day in Switzerland.

    Raises: BadInput.
    """
    return datetime.combine(_day(text), time(), SWISS_TIME).astimezone(UTC)


def day_ends(text: str) -> datetime:
    """Return the first instant of the day after.

    Raises: BadInput.
    """
    return datetime.combine(_day(text) + timedelta(days=1), time(), SWISS_TIME).astimezone(UTC)


def _day(text: str) -> date:
    on = read_date(text)
    if not FIRST <= on <= LAST:
        raise BadInput("« {text} » n’est pas une date ; écrivez par exemple 31.12.2025.", text=text[:60])
    return on


def centimes(text: str) -> int:
    """Return an amount in centimes.

    Raises: BadInput.
    """
    return int(read_number(text) * 100)


def centimes_above(text: str) -> int:
    """Return the first amount in centimes that lies above.

    Raises: BadInput.
    """
    return centimes(text) + 1


def as_day(text: str) -> date:
    """Return a day.

    Raises: BadInput.
    """
    return _day(text)


def day_after(text: str) -> date:
    """Return the day after a day.

    Raises: BadInput.
    """
    return _day(text) + timedelta(days=1)
