"""The list of journal entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.rules import Actor
from db.ledger.accounts.tables import Account
from db.ledger.entries.rules import KIND, EntryState
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.records.listing.days import as_day, day_after
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Range, Source


@dataclass(frozen=True)
class EntryRow:
    """One entry as the list shows it."""

    record_id: UUID
    row_version: int
    name: str
    number: str
    entry_date: date
    document: str
    state: EntryState
    total: Decimal
    debits: str
    credits: str


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[EntryRow]:
    """Return entries in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(JournalEntry).where(col(JournalEntry.id).in_(ids)))}
    sides = _sides(session, ids)
    return [
        EntryRow(
            row.id,
            row.row_version,
            row.text,
            row.number,
            row.entry_date,
            row.document,
            EntryState(row.state),
            row.total,
            *sides.get(row.id, ("", "")),
        )
        for row in (found[record_id] for record_id in ids)
    ]


def _sides(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return the numbers of the accounts on both sides of entries, the first three of each."""
    wanted = (
        select(col(JournalLine.entry_id), col(Account.number), col(JournalLine.debit))
        .join(Account, col(Account.id) == col(JournalLine.account_id))
        .where(col(JournalLine.entry_id).in_(ids))
        .order_by(col(JournalLine.entry_id), col(JournalLine.position))
    )
    named: dict[UUID, tuple[list[str], list[str]]] = {}
    for entry_id, number, debit in session.execute(wanted):
        side = named.setdefault(entry_id, ([], []))[0 if debit else 1]
        if number not in side:
            side.append(number)
    return {one: (_few(debits), _few(credits)) for one, (debits, credits) in named.items()}


def _few(numbers: list[str]) -> str:
    return ", ".join(numbers[:3]) + (" …" if len(numbers) > 3 else "")


SOURCE = Source(
    KIND,
    JournalEntry,
    "ledger.read",
    load_rows,
    usual_sort="-date",
    sorts={
        "date": Column(JournalEntry.entry_date, "entry_date"),
        "number": Column(JournalEntry.number, "number"),
        "text": Column(JournalEntry.text_order, "text"),
        "total": Column(JournalEntry.total, "total"),
    },
    facets={"state": Column(JournalEntry.state, "state")},
    ranges={
        "from": Range(col(JournalEntry.entry_date), "entry_date", as_day, is_low=True),
        "to": Range(col(JournalEntry.entry_date), "entry_date", day_after, is_low=False),
    },
    amount=Column(JournalEntry.total, "total"),
)
ENTRY_QUESTIONS = questions_of(SOURCE, name="entry", module=__name__, export="ledger.export")
