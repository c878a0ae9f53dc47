"""Measure the books at size: `bench_ledger [sqlite|postgresql [lines]]`, else both.

1,000,000 posted lines in entries of two, over two fiscal years; one entry in ten is owed by one of 2,000 customers, a
tenth of whom is then merged into others. Prints p50 and p95 in ms; exits 1 when a trial balance, the page of the
busiest account or an aged list is above 300 ms.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, select, text, update
from sqlmodel import Session, col

from db.access.rules import system_actor
from db.kernel.record import uuid7
from db.ledger.accounts.actions import create_chart
from db.ledger.accounts.tables import Account
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.open_items.queries import aged_list
from db.ledger.open_items.tables import OpenItem
from db.ledger.periods.actions import add_fiscal_year
from db.ledger.reports.queries import Statement, account_statement, statement, trial_balance
from db.parties.tables import Party, PartyIdentity
from tests.bench.databases import filled

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LIMIT_MS, TIMES, CHUNK, CUSTOMERS = 300.0, 12, 20_000, 2_000
STAMP: dict[str, Any] = {"created_at": NOW, "updated_at": NOW, "row_version": 1}


def fill(engine: Engine, lines: int) -> None:
    """Write and post entries as the database itself demands; half of the lines are on the first account."""
    dice, by = random.Random(1), system_actor()
    with Session(engine.execution_options(writing=True)) as session:
        create_chart(session, by=by, at=NOW)
        for year in (2025, 2026):
            add_fiscal_year(session, first_date=date(year, 1, 1), last_date=date(year, 12, 31), by=by, at=NOW)
        session.commit()
        accounts, parties = _accounts(session), _customers(session)
        for start in range(0, lines // 2, CHUNK):
            _portion(session, dice, accounts, parties, start, min(start + CHUNK, lines // 2), lines // 2)
        _open_items(session)


def _accounts(session: Session) -> list[UUID]:
    single = select(col(Account.id)).where(col(Account.collective) == "")
    return list(session.scalars(single.order_by(col(Account.number)).limit(60)))


def _customers(session: Session) -> list[UUID]:
    ids = [uuid7() for _ in range(CUSTOMERS)]
    rows = [{"id": one, "kind": "company", "name": f"Firm {n}", "name_order": f"firm {n}", "search_number": n + 1,
             "custom": {}, **STAMP} for n, one in enumerate(ids)]  # fmt: skip
    session.connection().execute(insert(Party), rows)
    return ids


def _open_items(session: Session) -> None:
    """Open the items of the customers' lines, as posting does; nine in ten are settled."""
    line = JournalLine
    columns = (line.id, line.account_id, line.party_id, line.entry_date, line.debit, line.search_number)
    found = session.execute(select(*columns).where(col(line.party_id).is_not(None))).all()  # type: ignore[call-overload]
    for start in range(0, len(found), CHUNK):
        session.connection().execute(insert(OpenItem), [
            {"id": one, "account_id": account, "side": "receivable", "party_id": party, "item_date": on,
             "due_date": on + timedelta(days=30), "amount": debit, "balance": debit if n % 10 == 0 else 0,
             "state": "open" if n % 10 == 0 else "settled", "search_number": number}
            for n, (one, account, party, on, debit, number) in enumerate(found[start : start + CHUNK])
        ])  # fmt: skip
    session.commit()


def merge_a_tenth(session: Session) -> float:
    """Lead the identities of every tenth customer to the one before; return the longest time of one in ms."""
    ids = list(session.scalars(select(col(PartyIdentity.party_id)).order_by(col(PartyIdentity.id))))
    taken = []
    for kept, gone in list(pairwise(ids))[::10]:
        began = time.perf_counter()
        leading = update(PartyIdentity).where(col(PartyIdentity.party_id) == gone).values(party_id=kept)
        session.connection().execute(leading)
        taken.append((time.perf_counter() - began) * 1000)
    return max(taken)


def _portion(
    session: Session, dice: random.Random, accounts: list[UUID], parties: list[UUID], start: int, end: int, total: int
) -> None:
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
                          "party_id": dice.choice(parties) if debit and number % 10 == 0 else None,
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
        kept.append(measure("the aged list of today", lambda: aged_list(session, side="receivable", on=NOW.date())))
        before = aged_list(session, side="receivable", on=NOW.date()).totals
        print(f"leading one customer's lines to another: {merge_a_tenth(session):.1f} ms at the longest")
        kept.append(measure("it after merges", lambda: aged_list(session, side="receivable", on=NOW.date())))
        assert aged_list(session, side="receivable", on=NOW.date()).totals == before
        assert trial_balance(session, on=date(2026, 11, 24)).total == 0
    return 0 if all(kept) else 1


if __name__ == "__main__":
    kinds = sys.argv[1:2] or ["sqlite", "postgresql"]
    sys.exit(max([main(kind, int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000) for kind in kinds]))
