"""Fiscal years and their months, and how they are locked."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from db.kernel.errors import BadInput, NotAllowed
from db.kernel.findings import BadFields
from db.kernel.lifecycle import Lifecycle


class PeriodState(StrEnum):
    """Who may still post into a month."""

    OPEN = "open"
    RESERVED = "reserved"  # soft lock: only who does the closing
    CLOSED = "closed"  # hard lock: nobody, ever


PERIOD_LIFE = Lifecycle[PeriodState](
    "Période",
    {
        PeriodState.OPEN: frozenset({PeriodState.RESERVED, PeriodState.CLOSED}),
        PeriodState.RESERVED: frozenset({PeriodState.OPEN, PeriodState.CLOSED}),
        PeriodState.CLOSED: frozenset(),
    },
)
STATE_LABELS = {
    PeriodState.OPEN: "Ouverte",
    PeriodState.RESERVED: "Fermée",
    PeriodState.CLOSED: "Close",
}
DAY = timedelta(days=1)
LONGEST_REASON = 200


class ReasonMissing(BadFields):
    """What was closed is opened again only for a reason that stays with the books."""


class PeriodClosed(NotAllowed):
    """Nothing posts into the period any more."""


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both included."""

    first: date
    last: date


def check_year(year: Span, known: list[Span]) -> None:
    """Refuse a fiscal year that leaves a gap or overlaps, or that lets a calendar year pass without a closing.

    The first one may be long: a firm founded on 15 March 2026 may close on 31 December 2027.

    Raises: BadInput.
    Source: federal direct tax act (LIFD), art. 79 al. 3: each calendar year a closing, but that of the foundation.
    """
    if year.last < year.first:
        raise BadInput("L’exercice finit avant de commencer.")
    if year.last.year - year.first.year > 1 or (year.last - year.first).days > 730:
        raise BadInput("Un exercice se clôt au plus tard à la fin de l’année qui suit son début.")
    if not known:
        return
    before, after = [one for one in known if one.last < year.first], [one for one in known if one.first > year.last]
    if len(before) + len(after) < len(known):
        raise BadInput("Cet exercice chevauche un exercice qui existe.")
    if not any(one.last + DAY == year.first for one in before) and not any(
        year.last + DAY == one.first for one in after
    ):
        raise BadInput("Les exercices se suivent sans trou : commencez le lendemain du dernier.")
    previous = max((one.last for one in before), default=None)
    if previous is not None and year.last.year > previous.year + 1:
        raise BadInput("Chaque année civile a une clôture, sauf celle de la fondation.")


def months_of(year: Span) -> list[Span]:
    """Return the months of a fiscal year; the first and the last may be parts of one."""
    found, first = [], year.first
    while first <= year.last:
        last = min(date(first.year, first.month, monthrange(first.year, first.month)[1]), year.last)
        found.append(Span(first, last))
        first = last + DAY
    return found


def year_name(year: Span) -> str:
    """Return what a fiscal year is called: `2026`, or `2026/27`."""
    if year.first.year == year.last.year:
        return str(year.first.year)
    return f"{year.first.year}/{year.last.year % 100:02d}"
