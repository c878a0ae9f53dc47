"""How much a person works, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.access.calendars.working.rules import FEWEST_VACATION_DAYS, MOST_VACATION_DAYS
from db.kernel.errors import BadInput

USUAL_VACATION_DAYS = 20


@dataclass(frozen=True)
class Share:
    """What holds from a day on: per cent of the firm's hours, and days of vacation a year."""

    first_date: date
    percent: int
    vacation_days: int = USUAL_VACATION_DAYS


def share_on(shares: Sequence[Share], day: date) -> Share:
    """Return what holds on a day: the latest share that has begun, else the firm's whole hours."""
    begun = [share for share in shares if share.first_date <= day]
    return max(begun, key=lambda share: share.first_date) if begun else Share(day, 100)


def check_share(share: Share) -> None:
    """Refuse a share that nobody has.

    Raises: BadInput. Source of the least vacation: CO art. 329a (four weeks).
    """
    if not 0 <= share.percent <= 100:
        raise BadInput("Le taux d’occupation va de 0 à 100 %.")
    if not FEWEST_VACATION_DAYS <= share.vacation_days <= MOST_VACATION_DAYS:
        raise BadInput("Les vacances vont de 20 jours par an (quatre semaines, CO 329a) à 60.")
