"""Books to begin a test with: the chart, a fiscal year, and entries in one line."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from app.doors import ask, do
from db.access.rules import Actor
from db.ledger.accounts.actions import create_chart
from db.ledger.accounts.queries import chart
from db.ledger.entries.actions import post_new
from db.ledger.entries.rules import EntryDraft, LineDraft
from db.ledger.periods.actions import add_fiscal_year
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind


def open_books(by: Actor, *, first: date = date(2026, 1, 1), last: date = date(2026, 12, 31)) -> dict[str, UUID]:
    """Create the chart and a fiscal year; return the accounts by number."""
    do(by, create_chart)
    do(by, add_fiscal_year, first_date=first, last_date=last)
    return {one.number: one.account_id for one in ask(by, chart)}


def simple(accounts: dict[str, UUID], debit: str, credit: str, amount: str, on: date, text: str = "Test") -> EntryDraft:
    """Return an entry of two lines."""
    value = Decimal(amount)
    lines = (LineDraft(accounts[debit], debit=value), LineDraft(accounts[credit], credit=value))
    return EntryDraft(on, text, lines)


def post(by: Actor, draft: EntryDraft) -> tuple[UUID, str]:
    """Post an entry."""
    made: tuple[UUID, str] = do(by, post_new, draft=draft)
    return made


def customer(by: Actor, name: str) -> UUID:
    """Return a new company."""
    made: UUID = do(by, add_party, draft=PartyDraft(PartyKind.COMPANY, name))
    return made
