"""Public holidays of the French-speaking cantons, computed; and the hours in which nothing disturbs anybody.

Sources: LTr art. 20a (1 August and at most eight days per canton count as Sundays) and the cantons' own laws: GE LJF
(J 1 45), VD LEmp art. 47, NE LDJF (941.02: 2 January and 26 December only after a Sunday), JU (555.1), BE (555.1), VS,
FR (Catholic communes). Days that no law names but on which nearly everybody is off are `CUSTOMARY`. Checked
against fer-ge.ch and feiertagskalender.ch (tests). What a firm does otherwise it says itself (`working/`).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SWISS_TIME = ZoneInfo("Europe/Zurich")
CANTONS = {
    "GE": "Genève",
    "VD": "Vaud",
    "NE": "Neuchâtel",
    "JU": "Jura",
    "FR": "Fribourg",
    "VS": "Valais",
    "BE": "Berne",
}
SUNDAY = 6
EASTER_DAYS = {
    -2: "Vendredi saint",
    1: "Lundi de Pâques",
    39: "Ascension",
    50: "Lundi de Pentecôte",
    60: "Fête-Dieu",
}
FIXED_DAYS = {
    (1, 1): "Nouvel An",
    (1, 2): "2 janvier",
    (3, 1): "Instauration de la République",
    (3, 19): "Saint-Joseph",
    (5, 1): "Fête du Travail",
    (6, 23): "Commémoration du plébiscite",
    (8, 1): "Fête nationale",
    (8, 15): "Assomption",
    (11, 1): "Toussaint",
    (12, 8): "Immaculée Conception",
    (12, 25): "Noël",
    (12, 26): "Saint-Étienne",
    (12, 31): "Restauration de la République",
}
EASTER_OF = {
    "GE": (-2, 1, 39, 50),
    "VD": (-2, 1, 39, 50),
    "NE": (-2, 39),
    "JU": (-2, 1, 39, 50, 60),
    "FR": (-2, 39, 60),
    "VS": (39, 60),
    "BE": (-2, 1, 39, 50),
}
FIXED_OF = {
    "GE": ((1, 1), (8, 1), (12, 25), (12, 31)),
    "VD": ((1, 1), (1, 2), (8, 1), (12, 25)),
    "NE": ((1, 1), (3, 1), (5, 1), (8, 1), (12, 25)),
    "JU": ((1, 1), (1, 2), (5, 1), (6, 23), (8, 1), (8, 15), (11, 1), (12, 25)),
    "FR": ((1, 1), (8, 1), (8, 15), (11, 1), (12, 8), (12, 25)),
    "VS": ((1, 1), (3, 19), (8, 1), (8, 15), (11, 1), (12, 8), (12, 25)),
    "BE": ((1, 1), (1, 2), (8, 1), (12, 25), (12, 26)),
}
CUSTOMARY = {"NE": (1, 50), "FR": (1, 50), "VS": (1, 50)}  # days after Easter: off by custom, not by law


def easter(year: int) -> date:
    """Return Easter Sunday. Source: the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    shift = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * shift) // 451
    month, day = divmod(h + shift - 7 * m + 114, 31)
    return date(year, month, day + 1)


def holidays(canton: str, year: int) -> dict[date, str]:
    """Return the days off of a canton in a year with their French names, in order, by law and by custom."""
    sunday = easter(year)
    customary = {sunday + timedelta(days=shift): EASTER_DAYS[shift] for shift in CUSTOMARY.get(canton, ())}
    return dict(sorted((customary | legal_holidays(canton, year)).items()))


def legal_holidays(canton: str, year: int) -> dict[date, str]:
    """Return the days that the law of a canton counts as holidays, in order; none of an unknown canton."""
    found = {date(year, month, day): FIXED_DAYS[month, day] for month, day in FIXED_OF.get(canton, ())}
    sunday = easter(year)
    found |= {sunday + timedelta(days=shift): EASTER_DAYS[shift] for shift in EASTER_OF.get(canton, ())}
    if canton == "GE":
        found[_weekday_after_first_sunday(year, days=4)] = "Jeûne genevois"
    if canton == "VD":
        found[_third_sunday_of_september(year) + timedelta(days=1)] = "Lundi du Jeûne fédéral"
    if canton == "NE":
        found |= _days_after_sundays(year)
    return dict(sorted(found.items()))


def _days_after_sundays(year: int) -> dict[date, str]:
    """Return 2 January and 26 December where the day before them is a Sunday. Source: NE, LDJF."""
    days = (date(year, 1, 2), date(year, 12, 26))
    return {day: FIXED_DAYS[day.month, day.day] for day in days if (day - timedelta(days=1)).weekday() == SUNDAY}


def _weekday_after_first_sunday(year: int, *, days: int) -> date:
    first = date(year, 9, 1)
    return first + timedelta(days=(SUNDAY - first.weekday()) % 7 + days)


def _third_sunday_of_september(year: int) -> date:
    return _weekday_after_first_sunday(year, days=14)


def is_rest_day(canton: str, day: date) -> bool:
    """Test if a day is a Sunday or a public holiday of the canton."""
    return day.weekday() == SUNDAY or day in holidays(canton, day.year)


def quiet_until(at: datetime, *, begins: int, ends: int, canton: str) -> datetime | None:
    """Return when quiet time ends; None when it is not quiet at this instant.

    `begins` and `ends` are minutes of the day in Switzerland (19:00 is 1140); the same twice is no quiet at night.
    Sundays and public holidays are quiet as a whole, and so is the night that follows them.
    """
    local = at.astimezone(SWISS_TIME)
    moment = local
    for _ in range(40):  # the longest row of rest days is far shorter
        later = _end_of_quiet(moment, begins, ends, canton)
        if later is None:
            break
        moment = later
    return None if moment == local else moment.astimezone(UTC)


def _end_of_quiet(local: datetime, begins: int, ends: int, canton: str) -> datetime | None:
    """Return the end of the quiet that an instant stands in, which may itself stand in another one."""
    minute = local.hour * 60 + local.minute
    if is_rest_day(canton, local.date()):
        return _at(local.date() + timedelta(days=1), 0)
    if begins == ends:
        return None
    if begins < ends:
        return _at(local.date(), ends) if begins <= minute < ends else None
    if minute >= begins:
        return _at(local.date() + timedelta(days=1), ends)
    return _at(local.date(), ends) if minute < ends else None


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60 % 24, minute % 60), SWISS_TIME)
