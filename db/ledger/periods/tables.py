"""Fiscal years and their months."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from db.kernel.guards import FrozenWhen, Refuses, guard, refuse_when
from db.kernel.record import Instant, Record, plain
from db.ledger.periods.rules import PeriodState

_STATES = ", ".join(f"'{state.value}'" for state in PeriodState)


class FiscalYear(Record, table=True):
    """One fiscal year; both days belong to it."""

    __tablename__ = "fiscal_year"
    __table_args__ = (CheckConstraint("first_date <= last_date", name="fiscal_year_days"),)
    name: str = plain(nullable=False, unique=True)
    first_date: date = plain(nullable=False, unique=True)
    last_date: date = plain(nullable=False, unique=True)


class LedgerPeriod(Record, table=True):
    """One month of a fiscal year, and who may post into it."""

    __tablename__ = "ledger_period"
    __table_args__ = (
        CheckConstraint("first_date <= last_date", name="ledger_period_days"),
        CheckConstraint(f"state in ({_STATES})", name="ledger_period_state"),
    )
    fiscal_year_id: UUID = plain(foreign_key="fiscal_year.id", nullable=False, index=True)
    first_date: date = plain(nullable=False, unique=True)
    last_date: date = plain(nullable=False, unique=True)
    state: str = plain(default=PeriodState.OPEN.value, nullable=False)
    state_reason: str = plain(default="", nullable=False, sa_column_kwargs={"server_default": ""})
    state_at: datetime | None = plain(sa_type=Instant, default=None)
    state_by_id: UUID | None = plain(default=None)  # who changed the state last


for _table in ("fiscal_year", "ledger_period"):
    _overlap = (
        f"exists (select 1 from {_table} o where o.id <> {{row}}.id and o.first_date <= {{row}}.last_date "
        "and o.last_date >= {row}.first_date)"
    )
    refuse_when(_table, "overlap", _overlap, "two of them overlap")
guard(FrozenWhen("ledger_period", "old.state = 'closed'"))
_USED = (
    "exists (select 1 from journal_line l where l.is_posted "
    "and l.entry_date >= old.first_date and l.entry_date <= old.last_date)"
)
guard(Refuses("ledger_period", "used", "delete", _USED, "ledger_period: entries are posted in it"))
guard(Refuses("fiscal_year", "used", "delete", _USED, "fiscal_year: entries are posted in it"))
_MOVED = f"{_USED} and (old.first_date <> new.first_date or old.last_date <> new.last_date)"
guard(Refuses("ledger_period", "moved", "update", _MOVED, "ledger_period: entries are posted in it"))
