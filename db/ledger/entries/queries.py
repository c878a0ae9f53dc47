"""Questions about journal entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.kernel.errors import NotFound
from db.ledger.accounts.tables import Account
from db.ledger.entries.rules import AccountSeen, EntryState, LineDraft
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.parties.queries import NamedParty, parties_named_by
from db.records.search.rules import fold

MOST_LIKE = 50


@dataclass(frozen=True)
class LineFacts:
    """One line with the names that belong to it."""

    line_id: UUID
    account_number: str
    account_name: str
    party_name: str
    draft: LineDraft


@dataclass(frozen=True)
class EntryFacts:
    """What is known of one entry. `reversed_by` is the entry that cancels it, `reverses` the one that it cancels."""

    entry_id: UUID
    number: str
    entry_date: date
    text: str
    document: str
    state: EntryState
    total: Decimal
    origin_kind: str
    origin_id: UUID | None
    posted_at: datetime | None
    posted_by_id: UUID | None
    row_version: int
    lines: tuple[LineFacts, ...]
    reverses: tuple[UUID, str] | None = None
    reversed_by: tuple[UUID, str] | None = None


@readable("ledger.read")
def entry_facts(session: Session, *, entry_id: UUID) -> EntryFacts:
    """Return one entry with its lines.

    Raises: NotFound.
    """
    row = session.get(JournalEntry, entry_id)
    if row is None:
        raise NotFound("Cette écriture n’existe pas ou plus.")
    back = session.scalars(select(JournalEntry).where(col(JournalEntry.reverses_id) == entry_id)).first()
    first = session.get(JournalEntry, row.reverses_id) if row.reverses_id else None
    return EntryFacts(
        row.id,
        row.number,
        row.entry_date,
        row.text,
        row.document,
        EntryState(row.state),
        row.total,
        row.origin_kind,
        row.origin_id,
        row.posted_at,
        row.posted_by_id,
        row.row_version,
        tuple(_line_facts(session, entry_id)),
        (first.id, first.number) if first else None,
        (back.id, back.number) if back else None,
    )


def _line_facts(session: Session, entry_id: UUID) -> list[LineFacts]:
    rows = lines_of(session, entry_id)
    parties = parties_named_by(session, identity_ids=[row.party_id for row in rows])
    wanted = select(col(Account.id), col(Account.number), col(Account.name))
    ids = {row.account_id for row in rows}
    accounts = {one: (number, name) for one, number, name in session.execute(wanted.where(col(Account.id).in_(ids)))}
    return [
        LineFacts(
            row.id,
            *accounts[row.account_id],
            parties[row.party_id].name if row.party_id in parties else "",
            _draft_today(row, parties),
        )
        for row in rows
    ]


def lines_of(session: Session, entry_id: UUID) -> Sequence[JournalLine]:
    """Return the rows of an entry's lines in order."""
    wanted = select(JournalLine).where(col(JournalLine.entry_id) == entry_id).order_by(col(JournalLine.position))
    return session.scalars(wanted).all()


def drafts_of(session: Session, entry_id: UUID) -> list[LineDraft]:
    """Return the values of an entry's lines in order, each with the party that its own is today."""
    rows = lines_of(session, entry_id)
    parties = parties_named_by(session, identity_ids=[row.party_id for row in rows])
    return [_draft_today(row, parties) for row in rows]


def _draft_today(row: JournalLine, parties: Mapping[UUID, NamedParty]) -> LineDraft:
    draft = draft_of_line(row)
    party = parties.get(draft.party_id) if draft.party_id else None
    return replace(draft, party_id=party.party_id) if party else draft


def draft_of_line(row: JournalLine) -> LineDraft:
    """Return the values of a line as they were written: its party may have been merged with another since."""
    return LineDraft(**{name: getattr(row, name) for name in LineDraft.__dataclass_fields__})


def accounts_seen(session: Session, ids: Sequence[UUID | None]) -> dict[UUID, AccountSeen]:
    """Return what the rules ask of accounts."""
    columns = (Account.id, Account.number, Account.currency, Account.collective, Account.is_archived)
    wanted = select(*columns).where(col(Account.id).in_({one for one in ids if one}))  # type: ignore[call-overload]
    return {account_id: AccountSeen(*rest) for account_id, *rest in session.execute(wanted)}


@readable("ledger.read")
def entry_of_origin(session: Session, *, kind: str, origin_id: UUID) -> UUID | None:
    """Return the newest entry that came from something, if any."""
    wanted = select(col(JournalEntry.id)).where(
        col(JournalEntry.origin_kind) == kind, col(JournalEntry.origin_id) == origin_id
    )
    return session.scalars(wanted.order_by(col(JournalEntry.id).desc())).first()


@dataclass(frozen=True)
class EntryLike:
    """An entry that was posted before, to begin a new one from."""

    entry_id: UUID
    number: str
    entry_date: date
    text: str
    total: Decimal


@readable("ledger.read")
def entries_like(session: Session, *, text: str, most: int = 8) -> list[EntryLike]:
    """Return for each text that begins so the newest entry posted under it, by text; a few steps in one index."""
    begin, found = fold(text), list[EntryLike]()
    after, text_order = begin, col(JournalEntry.text_order)
    posted = col(JournalEntry.posted_at).is_not(None)
    for _ in range(min(most, MOST_LIKE)):
        reached = text_order >= after if after == begin else text_order > after
        step = select(text_order).where(reached, posted).order_by(text_order, col(JournalEntry.id))
        order = session.scalars(step.limit(1)).first()
        if order is None or not order.startswith(begin):
            break
        newest = select(JournalEntry).where(text_order == order, posted).order_by(col(JournalEntry.id).desc())
        found.append(_like(session.scalars(newest.limit(1)).one()))
        after = order
    return found


@readable("ledger.read")
def newest_entries(session: Session, *, most: int = 8) -> list[EntryLike]:
    """Return the entries that were written last, posted ones only."""
    wanted = select(JournalEntry).where(col(JournalEntry.posted_at).is_not(None))
    rows = session.scalars(wanted.order_by(col(JournalEntry.search_number).desc()).limit(min(most, MOST_LIKE)))
    return [_like(row) for row in rows]


def _like(row: JournalEntry) -> EntryLike:
    return EntryLike(row.id, row.number, row.entry_date, row.text, row.total)
