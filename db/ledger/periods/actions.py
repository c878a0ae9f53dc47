"""Opening fiscal years and locking their months."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import NotAllowed, NotFound
from db.ledger.entries.tables import JournalEntry
from db.ledger.periods.rules import PERIOD_LIFE, PeriodState, Span, check_year, months_of, year_name
from db.ledger.periods.tables import FiscalYear, LedgerPeriod


@gate("ledger.manage_periods")
def add_fiscal_year(session: Session, *, first_date: date, last_date: date, by: Actor, at: datetime) -> UUID:
    """Open a fiscal year with its months; return its id.

    Raises: BadInput: it overlaps, leaves a gap, or is too long.
    """
    year = Span(first_date, last_date)
    known = [Span(one.first_date, one.last_date) for one in session.scalars(select(FiscalYear))]
    check_year(year, known)
    made = FiscalYear(name=year_name(year), first_date=first_date, last_date=last_date)
    session.add(made)
    session.flush()
    for month in months_of(year):
        session.add(LedgerPeriod(fiscal_year_id=made.id, first_date=month.first, last_date=month.last))
    session.flush()
    return made.id


@gate("ledger.manage_periods")
def ensure_calendar_year(session: Session, *, on: date, by: Actor, at: datetime) -> None:
    """Open the calendar year of a day as the first fiscal year of a company that has none."""
    if session.scalars(select(FiscalYear)).first() is None:
        add_fiscal_year(session, first_date=date(on.year, 1, 1), last_date=date(on.year, 12, 31), by=by, at=at)


@gate("ledger.manage_periods")
def lock_period(session: Session, *, period_id: UUID, state: PeriodState, by: Actor, at: datetime) -> None:
    """Reserve a month for the closing, open it again, or close it for ever with all those before.

    Raises: NotFound, WrongStep. NotAllowed: drafts are dated in what would be closed.
    """
    row = session.get(LedgerPeriod, period_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Cette période n’existe pas.")
    if state is not PeriodState.CLOSED:
        row.state = PERIOD_LIFE.step(PeriodState(row.state), state).value
        return
    _check_no_drafts(session, row.last_date)
    PERIOD_LIFE.step(PeriodState(row.state), state)
    earlier = select(LedgerPeriod).where(
        col(LedgerPeriod.last_date) <= row.last_date, col(LedgerPeriod.state) != state.value
    )
    for one in session.scalars(earlier.order_by(col(LedgerPeriod.first_date)).with_for_update()):
        one.state = PERIOD_LIFE.step(PeriodState(one.state), state).value


def _check_no_drafts(session: Session, last_date: date) -> None:
    wanted = select(JournalEntry).where(
        col(JournalEntry.posted_at).is_(None), col(JournalEntry.entry_date) <= last_date
    )
    draft = session.scalars(wanted.limit(1)).first()
    if draft is not None:
        raise NotAllowed(
            "Un brouillon du {day:%d.%m.%Y} attend encore : « {text} ». Comptabilisez-le ou supprimez-le d’abord.",
            day=draft.entry_date,
            text=draft.text,
        )
