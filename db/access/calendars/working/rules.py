"""When the firm is open: hours by weekday, holidays of its canton, its own days; and the next instant it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from db.access.calendars.rules import SWISS_TIME, holidays
from db.kernel.errors import BadInput

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MINUTES_OF_DAY = 24 * 60
LONGEST_REST = 400  # days; nobody rests longer
FEWEST_VACATION_DAYS, MOST_VACATION_DAYS = 20, 60  # CO art. 329a: four weeks at least


@dataclass(frozen=True)
class WorkDay:
    """The hours of one weekday in minutes of the Swiss day; the pause is not paid."""

    begins: int
    ends: int
    pause: int = 0

    @property
    def minutes(self) -> int:
        """Return how long one works."""
        return self.ends - self.begins - self.pause


Week = tuple[WorkDay | None, ...]  # Monday first
USUAL_DAY = WorkDay(8 * 60, 17 * 60 + 24, 60)  # 42 hours in five days
USUAL_WEEK: Week = (*[USUAL_DAY] * 5, None, None)


@dataclass(frozen=True)
class OwnDay:
    """A day on which the firm does otherwise: off, off for half of it, or at work on a holiday of the canton."""

    name: str
    share: int  # per cent of the usual hours that are due: 0 off, 50 half a day, 100 at work


@dataclass(frozen=True)
class WorkCalendar:
    """All that says when the firm works."""

    week: Week = USUAL_WEEK
    canton: str = ""
    own: Mapping[date, OwnDay] = field(default_factory=dict)


def day_off(calendar: WorkCalendar, day: date) -> str:
    """Return the name of the holiday that a day is; "" when it is none or the firm works all the same."""
    own = calendar.own.get(day)
    if own is not None:
        return "" if own.share == 100 else own.name
    return _holidays(calendar.canton, day.year).get(day, "")


@lru_cache(maxsize=64)
def _holidays(canton: str, year: int) -> Mapping[date, str]:
    return holidays(canton, year)


def due_minutes(calendar: WorkCalendar, day: date, *, percent: int = 100) -> int:
    """Return how many minutes are due on a day by who works so many per cent, rounded to the minute."""
    hours = calendar.week[day.weekday()]
    if hours is None:
        return 0
    own = calendar.own.get(day)
    share = own.share if own is not None else 0 if day_off(calendar, day) else 100
    return round(hours.minutes * share * percent / 10_000)


def opening(calendar: WorkCalendar, day: date) -> tuple[datetime, datetime] | None:
    """Return when the firm begins and ends on a day; None when it rests. Half a day is its first half."""
    hours, share = calendar.week[day.weekday()], _share(calendar, day)
    if hours is None or not share:
        return None
    length = (hours.ends - hours.begins) * share // 100
    return _instant(day, hours.begins), _instant(day, hours.begins + length)


def _share(calendar: WorkCalendar, day: date) -> int:
    own = calendar.own.get(day)
    return own.share if own is not None else 0 if day_off(calendar, day) else 100


def next_working_instant(calendar: WorkCalendar, at: datetime) -> datetime:
    """Return `at` when the firm works then, else when it next begins (UTC).

    Raises: NeverWorks.
    """
    return _walk(calendar, at)[0]


def working_instant_after(calendar: WorkCalendar, at: datetime, *, minutes: int) -> datetime:
    """Return the instant at which so many minutes of opening have passed since `at` (UTC).

    Raises: NeverWorks.
    """
    begins, ends = _walk(calendar, at)
    left = timedelta(minutes=minutes)
    while ends - begins < left:
        left -= ends - begins
        begins, ends = _walk(calendar, ends)
    return begins + left


def next_working_day(calendar: WorkCalendar, day: date) -> date:
    """Return the day itself when the firm works on it, else the next one on which it does.

    Raises: NeverWorks.
    """
    for _ in range(LONGEST_REST):
        if opening(calendar, day) is not None:
            return day
        day += timedelta(days=1)
    raise NeverWorks("L’horaire ne compte aucun jour de travail : voir les réglages.")


class NeverWorks(BadInput):
    """The calendar has no working day."""


def _walk(calendar: WorkCalendar, at: datetime) -> tuple[datetime, datetime]:
    """Return the opening that an instant stands in, from it on, or the next one."""
    day = at.astimezone(SWISS_TIME).date()
    while True:
        day = next_working_day(calendar, day)
        found = opening(calendar, day)
        if found is not None and at < found[1]:
            return max(at.astimezone(UTC), found[0]), found[1]
        day += timedelta(days=1)


def _instant(day: date, minute: int) -> datetime:
    """Return the instant of a minute of a day as clocks on the wall show it."""
    whole_days, rest = divmod(minute, MINUTES_OF_DAY)
    wall = datetime.combine(day + timedelta(days=whole_days), time(rest // 60, rest % 60), SWISS_TIME)
    return wall.astimezone(UTC)


def check_week(week: Sequence[WorkDay | None]) -> None:
    """Refuse hours that no day has, and a week without work.

    Raises: BadInput: names the weekday.
    """
    if len(week) != len(WEEKDAYS) or not any(week):
        raise BadInput("Indiquez les heures d’au moins un jour.")
    for name, hours in zip(WEEKDAYS, week, strict=True):
        if hours is not None and not 0 <= hours.begins < hours.ends <= MINUTES_OF_DAY:
            raise BadInput("{day} : la fin doit suivre le début.", day=name.capitalize())
        if hours is not None and not 0 <= hours.pause < hours.ends - hours.begins:
            raise BadInput("{day} : la pause est plus longue que la journée.", day=name.capitalize())


def read_minute(text: str) -> int:
    """Return `8:00`, `08.00`, `8h` or `0800` as minutes of the day.

    Raises: BadInput.

    >>> read_minute("17h24")
    1044
    """
    cleaned = text.strip().lower().replace("h", ":").replace(".", ":").replace(" ", "")
    if cleaned.isdecimal() and len(cleaned) in (3, 4):
        cleaned = f"{cleaned[:-2]}:{cleaned[-2:]}"
    hours, _, minutes = cleaned.partition(":")
    if not hours.isdecimal() or not (minutes or "0").isdecimal() or len(cleaned) > 5:
        raise BadInput("« {text} » n’est pas une heure ; écrivez par exemple 8:30.", text=text[:20])
    found = int(hours) * 60 + int(minutes or 0)
    if int(minutes or 0) > 59 or found > MINUTES_OF_DAY:
        raise BadInput("« {text} » n’est pas une heure ; écrivez par exemple 8:30.", text=text[:20])
    return found


def minute_text(minute: int) -> str:
    """Return a minute of the day as people write it: `8:30`."""
    return f"{minute // 60}:{minute % 60:02d}"
