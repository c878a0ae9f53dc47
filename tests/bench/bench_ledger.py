"""Measure the books at size: `bench_ledger [sqlite|postgresql [lines]]`, else both.

1,000,000 posted lines in entries of two, over two fiscal years. Prints p50 and p95 in ms; exits 1 when a trial balance
or the page of the busiest account is above 300 ms.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, select, text
from sqlmodel import Session, col

from db.access.rules import system_actor
from db.kernel.record import uuid7
from db.ledger.accounts.actions import create_chart
from db.ledger.accounts.tables import Account
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.periods.actions import add_fiscal_year
from db.ledger.reports.queries import Statement, account_statement, statement, trial_balance
from tests.bench.databases import filled

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LIMIT_MS, TIMES, CHUNK = 300.0, 12, 20_000
STAMP: dict[str, Any] = {"created_at": NOW, "updated_at": NOW, "row_version": 1}


def fill(engine: Engine, lines: int) -> None:
    """Write and post entries as the database itself demands; half of the lines are on the first account."""
    dice, by = random.Random(1), system_actor()
    with Session(engine.execution_options(writing=True)) as session:
        create_chart(session, by=by, at=NOW)
        for year in (2025, 2026):
            add_fiscal_year(session, first_date=date(year, 1, 1), last_date=date(year, 12, 31), by=by, at=NOW)
        session.commit()
        accounts = _accounts(session)
        for start in range(0, lines // 2, CHUNK):
            _portion(session, dice, accounts, start, min(start + CHUNK, lines // 2), lines // 2)


def _accounts(session: Session) -> list[UUID]:
    single = select(col(Account.id)).where(col(Account.collective) == "")
    return list(session.scalars(single.order_by(col(Account.number)).limit(60)))


def _portion(session: Session, dice: random.Random, accounts: list[UUID], start: int, end: int, total: int) -> None:
    entries, lines = [], []
    for number in range(start, end):
        on, entry_id = date(2025, 1, 1) + timedelta(days=number * 690 // total), uuid7()
        amount = Decimal(dice.randrange(100, 900_000)) / 100
        entries.append({"id": entry_id, "entry_date": on, "text": f"Entry {number}", "total": amount,
                        "search_number": number + 1, **STAMP})  # fmt: skip
        other = dice.choice(accounts[1:])
        for position, (account, debit) in enumerate(((accounts[0], True), (other, False))):
            lines.append({"id": uuid7(), "entry_id": entry_id, "position": position, "account_id": account,
                          "entry_date": on, "debit": amount if debit else 0, "credit": 0 if debit else amount,
                          "text": "", **STAMP})  # fmt: skip
    session.connection().execute(insert(JournalEntry), entries)
    session.connection().execute(insert(JournalLine), lines)
    posting = text(
        "update journal_entry set state = 'posted', posted_at = :at, number = 'E-' || search_number, "
        "counted = search_number, counted_year = 0 where search_number = :number"
    ).bindparams(at=NOW.isoformat(sep=" ") if session.connection().dialect.name == "sqlite" else NOW)
    session.connection().execute(posting, [{"number": one["search_number"]} for one in entries])
    session.commit()


def measure(name: str, asked: Callable[[], Any], limit: float = LIMIT_MS) -> bool:
    """Ask several times, print p50 and p95; tell whether the limit was kept."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        asked()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    print(f"{name:44} p50 {statistics.median(taken):8.1f}  p95 {taken[-1]:8.1f}")
    return taken[-1] <= limit


def _statement(session: Session, account_id: UUID, *, deep: bool = False) -> Statement:
    """Read the first page of a year's statement, or one late in it."""
    span = {"begin": date(2026, 1, 1), "end": date(2026, 12, 31)}
    place = {"after_date": date(2026, 11, 20), "after_line": UUID(int=0)} if deep else {}
    found: Statement = statement(session, account_id=account_id, **span, **place)
    return found


def main(kind: str, lines: int) -> int:
    """Fill a database and measure; return 1 when a limit is passed."""
    with filled(kind, f"ledger-{lines}", lambda engine: fill(engine, lines)) as engine, Session(engine) as session:
        print(f"{kind}: {lines} posted lines, limit {LIMIT_MS:.0f} ms", flush=True)
        busiest = _accounts(session)[0]
        kept = [
            measure("trial balance of today", lambda: trial_balance(session, on=date(2026, 11, 24))),
            measure("trial balance of an earlier day", lambda: trial_balance(session, on=date(2025, 6, 30))),
            measure("the busiest account", lambda: account_statement(session, account_id=busiest)),
            measure("its statement of a year", lambda: _statement(session, busiest)),
            measure("the last page of its statement", lambda: _statement(session, busiest, deep=True)),
        ]
        assert trial_balance(session, on=date(2026, 11, 24)).total == 0
    return 0 if all(kept) else 1


if __name__ == "__main__":
    kinds = sys.argv[1:2] or ["sqlite", "postgresql"]
    sys.exit(max([main(kind, int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000) for kind in kinds]))
