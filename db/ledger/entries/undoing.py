"""Drafts come back like any record; for what is posted the law wants its reversal."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.rules import Actor
from db.ledger.entries.actions import findable
from db.ledger.entries.rules import KIND, EntryState
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.records.search.rules import fold
from db.records.undo.rules import LegalInverse, Undoer, register_inverse, register_undoer
from db.records.undo.searching import search_follows


def _derive(entry: JournalEntry) -> None:
    entry.text_order = fold(entry.text)


def _line_returns(session: Session, line: JournalLine, *, by: Actor, at: datetime) -> None:
    entry = session.get(JournalEntry, line.entry_id)
    if entry is not None:
        line.search_number = entry.search_number
        session.flush()


def _instead(session: Session, record_id: UUID) -> LegalInverse | None:
    entry = session.get(JournalEntry, record_id)
    if entry is None or entry.state != EntryState.POSTED.value:
        return None
    return LegalInverse("Extourner l’écriture", f"/ecritures/{record_id}")


def _instead_of_line(session: Session, record_id: UUID) -> LegalInverse | None:
    line = session.get(JournalLine, record_id)
    return None if line is None else _instead(session, line.entry_id)


register_undoer(
    Undoer(
        "journal_entry",
        edit="ledger.edit",
        kind=KIND,
        together=(frozenset({"state", "posted_at", "posted_by_id", "number", "counted", "counted_year"}),),
        derive=_derive,
        **search_follows(findable),
    )
)
register_undoer(Undoer("journal_line", edit="ledger.edit", remember=_line_returns))
register_inverse("journal_entry", _instead)
register_inverse("journal_line", _instead_of_line)
