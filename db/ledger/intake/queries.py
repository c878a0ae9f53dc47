"""Which accounts, parties and lines the rows of a file mean."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.kernel.sentences import Sentence
from db.ledger.accounts.rules import swiss_chart
from db.ledger.accounts.tables import Account
from db.ledger.entries.queries import lines_of
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.intake.rules import BALANCES, ITEMS, SEVERAL, UNKNOWN_ACCOUNT, UNKNOWN_PARTY, BalanceRow, ItemRow
from db.ledger.periods.tables import FiscalYear
from db.parties.intake.queries import companies_named
from db.parties.intake.rules import Match
from db.parties.queries import parties_named_by
from db.parties.tables import Party
from db.records.search.rules import fold


def opening_day(session: Session) -> date | None:
    """Return the day on which the books begin."""
    return session.scalars(select(col(FiscalYear.first_date)).order_by(col(FiscalYear.first_date))).first()


def opening_entry(session: Session, kind: str) -> JournalEntry | None:
    """Return the entry that holds the opening of a kind, unless it was reversed."""
    back: Any = aliased(JournalEntry)
    wanted = (
        select(JournalEntry)
        .outerjoin(back, back.reverses_id == col(JournalEntry.id))
        .where(col(JournalEntry.origin_kind) == kind, back.id.is_(None))
    )
    return session.scalars(wanted.order_by(col(JournalEntry.id).desc())).first()


@readable("ledger.read")
def balance_matches(session: Session, *, rows: Sequence[BalanceRow], by: Actor) -> dict[int, Match]:
    """Return, by line, the line of the opening that each row means, or why it means none."""
    numbers = account_ids(session, [row.number for row in rows]).keys() or {one.number for one in swiss_chart("fr")}
    accounts = account_ids(session, [row.number for row in rows])
    known = {line.account_id: line.id for line in lines_of_opening(session, BALANCES)}
    found = {}
    for row in rows:
        account_id = accounts.get(row.number)
        if row.number not in numbers:
            found[row.line] = Match(problem=Sentence(UNKNOWN_ACCOUNT, number=row.number))
        elif account_id is not None and account_id in known:
            found[row.line] = Match(known[account_id])
    return found


@readable("ledger.read")
def item_matches(session: Session, *, rows: Sequence[ItemRow], by: Actor) -> dict[int, Match]:
    """Return, by line, the line that holds the open item of each row, or why it cannot be kept."""
    parties = party_ids(session, rows)
    lines = lines_of_opening(session, ITEMS)
    today = parties_named_by(session, identity_ids=[one.party_id for one in lines])
    known = {(today[one.party_id].party_id, fold(one.document)): one.id for one in lines if one.party_id}
    found = {}
    for row in rows:
        meant = parties[row.line]
        if meant.problem:
            found[row.line] = meant
        elif (meant.party_id, fold(row.document)) in known:
            found[row.line] = Match(known[meant.party_id, fold(row.document)])
    return found


def lines_of_opening(session: Session, kind: str) -> Sequence[JournalLine]:
    """Return the lines of the opening of a kind."""
    entry = opening_entry(session, kind)
    return lines_of(session, entry.id) if entry else []


def account_ids(session: Session, numbers: Sequence[str]) -> dict[str, UUID]:
    """Return the accounts of numbers."""
    wanted = select(col(Account.number), col(Account.id)).where(col(Account.number).in_(set(numbers)))
    return {one.number: one.id for one in session.execute(wanted)}


def collective_account(session: Session, side: str) -> UUID | None:
    """Return the first collective account of a side."""
    wanted = select(col(Account.id)).where(col(Account.collective) == side, ~col(Account.is_archived))
    return session.scalars(wanted.order_by(col(Account.number))).first()


def party_ids(session: Session, rows: Sequence[ItemRow]) -> dict[int, Match]:
    """Return, by line, the party that each row means, or why none."""
    by_uid = select(col(Party.uid), col(Party.id)).where(col(Party.uid).in_({row.uid for row in rows if row.uid}))
    uids = {one.uid: one.id for one in session.execute(by_uid)}
    named = companies_named(session, names=[row.party for row in rows if row.party])
    found = {}
    for row in rows:
        same = [uids[row.uid]] if row.uid in uids else list(named.get(fold(row.party), []))
        problem = Sentence(SEVERAL if same else UNKNOWN_PARTY, name=row.party or row.uid)
        found[row.line] = Match(same[0]) if len(same) == 1 else Match(problem=problem)
    return found
