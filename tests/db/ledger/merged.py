"""Customers who owe and pay, and become one."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.doors import ask, do_undoable
from db.access.rules import Actor
from db.ledger.entries.rules import EntryDraft, LineDraft
from db.ledger.entries.tables import JournalLine
from db.ledger.open_items.queries import aged_list
from db.records.merging.actions import Merge, merge_records
from db.records.undo.actions import undo_deed
from db.session import reading

MAY, JUNE, END = date(2026, 5, 4), date(2026, 6, 15), date(2026, 12, 31)
LATER = timedelta(minutes=5)


def owed(accounts: dict[str, UUID], party: UUID, amount: str, on: date = MAY, document: str = "") -> EntryDraft:
    """Return an entry by which a customer owes something."""
    value = Decimal(amount)
    lines = (
        LineDraft(accounts["1100"], debit=value, party_id=party, document=document, due_date=on),
        LineDraft(accounts["3200"], credit=value),
    )
    return EntryDraft(on, f"Facture {document}", lines)


def paid(accounts: dict[str, UUID], party: UUID, amount: str, settles: UUID | None = None) -> EntryDraft:
    """Return an entry by which a customer pays."""
    value = Decimal(amount)
    lines = (
        LineDraft(accounts["1020"], debit=value),
        LineDraft(accounts["1100"], credit=value, party_id=party, settles_id=settles),
    )
    return EntryDraft(JUNE, "Encaissement", lines)


def merge(by: Actor, at: datetime, kept: UUID, gone: UUID) -> str:
    """Merge two companies; return the deed."""
    return do_undoable(by, merge_records, at=at, merge=Merge("party", kept, gone)).deed


def undo(by: Actor, deed: str, at: datetime) -> str:
    """Undo a deed; return the deed that did."""
    return do_undoable(by, undo_deed, at=at, undoes=UUID(deed)).deed


def lines_as_posted() -> list[tuple[Any, ...]]:
    """Return every line with all its columns."""
    with reading() as session:
        return sorted(tuple(row) for row in session.execute(select(*JournalLine.__table__.c)))  # type: ignore[attr-defined]


def owing(by: Actor, on: date = END) -> dict[str, Decimal]:
    """Return what each customer owes; the list is equal to the accounts."""
    found = ask(by, aged_list, side="receivable", on=on)
    assert sum(found.totals.values()) == found.account_balance
    return {row.party_name: row.total for row in found.rows}
