"""Questions about fiscal years and months."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, func, select, type_coerce
from sqlmodel import Session, col

from db.access.gate import readable
from db.kernel.errors import NotFound
from db.ledger.accounts.tables import Account
from db.ledger.entries.tables import JournalEntry, JournalLine
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
    reason: str = ""
    changed_at: datetime | None = None
    changed_by_id: UUID | None = None


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
    return Period(
        row.id,
        row.first_date,
        row.last_date,
        PeriodState(row.state),
        row.row_version,
        row.state_reason,
        row.state_at,
        row.state_by_id,
    )


@dataclass(frozen=True)
class ClosingCheck:
    """Something to look at before a year is closed: a French sentence with what fills it."""

    message_id: str
    params: dict[str, Any]
    is_done: bool


@readable("ledger.read")
def closing_checks(session: Session, *, year_id: UUID) -> list[ClosingCheck]:
    """Return what is still to be done before a fiscal year is closed, and what is done."""
    year = session.get(FiscalYear, year_id)
    if year is None:
        raise NotFound("Cet exercice n’existe pas.")
    draft = col(JournalEntry.posted_at).is_(None) & (col(JournalEntry.entry_date) <= year.last_date)
    drafts = session.scalar(select(func.count()).select_from(JournalEntry).where(draft)) or 0
    following = session.scalars(select(FiscalYear.id).where(col(FiscalYear.first_date) > year.last_date)).first()  # type: ignore[call-overload]
    waiting = _waiting_accounts(session, year.last_date)
    return [
        ClosingCheck("Brouillons à comptabiliser ou supprimer : {count}", {"count": drafts}, drafts == 0),
        ClosingCheck("Comptes d’attente à solder : {numbers}", {"numbers": ", ".join(waiting) or "—"}, not waiting),
        ClosingCheck("L’exercice suivant est ouvert", {}, following is not None),
    ]


def _waiting_accounts(session: Session, on: date) -> list[str]:
    """Return the numbers of the transfer accounts (109) that are not zero on a day."""
    debit, credit = (type_coerce(col(side), BigInteger) for side in (JournalLine.debit, JournalLine.credit))
    wanted = (
        select(col(Account.number))
        .join(JournalLine, col(JournalLine.account_id) == col(Account.id))
        .where(col(Account.number).like("109%"), col(JournalLine.is_posted), col(JournalLine.entry_date) <= on)
        .group_by(col(Account.number))
        .having(func.sum(debit - credit) != 0)
    )
    return list(session.scalars(wanted.order_by(col(Account.number))))
