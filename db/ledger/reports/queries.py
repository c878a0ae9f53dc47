"""What the books say as of a day: the trial balance, read from the lines alone."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, func, select, type_coerce
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
