"""Questions about fiscal years and months."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.ledger.periods.rules import PeriodState
from db.ledger.periods.tables import FiscalYear, LedgerPeriod


@dataclass(frozen=True)
class Period:
    """One month and who may post into it."""

    period_id: UUID
    first_date: date
    last_date: date
    state: PeriodState
    row_version: int


@dataclass(frozen=True)
class Year:
    """One fiscal year with its months in order."""

    year_id: UUID
    name: str
    first_date: date
    last_date: date
    periods: tuple[Period, ...]


@readable("ledger.read")
def fiscal_years(session: Session) -> list[Year]:
    """Return all fiscal years with their months, the newest first."""
    months: dict[UUID, list[Period]] = {}
    for row in session.scalars(select(LedgerPeriod).order_by(col(LedgerPeriod.first_date))):
        months.setdefault(row.fiscal_year_id, []).append(_period(row))
    years = session.scalars(select(FiscalYear).order_by(col(FiscalYear.first_date).desc()))
    return [Year(y.id, y.name, y.first_date, y.last_date, tuple(months.get(y.id, ()))) for y in years]


@readable("ledger.read")
def period_of(session: Session, *, on: date) -> Period | None:
    """Return the month that a day belongs to, if its fiscal year exists."""
    wanted = select(LedgerPeriod).where(col(LedgerPeriod.first_date) <= on, col(LedgerPeriod.last_date) >= on)
    row = session.scalars(wanted).first()
    return None if row is None else _period(row)


@readable("ledger.read")
def year_begin(session: Session, *, on: date) -> date | None:
    """Return the first day of the fiscal year that a day belongs to; None when there is no such year."""
    wanted = select(col(FiscalYear.first_date)).where(col(FiscalYear.first_date) <= on, col(FiscalYear.last_date) >= on)
    return session.scalars(wanted).first()


def _period(row: LedgerPeriod) -> Period:
    return Period(row.id, row.first_date, row.last_date, PeriodState(row.state), row.row_version)
