"""Opening fiscal years and locking their months."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.calendars.rules import SWISS_TIME
from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import NotAllowed, NotFound
from db.kernel.findings import Finding
from db.ledger.entries.tables import JournalEntry
from db.ledger.periods.rules import (
    DAY,
    LONGEST_REASON,
    PERIOD_LIFE,
    PeriodState,
    ReasonMissing,
    Span,
    check_year,
    months_of,
    year_name,
)
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
def add_next_year(session: Session, *, by: Actor, at: datetime) -> UUID:
    """Open the twelve months that follow the last fiscal year (the calendar year when there is none); return its id."""
    last = session.scalars(select(FiscalYear).order_by(col(FiscalYear.last_date).desc())).first()
    today = at.astimezone(SWISS_TIME).date()
    first = last.last_date + DAY if last else date(today.year, 1, 1)
    following = date(first.year + 1, first.month, 1) - DAY
    made: UUID = add_fiscal_year(session, first_date=first, last_date=following, by=by, at=at)
    return made


@gate("ledger.manage_periods")
def lock_period(
    session: Session, *, period_id: UUID, state: PeriodState, reason: str = "", by: Actor, at: datetime
) -> None:
    """Close a month with all those before: `reserved` until it is opened again, `closed` for ever.

    Raises: NotFound, WrongStep. NotAllowed: drafts are dated in what would be closed; opening again is `reopen_period`.
    """
    row = _locked(session, period_id)
    if state is PeriodState.OPEN:
        raise NotAllowed("Une période se rouvre avec un motif, tant qu’elle n’est pas close définitivement.")
    if state is PeriodState.CLOSED:
        _check_no_drafts(session, row.last_date)
    PERIOD_LIFE.step(PeriodState(row.state), state)
    steps = {PeriodState.RESERVED: (PeriodState.OPEN,), PeriodState.CLOSED: (PeriodState.OPEN, PeriodState.RESERVED)}
    earlier = select(LedgerPeriod).where(
        col(LedgerPeriod.last_date) <= row.last_date,
        col(LedgerPeriod.state).in_([one.value for one in steps[state]]),
    )
    for one in session.scalars(earlier.order_by(col(LedgerPeriod.first_date)).with_for_update()):
        _put(one, PERIOD_LIFE.step(PeriodState(one.state), state), reason, by=by, at=at)
    session.flush()


@gate("ledger.reopen_periods")
def reopen_period(session: Session, *, period_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Open a closed month again, for a reason that stays with the books.

    Raises: NotFound, ReasonMissing. WrongStep: it is open, or closed for ever.
    """
    row = _locked(session, period_id)
    if len(reason.split()) == 0:
        raise ReasonMissing([Finding("reason", "Indiquez pourquoi la période est rouverte.")])
    if row.state == PeriodState.CLOSED.value:
        raise NotAllowed(
            "Cette période est close définitivement : une erreur se corrige par une extourne à une date ouverte."
        )
    _put(row, PERIOD_LIFE.step(PeriodState(row.state), PeriodState.OPEN), reason, by=by, at=at)
    session.flush()


@gate("ledger.manage_periods")
def close_year(session: Session, *, year_id: UUID, reason: str = "", by: Actor, at: datetime) -> None:
    """Close a fiscal year for ever, with all months before its end.

    Raises: NotFound. NotAllowed: it is not over, or drafts wait in it. WrongStep: it is closed.
    """
    year = session.get(FiscalYear, year_id)
    if year is None:
        raise NotFound("Cet exercice n’existe pas.")
    if year.last_date >= at.astimezone(SWISS_TIME).date():
        raise NotAllowed("L’exercice {name} se clôt après le {day:%d.%m.%Y}.", name=year.name, day=year.last_date)
    last = select(LedgerPeriod).where(col(LedgerPeriod.fiscal_year_id) == year_id)
    row = session.scalars(last.order_by(col(LedgerPeriod.last_date).desc())).first()
    if row is None:
        raise NotFound("Cet exercice n’existe pas.")
    lock_period(session, period_id=row.id, state=PeriodState.CLOSED, reason=reason, by=by, at=at)


def _locked(session: Session, period_id: UUID) -> LedgerPeriod:
    row = session.get(LedgerPeriod, period_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Cette période n’existe pas.")
    return row


def _put(row: LedgerPeriod, state: PeriodState, reason: str, *, by: Actor, at: datetime) -> None:
    row.state, row.state_reason = state.value, " ".join(reason.split())[:LONGEST_REASON]
    row.state_at, row.state_by_id = at, by.user_id


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
