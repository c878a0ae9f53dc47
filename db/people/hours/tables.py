"""Hours of work, one row per stretch."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from db.kernel.guards import refuse_when
from db.kernel.record import Centimes, Instant, Record, personal, plain
from db.people.hours.rules import SpanSource

NEVER = "'9999-12-31'"
OPEN = text("ended_at is null")
_SOURCES = ", ".join(f"'{one.value}'" for one in SpanSource)


class WorkSpan(Record, table=True):
    """A stretch of work. A person has one open one at most, and none of hers overlaps another."""

    __tablename__ = "work_span"
    __table_args__ = (
        CheckConstraint("ended_at is null or ended_at > started_at", name="work_span_times"),
        CheckConstraint("break_minutes >= 0", name="work_span_break"),
        CheckConstraint("break_minutes < 30 or break_began_at is not null", name="work_span_told_break"),
        CheckConstraint(f"source in ({_SOURCES})", name="work_span_source"),
        Index("work_span_open", "owner_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("work_span_of_person", "owner_id", "started_at"),
        Index("work_span_facets", "owner_id", "source", "search_number", "hours", "id"),
        *[Index(f"work_span_by_{name}", name, "id", "search_number") for name in ("started_at", "hours", "updated_at")],
    )
    owner_id: UUID = plain(foreign_key="user_account.id", nullable=False)
    started_at: datetime = personal(sa_type=Instant, nullable=False)
    ended_at: datetime | None = personal(sa_type=Instant, default=None)
    break_minutes: int = plain(default=0, nullable=False)
    break_began_at: datetime | None = personal(sa_type=Instant, default=None)
    task: str = plain(default="", nullable=False)
    note: str = personal(default="", nullable=False)
    party_id: UUID | None = plain(default=None, foreign_key="party.id", index=True)
    source: str = plain(default=SpanSource.CLOCK.value, nullable=False)
    reason: str = personal(default="", nullable=False)  # of the last correction
    hours: Decimal = plain(sa_type=Centimes, default=Decimal(0), nullable=False, tracked=False)  # worked; 0 while open
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)


refuse_when(
    "work_span",
    "overlap",
    "exists (select 1 from work_span other where other.owner_id = {row}.owner_id and other.id <> {row}.id "
    f"and other.started_at < coalesce({{row}}.ended_at, {NEVER}) "
    f"and {{row}}.started_at < coalesce(other.ended_at, {NEVER}))",
    "hours of one person never overlap",
    together="owner_id",
)
