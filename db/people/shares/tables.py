"""How much each person works, and the days on which she does not."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from db.kernel.guards import refuse_when
from db.kernel.record import Record, plain
from db.people.months import tables as months  # closed months stand below

assert months


class WorkShare(Record, table=True):
    """From a day on a person works so many per cent of the firm's hours."""

    __tablename__ = "work_share"
    __table_args__ = (
        UniqueConstraint("owner_id", "first_date", name="work_share_once"),
        CheckConstraint("percent between 0 and 100", name="work_share_percent"),
    )
    owner_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    first_date: date = plain(nullable=False)
    percent: int = plain(nullable=False)
    vacation_days: int = plain(nullable=False)


class DayOff(Record, table=True):
    """A day on which a person does not work; why else than for vacation is nobody's business here."""

    __tablename__ = "day_off"
    __table_args__ = (
        UniqueConstraint("owner_id", "day", name="day_off_once"),
        CheckConstraint("kind in ('vacation', 'other')", name="day_off_kind"),
        CheckConstraint("share in (50, 100)", name="day_off_share"),
        Index("day_off_by_day", "day"),
    )
    owner_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    day: date = plain(nullable=False)
    kind: str = plain(default="vacation", nullable=False)
    share: int = plain(default=100, nullable=False)  # per cent of the day


refuse_when(
    "day_off",
    "closed_month",
    "exists (select 1 from closed_month closed where closed.owner_id = {row}.owner_id "
    "and substr(cast(closed.month as varchar), 1, 7) = substr(cast({row}.day as varchar), 1, 7))",
    "the month is closed",
    verbs=("insert", "update", "delete"),
    before=True,
    together="owner_id",
)
