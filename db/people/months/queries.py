"""Months of hours: the sheet of one person, and the board of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.calendars.working.queries import working_calendar
from db.access.calendars.working.rules import WorkCalendar, day_off, due_minutes
from db.access.gate import readable
from db.access.people.queries import open_people, user_names
from db.access.rules import Actor, reaches_owner
from db.access.settings.queries import settings
from db.kernel.errors import NotFound
from db.people.hours.queries import (
    SpanFacts,
    facts_of,
    may_read_hours,
    note_hours_read,
    spans_between,
    touching,
    worked,
)
from db.people.hours.rules import (
    CLOCK,
    READ,
    Remark,
    Span,
    days_of,
    local_day,
    minutes_by_day,
    monday_of,
    month_after,
    month_bounds,
    remarks,
)
from db.people.hours.tables import WorkSpan
from db.people.months.tables import ClosedMonth, HoursCorrection
from db.people.shares.rules import Share, share_on
from db.people.shares.tables import DayOff, WorkShare


@dataclass(frozen=True)
class SheetDay:
    """One day of a month: what was worked and what was due; `off` names a holiday or vacation."""

    day: date
    worked: int  # minutes
    due: int
    off: str
    spans: Sequence[SpanFacts]  # those that begin on it


@dataclass(frozen=True)
class Correction:
    """Minutes added or taken off after the closing."""

    day: date
    minutes: int
    reason: str
    by_name: str


@dataclass(frozen=True)
class MonthSheet:
    """A person's month. Minutes; `worked` counts the corrections made after the closing."""

    owner_id: UUID
    owner_name: str
    month: date
    days: Sequence[SheetDay]
    weeks: Mapping[date, tuple[int, int]]  # Monday → worked and due, as far as they are in the month
    worked: int
    due: int
    percent: int
    vacation_taken: float  # days this year
    vacation_days: int
    remarks: Sequence[Remark]
    corrections: Sequence[Correction] = ()
    is_running: bool = False  # somebody is still at work
    closed_at: datetime | None = None
    closed_by: str = ""


@dataclass(frozen=True)
class BoardLine:
    """One person's month on the board of all."""

    owner_id: UUID
    name: str
    worked: int
    due: int
    remarks: int
    is_running: bool
    closed_at: datetime | None


@readable(CLOCK)
def month_sheet(session: Session, *, owner_id: UUID, month: date, by: Actor, at: datetime) -> MonthSheet:
    """Return a person's month, to herself and to who may read her hours.

    Raises: NotFound.
    """
    names = user_names(session)
    if owner_id not in names or not may_read_hours(by, owner_id):
        raise NotFound("Ces heures n’existent pas ou plus.")
    begins, ends = month_bounds(month)
    rows = spans_between(session, owner_id=owner_id, begins=begins, ends=ends)
    reckoned = worked(rows, at)
    known = _Known(session, [owner_id], month)
    due = known.due(owner_id)
    minutes, facts = minutes_by_day(reckoned), facts_of(session, rows, by)
    days = [
        SheetDay(
            day,
            minutes.get(day, 0),
            due[day],
            known.off(owner_id, day),
            [one for one in facts if local_day(one.started_at) == day],
        )
        for day in days_of(month)
    ]
    corrections = _corrections(session, owner_id, month, names)
    closed = session.scalars(
        select(ClosedMonth).where(col(ClosedMonth.owner_id) == owner_id, col(ClosedMonth.month) == month)
    ).first()
    share = share_on(known.shares.get(owner_id, []), days[-1].day)
    return MonthSheet(
        owner_id,
        names[owner_id],
        month,
        days,
        _weeks(days),
        sum(day.worked for day in days) + sum(one.minutes for one in corrections),
        sum(due.values()),
        share.percent,
        _vacation_taken(session, owner_id, month.year),
        share.vacation_days,
        _remarks(session, reckoned, month),
        corrections,
        any(row.ended_at is None for row in rows),
        closed.created_at if closed else None,
        names.get(closed.closed_by, "") if closed and closed.closed_by else "",
    )


