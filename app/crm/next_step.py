"""What is proposed as the next step of an opportunity, so that none is without one: words and a working day."""

from datetime import date, datetime, timedelta

from app.doors import ask
from db.access.calendars.rules import SWISS_TIME
from db.access.calendars.working.queries import working_calendar
from db.access.calendars.working.rules import next_working_day
from db.access.rules import Actor

FIRST_STEP = "Prendre contact"
STEP_AFTER = timedelta(days=3)


def proposed_step_date(by: Actor, *, at: datetime) -> date:
    """Return the day in three days, or the next on which the firm works."""
    return next_working_day(ask(by, working_calendar), at.astimezone(SWISS_TIME).date() + STEP_AFTER)
