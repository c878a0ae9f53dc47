"""What the books say as of a day: the trial balance, read from the lines alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, func, or_, select, type_coerce
from sqlmodel import Session, col

from db.access.gate import readable
from db.ledger.accounts.tables import Account
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.periods.queries import year_begin

ZERO = Decimal("0.00")
NOTHING = (ZERO, ZERO)


@dataclass(frozen=True)
class BalanceRow:
    """One account: its balance when the fiscal year began, what was posted since, its balance on the day."""

    account_id: UUID
    number: str
    name: str
    kind: str
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """Return the balance: above zero on the debit side."""
        return self.opening + self.debit - self.credit


@dataclass(frozen=True)
class TrialBalance:
    """The balances of all accounts with lines up to a day, by number; `begin` is when its fiscal year began."""

    on: date
    begin: date
    rows: tuple[BalanceRow, ...]

    @property
    def total(self) -> Decimal:
        """Return the sum of all balances: zero, or something is wrong."""
        return sum((row.balance for row in self.rows), ZERO)


@readable("ledger.read")
def trial_balance(session: Session, *, on: date) -> TrialBalance:
    """Return the trial balance as of the end of a day; what is dated later never changes it."""
    begin = year_begin(session, on=on) or date(on.year, 1, 1)
    earlier = _sums(session, col(JournalLine.entry_date) < begin)
    current = _sums(session, col(JournalLine.entry_date).between(begin, on))
    wanted = select(col(Account.id), col(Account.number), col(Account.name), col(Account.kind)).order_by(
        col(Account.number)
    )
    rows = []
    for account in session.execute(wanted):
        if account.id in earlier or account.id in current:
            (debit, credit), (before, after) = current.get(account.id, NOTHING), earlier.get(account.id, NOTHING)
            rows.append(
                BalanceRow(account.id, account.number, account.name, account.kind, before - after, debit, credit)
            )
    return TrialBalance(on, begin, tuple(rows))


def _sums(session: Session, when: ColumnElement[bool]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Return debit and credit of each account that has posted lines then; read from one index alone."""
    sides = [func.sum(type_coerce(col(side), BigInteger)) for side in (JournalLine.debit, JournalLine.credit)]
    posted = select(col(JournalLine.account_id), *sides).where(col(JournalLine.is_posted), when)
    found = session.execute(posted.group_by(col(JournalLine.account_id)))
    return {account_id: (_amount(debit), _amount(credit)) for account_id, debit, credit in found}


def _amount(centimes: Decimal | int | None) -> Decimal:
    return Decimal(int(centimes or 0)).scaleb(-2)


@dataclass(frozen=True)
class StatementLine:
    """One line of an account with the balance after it, and the entry that it belongs to."""

    entry_id: UUID
    number: str
    entry_date: date
    text: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Place:
    """Where a statement goes on: after a line of a day."""

    entry_date: date
    line_id: UUID


@dataclass(frozen=True)
class Statement:
    """Lines of an account in their order, with the balance before the first; `next_place` when there are more."""

    account_id: UUID
    begin: date | None
    end: date
    opening: Decimal  # before the first day
    debit: Decimal  # of the whole period
    credit: Decimal
    before: Decimal  # the first line shown
    lines: tuple[StatementLine, ...]
    next_place: Place | None = None

    @property
    def closing(self) -> Decimal:
        """Return the balance at the end of the period."""
        return self.opening + self.debit - self.credit


@readable("ledger.read")
def statement(
    session: Session,
    *,
    account_id: UUID,
    begin: date | None,
    end: date,
    after_date: date | None = None,
    after_line: UUID | None = None,
    most: int = 200,
) -> Statement:
    """Return an account’s posted lines of a period, the earliest first, each with the balance after it."""
    line = JournalLine
    of_account: Any = (col(line.account_id) == account_id, col(line.is_posted))
    opening = _amount_of(session, *of_account, col(line.entry_date) < begin) if begin else ZERO
    period: list[Any] = [*of_account, col(line.entry_date) <= end]
    period += [col(line.entry_date) >= begin] if begin else []
    debit, credit = _both(session, *period)
    rest, before = list(period), opening
    if after_date is not None and after_line is not None:
        same_day = (col(line.entry_date) == after_date) & (col(line.id) <= after_line)
        passed = or_(col(line.entry_date) < after_date, same_day)
        before = _amount_of(session, *of_account, col(line.entry_date) < after_date)
        before += _amount_of(session, *of_account, same_day)
        rest.append(~passed)
        rest.append(col(line.entry_date) >= after_date)
    lines, places = _lines_on(session, rest, before, most + 1)
    more = len(lines) > most
    place = places[most - 1] if more else None
    return Statement(account_id, begin, end, opening, debit, credit, before, tuple(lines[:most]), place)


def _lines_on(
    session: Session, where: Sequence[ColumnElement[bool]], balance: Decimal, most: int
) -> tuple[list[StatementLine], list[Place]]:
    line = JournalLine
    wanted = (
        select(
            col(line.id), col(line.entry_id), col(JournalEntry.number), col(line.entry_date), col(line.text), _signed()
        )
        .join(JournalEntry, col(JournalEntry.id) == col(line.entry_id))
        .where(*where)
        .order_by(col(line.entry_date), col(line.id))
        .limit(most)
    )
    lines, places = [], []
    for line_id, entry_id, number, entry_date, said, centimes in session.execute(wanted):
        amount = _amount(centimes)
        balance += amount
        lines.append(StatementLine(entry_id, number, entry_date, said, amount, balance))
        places.append(Place(entry_date, line_id))
    return lines, places


def _signed() -> Any:
    return type_coerce(col(JournalLine.debit), BigInteger) - type_coerce(col(JournalLine.credit), BigInteger)


def _amount_of(session: Session, *where: ColumnElement[bool]) -> Decimal:
    return _amount(session.execute(select(func.sum(_signed())).where(*where)).scalar())


def _both(session: Session, *where: ColumnElement[bool]) -> tuple[Decimal, Decimal]:
    sides = [func.sum(type_coerce(col(side), BigInteger)) for side in (JournalLine.debit, JournalLine.credit)]
    debit, credit = session.execute(select(*sides).where(*where)).one()
    return _amount(debit), _amount(credit)


@readable("ledger.read")
def account_statement(session: Session, *, account_id: UUID, most: int = 100) -> list[StatementLine]:
    """Return the newest lines of an account, each with the balance after it, the newest first."""
    line = JournalLine
    amount = type_coerce(col(line.debit), BigInteger) - type_coerce(col(line.credit), BigInteger)
    of_account = (col(line.account_id) == account_id, col(line.is_posted))
    wanted = (
        select(col(line.entry_id), col(JournalEntry.number), col(line.entry_date), col(line.text), amount)
        .join(JournalEntry, col(JournalEntry.id) == col(line.entry_id))
        .where(*of_account)
        .order_by(col(line.entry_date).desc(), col(line.id).desc())
        .limit(most)
    )
    balance = _amount(session.execute(select(func.sum(amount)).where(*of_account)).scalar())
    found = []
    for entry_id, number, entry_date, said, centimes in session.execute(wanted):
        found.append(StatementLine(entry_id, number, entry_date, said, _amount(centimes), balance))
        balance -= _amount(centimes)
    return found
