"""The firm's hours by weekday and its own days."""

from datetime import date

from sqlalchemy import CheckConstraint

from db.kernel.record import Record, plain


class WorkingDay(Record, table=True):
    """The hours of one weekday. While there is no row at all, the usual week holds; a weekday without a row is free."""

    __tablename__ = "working_day"
    __table_args__ = (
        CheckConstraint("weekday between 0 and 6", name="working_day_weekday"),
        CheckConstraint("begins >= 0 and begins < ends and ends <= 1440", name="working_day_hours"),
        CheckConstraint("pause >= 0 and pause < ends - begins", name="working_day_pause"),
    )
    weekday: int = plain(nullable=False, unique=True)  # Monday = 0
    begins: int = plain(nullable=False)  # minutes of the Swiss day
    ends: int = plain(nullable=False)
    pause: int = plain(default=0, nullable=False)


class FirmDay(Record, table=True):
    """A day on which the firm does otherwise than weekday and canton say."""

    __tablename__ = "firm_day"
    __table_args__ = (CheckConstraint("share between 0 and 100", name="firm_day_share"),)
    day: date = plain(nullable=False, unique=True)
    name: str = plain(nullable=False)
    share: int = plain(nullable=False)  # per cent of the usual hours that are due
