"""What the books say as of a day: the trial balance, read from the lines alone."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, case, func, select, type_coerce
from sqlmodel import Session, col

from db.access.gate import readable
from db.ledger.accounts.tables import Account
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.periods.queries import year_begin

ZERO = Decimal("0.00")


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
    line, earlier = JournalLine, col(JournalLine.entry_date) < begin
    debit, credit = (type_coerce(col(side), BigInteger) for side in (line.debit, line.credit))
    sums = (
        select(
            col(line.account_id).label("account_id"),
            func.sum(case((earlier, debit - credit), else_=0)).label("opening"),
            func.sum(case((earlier, 0), else_=debit)).label("debit"),
            func.sum(case((earlier, 0), else_=credit)).label("credit"),
        )
        .where(col(line.is_posted), col(line.entry_date) <= on)
        .group_by(col(line.account_id))
        .subquery()
    )
    wanted = (
        select(col(Account.id), col(Account.number), col(Account.name), col(Account.kind), sums.c.opening)
        .add_columns(sums.c.debit, sums.c.credit)
        .join(sums, sums.c.account_id == col(Account.id))
        .order_by(col(Account.number))
    )
    rows = tuple(
        BalanceRow(*names, *(_amount(one) for one in (opening, debit, credit)))
        for *names, opening, debit, credit in session.execute(wanted)
    )
    return TrialBalance(on, begin, rows)


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


@readable("ledger.read")
def account_statement(session: Session, *, account_id: UUID, most: int = 100) -> list[StatementLine]:
    """Return the newest lines of an account, each with the balance after it, the newest first."""
    line = JournalLine
    amount = type_coerce(col(line.debit), BigInteger) - type_coerce(col(line.credit), BigInteger)
    running = func.sum(amount).over(order_by=(col(line.entry_date), col(line.id))).label("balance")
    inner = (
        select(col(line.id), col(line.entry_id), col(line.entry_date), col(line.text), amount.label("amount"), running)
        .where(col(line.account_id) == account_id, col(line.is_posted))
        .subquery()
    )
    wanted: Any = (
        select(inner.c.entry_id, col(JournalEntry.number), inner.c.entry_date, inner.c.text)
        .add_columns(inner.c.amount, inner.c.balance)
        .join(JournalEntry, col(JournalEntry.id) == inner.c.entry_id)
        .order_by(inner.c.entry_date.desc(), inner.c.id.desc())
        .limit(most)
    )
    rows = session.execute(wanted).all()
    return [StatementLine(r[0], r[1], r[2], r[3], _amount(r.amount), _amount(r.balance)) for r in rows]