@readable(READ)
def month_board(session: Session, *, month: date, by: Actor, at: datetime) -> list[BoardLine]:
    """Return the month of everybody within reach, by name; who has nothing due and nothing worked is left out."""
    people = [(user_id, name) for user_id, name in open_people(session) if reaches_owner(by, READ, user_id)]
    known = _Known(session, [user_id for user_id, _ in people], month)
    spans = _spans_of_all(session, month)
    closed = {row.owner_id: row for row in session.scalars(select(ClosedMonth).where(col(ClosedMonth.month) == month))}
    most = settings(session)["hours.most_week"] * 60
    found = []
    for user_id, name in people:
        rows = spans.get(user_id, [])
        reckoned, due = worked(rows, at), sum(known.due(user_id).values())
        minutes = minutes_by_day(reckoned)
        of_month = sum(minutes.get(day, 0) for day in days_of(month))
        said = [one for one in remarks(reckoned, most_week_minutes=most) if one.day.month == month.month]
        done = closed.get(user_id)
        if rows or done or due:
            running = any(row.ended_at is None for row in rows)
            found.append(BoardLine(user_id, name, of_month, due, len(said), running, done.created_at if done else None))
    note_hours_read(session, [line.owner_id for line in found], by)
    return found


class _Known:
    """What holds for some people in a month, read once."""

    def __init__(self, session: Session, owners: Sequence[UUID], month: date) -> None:
        self.calendar: WorkCalendar = working_calendar(session)
        self.month = month
        self.shares: dict[UUID, list[Share]] = {}
        for row in session.scalars(select(WorkShare).where(col(WorkShare.owner_id).in_(owners))):
            self.shares.setdefault(row.owner_id, []).append(Share(row.first_date, row.percent, row.vacation_days))
        within = (col(DayOff.owner_id).in_(owners), col(DayOff.day) >= month, col(DayOff.day) < month_after(month))
        self.days_off = {(row.owner_id, row.day): row for row in session.scalars(select(DayOff).where(*within))}

    def due(self, owner_id: UUID) -> dict[date, int]:
        """Return the minutes due on each day of the month."""
        return {day: self._due(owner_id, day) for day in days_of(self.month)}

    def _due(self, owner_id: UUID, day: date) -> int:
        percent = share_on(self.shares.get(owner_id, []), day).percent
        due, off = due_minutes(self.calendar, day, percent=percent), self.days_off.get((owner_id, day))
        return due if off is None else due * (100 - off.share) // 100

    def off(self, owner_id: UUID, day: date) -> str:
        """Return why a day is off: a holiday, vacation, an absence; "" when it is not."""
        off = self.days_off.get((owner_id, day))
        if off is None:
            return day_off(self.calendar, day)
        return "Vacances" if off.kind == "vacation" else "Absence"


def _spans_of_all(session: Session, month: date) -> dict[UUID, list[WorkSpan]]:
    found: dict[UUID, list[WorkSpan]] = {}
    wanted = select(WorkSpan).where(*touching(*month_bounds(month))).order_by(col(WorkSpan.started_at))
    for row in session.scalars(wanted):
        found.setdefault(row.owner_id, []).append(row)
    return found


def _weeks(days: Sequence[SheetDay]) -> dict[date, tuple[int, int]]:
    found: dict[date, tuple[int, int]] = {}
    for one in days:
        done, due = found.get(monday_of(one.day), (0, 0))
        found[monday_of(one.day)] = (done + one.worked, due + one.due)
    return found


def _remarks(session: Session, reckoned: Sequence[Span], month: date) -> list[Remark]:
    most = settings(session)["hours.most_week"] * 60
    found = remarks(reckoned, most_week_minutes=most)
    return [one for one in found if month <= one.day < month_after(month) or monday_of(month) == one.day]


def _corrections(session: Session, owner_id: UUID, month: date, names: Mapping[UUID, str]) -> list[Correction]:
    within = (col(HoursCorrection.day) >= month, col(HoursCorrection.day) < month_after(month))
    wanted = select(HoursCorrection).where(col(HoursCorrection.owner_id) == owner_id, *within)
    return [
        Correction(row.day, row.minutes, row.reason, names.get(row.corrected_by, "") if row.corrected_by else "")
        for row in session.scalars(wanted.order_by(col(HoursCorrection.day)))
    ]


def _vacation_taken(session: Session, owner_id: UUID, year: int) -> float:
    within = (
        col(DayOff.day) >= date(year, 1, 1),
        col(DayOff.day) <= date(year, 12, 31),
        col(DayOff.kind) == "vacation",
    )
    return sum(session.scalars(select(col(DayOff.share)).where(col(DayOff.owner_id) == owner_id, *within))) / 100
