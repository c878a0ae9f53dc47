"""Closing a month of hours: what it asks for."""

from datetime import date, datetime

from db.kernel.errors import BadInput, NotAllowed
from db.people.hours.rules import month_bounds

CLOSE = "people.close_months"
EXPORT = "people.export_hours"
LONGEST_REASON = 500


class MonthClosed(NotAllowed):
    """The month is closed: its hours never change any more."""


class MonthOpen(NotAllowed):
    """The month cannot be closed yet."""


def check_over(month: date, *, at: datetime) -> None:
    """Refuse a month that is not over.

    Raises: MonthOpen.
    """
    if month.day != 1:
        raise BadInput("Un mois se désigne par son premier jour.")
    if at < month_bounds(month)[1]:
        raise MonthOpen("Le mois n’est pas terminé : il se clôture dès le 1er du mois suivant.")


def clean_reason(reason: str) -> str:
    """Return a reason without needless spaces.

    Raises: BadInput: there is none, or it is too long.
    """
    cleaned = " ".join(reason.split())
    if not 3 <= len(cleaned) <= LONGEST_REASON:
        raise BadInput("Indiquez le motif en quelques mots.")
    return cleaned
