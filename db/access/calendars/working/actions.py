"""Set when the firm works."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.calendars.working.rules import WorkDay, check_week
from db.access.calendars.working.tables import FirmDay, WorkingDay
from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput, NotFound

MANAGE = "access.manage_company"
SHARES = (0, 50, 100)


@gate(MANAGE)
def set_working_week(session: Session, *, week: Sequence[WorkDay | None], by: Actor, at: datetime) -> None:
    """Set the hours of the seven weekdays, Monday first; None is a free day.

    Raises: BadInput.
    """
    check_week(week)
    rows = {row.weekday: row for row in session.scalars(select(WorkingDay).with_for_update())}
    for weekday, hours in enumerate(week):
        row = rows.get(weekday)
        if hours is None and row is not None:
            session.delete(row)
        elif hours is not None and row is None:
            session.add(WorkingDay(weekday=weekday, begins=hours.begins, ends=hours.ends, pause=hours.pause))
        elif hours is not None and row is not None:
            row.begins, row.ends, row.pause = hours.begins, hours.ends, hours.pause


@gate(MANAGE)
def set_firm_day(session: Session, *, day: date, name: str, share: int, by: Actor, at: datetime) -> None:
    """Say that the firm is off on a day (0), half off (50), or works on a holiday of the canton (100).

    Raises: BadInput.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100 or share not in SHARES:
        raise BadInput("Donnez un nom au jour et dites s’il est libre, à moitié libre ou travaillé.")
    row = session.scalars(select(FirmDay).where(col(FirmDay.day) == day).with_for_update()).first()
    if row is None:
        session.add(FirmDay(day=day, name=name, share=share))
        return
    row.name, row.share = name, share


@gate(MANAGE)
def remove_firm_day(session: Session, *, day: date, by: Actor, at: datetime) -> None:
    """Let weekday and canton decide about a day again.

    Raises: NotFound.
    """
    row = session.scalars(select(FirmDay).where(col(FirmDay.day) == day).with_for_update()).first()
    if row is None:
        raise NotFound("Ce jour n’est pas dans la liste.")
    session.delete(row)
