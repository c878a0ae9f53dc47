"""Closed months of hours, and what is put right about them afterwards."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from db.kernel.guards import AppendOnly, guard, refuse_when
from db.kernel.record import Instant, Record, personal, plain
from db.people.hours.tables import NEVER


class ClosedMonth(Record, table=True):
    """A person's month as it was approved; it never changes, and neither do the hours within its bounds."""

    __tablename__ = "closed_month"
    __table_args__ = (
        UniqueConstraint("owner_id", "month", name="closed_month_once"),
        CheckConstraint("ends_at > begins_at", name="closed_month_bounds"),
    )
    owner_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    month: date = plain(nullable=False)  # its first day
    begins_at: datetime = plain(sa_type=Instant, nullable=False)
    ends_at: datetime = plain(sa_type=Instant, nullable=False)
    worked_minutes: int = plain(nullable=False)
    due_minutes: int = plain(nullable=False)
    closed_by: UUID | None = plain(default=None, foreign_key="user_account.id")


class HoursCorrection(Record, table=True):
    """Minutes that were added or taken off a closed month afterwards, with the reason."""

    __tablename__ = "hours_correction"
    __table_args__ = (
        CheckConstraint("minutes <> 0", name="hours_correction_minutes"),
        CheckConstraint("length(reason) > 2", name="hours_correction_reason"),
        Index("hours_correction_of_person", "owner_id", "day"),
    )
    owner_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    day: date = plain(nullable=False)
    minutes: int = plain(nullable=False)
    reason: str = personal(nullable=False)
    corrected_by: UUID | None = plain(default=None, foreign_key="user_account.id")


guard(AppendOnly("closed_month"))
guard(AppendOnly("hours_correction"))
refuse_when(
    "work_span",
    "closed_month",
    "exists (select 1 from closed_month closed where closed.owner_id = {row}.owner_id "
    f"and closed.begins_at < coalesce({{row}}.ended_at, {NEVER}) and {{row}}.started_at < closed.ends_at)",
    "the month is closed",
    verbs=("insert", "update", "delete"),
    before=True,
    together="owner_id",
)
