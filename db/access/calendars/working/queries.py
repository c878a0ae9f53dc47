"""When the firm works."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.calendars.working.rules import USUAL_WEEK, OwnDay, Week, WorkCalendar, WorkDay
from db.access.calendars.working.tables import FirmDay, WorkingDay
from db.access.company.queries import company_profile
from db.access.gate import readable


@readable("access.use_own_account")
def working_calendar(session: Session) -> WorkCalendar:
    """Return hours, canton and own days of the firm: what `next_working_instant` and the like take."""
    profile = company_profile(session)
    return WorkCalendar(working_week(session), profile.canton if profile else "", _own_days(session))


@readable("access.use_own_account")
def working_week(session: Session) -> Week:
    """Return the hours of the seven weekdays, Monday first."""
    rows = {row.weekday: row for row in session.scalars(select(WorkingDay))}
    if not rows:
        return USUAL_WEEK
    found = [rows.get(weekday) for weekday in range(7)]
    return tuple(None if row is None else WorkDay(row.begins, row.ends, row.pause) for row in found)


def _own_days(session: Session) -> dict[date, OwnDay]:
    rows = session.scalars(select(FirmDay).order_by(col(FirmDay.day)))
    return {row.day: OwnDay(row.name, row.share) for row in rows}
