"""What a row of a file means for hours of work: whose they are, from when to when, with which break."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from db.access.calendars.rules import SWISS_TIME
from db.parties.intake.rules import IDENTITY_WORDS, Identity
from db.records.search.rules import fold

IDENTITY_WORDS |= {"hours": "personne et arrivée"}
CLOCK_TIME = re.compile(r"(\d{1,2}) ?(?:[:.hH] ?(\d{2})?)(?::\d{2})?|(\d{1,2})(\d{2})")
DURATION = re.compile(r"(\d{1,3})(?: ?(?:min|m|'|′))?|(\d{1,2}) ?[:hH] ?(\d{2})?")


@dataclass(frozen=True)
class HoursRow:
    """One readable row: hours of somebody, who is called as in the file; `said` names what the file really says."""

    line: int
    person: str
    started_at: datetime
    ended_at: datetime
    break_minutes: int = 0
    break_began_at: datetime | None = None
    task: str = ""
    note: str = ""
    company: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    key: tuple[Identity, ...] = ()


@dataclass(frozen=True)
class Meant:
    """Whose hours a row means, for whom they were, and those that are known; or why it cannot be told."""

    owner_id: UUID | None = None
    party_id: UUID | None = None
    span_id: UUID | None = None
    problem: str = ""


def identities_of(row: HoursRow) -> tuple[Identity, ...]:
    """Return by what hours are recognised: the person and the instant at which they began."""
    return (Identity("hours", f"{fold(row.person)} {row.started_at.isoformat()}"),)


def clock_time(text: str) -> time | None:
    """Return the time that people write: 7:30, 07.30, 7h30, 7h, 0730, 07:30:00; None for what is none."""
    found = CLOCK_TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = int(found[1] or found[3]), int(found[2] or found[4] or 0)
    return time(hour % 24, minute) if hour <= 24 and minute < 60 and (hour, minute) <= (24, 0) else None


def minutes_in(text: str) -> int | None:
    """Return the minutes of a break as people write it: 45, 45 min, 0:45, 1h, 1h15; None for what is none."""
    found = DURATION.fullmatch(text.strip())
    if found is None:
        return None
    return int(found[1]) if found[1] is not None else int(found[2]) * 60 + int(found[3] or 0)


def at_on(on: date, clock: time, *, after: datetime | None = None) -> datetime:
    """Return the instant of a Swiss clock on a day; one that must come after another may be on the next day."""
    found = datetime.combine(on, clock, SWISS_TIME).astimezone(UTC)
    if after is not None and found <= after:
        found = datetime.combine(on + timedelta(days=1), clock, SWISS_TIME).astimezone(UTC)
    return found
