"""Writing journal entries: drafts, posting, reversal. What is posted is never changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.numbering.counting import next_number
from db.access.rules import Actor, may
from db.jobs.actions import publish
from db.kernel.errors import ChangedMeanwhile, NotAllowed, NotFound
from db.kernel.findings import Finding
from db.kernel.record import uuid7
from db.ledger.entries.queries import accounts_seen, draft_of_line, lines_of
from db.ledger.entries.rules import (
    ENTRY_LIFE,
    KIND,
    AlreadyReversed,
    BadEntry,
    EntryDraft,
    EntryPosted,
    EntryState,
    LineDraft,
    draft_findings,
    posting_findings,
    reversed_lines,
    tidy_entry,
)
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.open_items.actions import open_items_of
from db.ledger.open_items.tables import OpenItem
from db.ledger.periods.queries import period_of
from db.ledger.periods.rules import PeriodClosed, PeriodState
from db.parties.queries import parties_named_by
from db.records.search.actions import (
    Findable,
    add_search_entries,
    change_search_entries,
    remove_search_entries,
)
from db.records.search.queries import next_numbers
from db.records.search.rules import fold, search_lines
from db.records.timeline.actions import add_entry

RESERVED = "ledger.post_in_reserved"


@gate("ledger.edit")
def add_draft(session: Session, *, draft: EntryDraft, entry_id: UUID | None = None, by: Actor, at: datetime) -> UUID:
    """Keep an entry as a draft, balanced or not; return its id (the one given, so that a repetition is recognised).

    Raises: BadEntry. EntryPosted, NotAllowed: an entry with this id exists.
    """
    draft = tidy_entry(draft)
    accounts = accounts_seen(session, [line.account_id for line in draft.lines])
    _refuse([*draft_findings(draft, accounts), *_reference_findings(session, draft)])
    _check_is_new(session, entry_id)
    [number] = next_numbers(session, count=1)
    entry = JournalEntry(id=entry_id or uuid7(), entry_date=draft.entry_date, search_number=number)
    _fill(entry, draft)
    session.add(entry)
    session.flush()
    _write_lines(session, entry, draft.lines)
    add_search_entries(session, entries=[findable(session, entry)], by=by, at=at)
    return entry.id


@gate("ledger.edit")
def edit_draft(
    session: Session, *, entry_id: UUID, draft: EntryDraft, expected_version: int, by: Actor, at: datetime
) -> int:
    """Replace what a draft says; return the new version.

    Raises: NotFound, ChangedMeanwhile, EntryPosted, BadEntry.
    """
    entry = _locked(session, entry_id)
    if entry.row_version != expected_version:
        raise ChangedMeanwhile("Cette écriture a été modifiée entre-temps ; rechargez-la.")
    _check_is_draft(entry)
    draft = tidy_entry(draft)
    accounts = accounts_seen(session, [line.account_id for line in draft.lines])
    _refuse([*draft_findings(draft, accounts), *_reference_findings(session, draft)])
    _fill(entry, draft)
    entry.updated_at = at  # a line alone changes the version too
    _remove_lines(session, entry_id)
    _write_lines(session, entry, draft.lines)
    change_search_entries(session, entries=[findable(session, entry)], by=by, at=at)
    return entry.row_version


@gate("ledger.edit")
def remove_draft(session: Session, *, entry_id: UUID, by: Actor, at: datetime) -> None:
    """Remove a draft.

    Raises: NotFound, EntryPosted.
    """
    entry = _locked(session, entry_id)
    _check_is_draft(entry)
    _remove_lines(session, entry_id)
    remove_search_entries(session, numbers=[entry.search_number], by=by, at=at)
    session.delete(entry)
    session.flush()


@gate("ledger.post")
def post_entry(session: Session, *, entry_id: UUID, by: Actor, at: datetime) -> str:
    """Post a draft: number it, open and settle its items; return its number.

    Raises: NotFound, BadEntry, PeriodClosed, WrongStep: it is posted already.
    """
    entry = _locked(session, entry_id)
    state = ENTRY_LIFE.step(EntryState(entry.state), EntryState.POSTED)
    lines = lines_of(session, entry_id)
    draft = _draft_of(entry, lines)
    accounts = accounts_seen(session, [line.account_id for line in lines])
    _refuse(posting_findings(draft, accounts, by_hand=not entry.origin_kind))
    _check_period(session, on=entry.entry_date, by=by)

    numbered = next_number(session, kind=KIND, on=entry.entry_date)
    entry.number, entry.counted, entry.counted_year = numbered.text, numbered.count, numbered.year
    entry.total = sum((line.debit for line in lines), entry.total - entry.total)
    entry.state, entry.posted_at, entry.posted_by_id = state.value, at, by.user_id
    session.flush()
    open_items_of(session, entry_id=entry_id, by=by, at=at)
    change_search_entries(session, entries=[findable(session, entry)], by=by, at=at)
    message = "Comptabilisée sous {number}"
    params = {"number": entry.number}
    add_entry(session, kind=KIND, record_id=entry_id, icon="posted", message_id=message, params=params, by=by, at=at)
    publish(session, "ledger.entry_posted", at=at, subject=entry_id)
    return entry.number


@gate("ledger.post")
def post_new(
    session: Session, *, draft: EntryDraft, entry_id: UUID | None = None, by: Actor, at: datetime
) -> tuple[UUID, str]:
    """Write and post an entry at once; return its id and its number.

    With an id of its own the same entry is never posted twice, whatever is sent again.

    Raises: BadEntry, PeriodClosed. EntryPosted: that id is posted already.
    """
    draft = tidy_entry(draft)
    accounts = accounts_seen(session, [line.account_id for line in draft.lines])
    _refuse(posting_findings(draft, accounts, by_hand=not draft.origin_kind))
    made: UUID = add_draft(session, draft=draft, entry_id=entry_id, by=by, at=at)
    return made, post_entry(session, entry_id=made, by=by, at=at)


@gate("ledger.post")
def post_changed(
    session: Session, *, entry_id: UUID, draft: EntryDraft, expected_version: int, by: Actor, at: datetime
) -> str:
    """Replace what a draft says and post it, both or nothing; return its number.

    Raises: NotFound, ChangedMeanwhile, EntryPosted, BadEntry, PeriodClosed.
    """
    edit_draft(session, entry_id=entry_id, draft=draft, expected_version=expected_version, by=by, at=at)
    return post_entry(session, entry_id=entry_id, by=by, at=at)


@gate("ledger.post")
def reverse_entry(
    session: Session, *, entry_id: UUID, on: date, reason: str = "", by: Actor, at: datetime
) -> tuple[UUID, str]:
    """Cancel a posted entry by one that says the contrary; return the new one's id and number.

    Raises: NotFound, BadEntry: it is a draft. AlreadyReversed, PeriodClosed.
    """
    entry = _locked(session, entry_id)
    if entry.state != EntryState.POSTED.value:
        raise BadEntry([Finding("reason", "Un brouillon ne s’extourne pas : modifiez-le ou supprimez-le.")])
    earlier = session.scalars(select(JournalEntry).where(col(JournalEntry.reverses_id) == entry_id)).first()
    if earlier is not None:
        raise AlreadyReversed("Cette écriture est déjà extournée par {number}.", number=earlier.number)
    if on < entry.entry_date:
        raise BadEntry([Finding("on", "Une extourne ne peut pas précéder l’écriture.")])
    lines = [(line.id, draft_of_line(line)) for line in lines_of(session, entry_id)]
    seen = accounts_seen(session, [line.account_id for _, line in lines])
    collective = frozenset(one for one, account in seen.items() if account.collective)
    text = f"Extourne de {entry.number} : {reason or entry.text}"[:200]
    mirrored = EntryDraft(on, text, reversed_lines(lines, collective), entry.document, "reversal", entry_id)
    made: UUID = add_draft(session, draft=mirrored, by=by, at=at)
    session.get_one(JournalEntry, made).reverses_id = entry_id
    session.flush()
    number = post_entry(session, entry_id=made, by=by, at=at)
    said, params = "Extournée par {number}", {"number": number}
    add_entry(session, kind=KIND, record_id=entry_id, icon="reversed", message_id=said, params=params, by=by, at=at)
    return made, number


def _check_period(session: Session, *, on: date, by: Actor) -> None:
    """Refuse a day into which the actor cannot post.

    Raises: PeriodClosed.
    """
    period = period_of(session, on=on)
    if period is None:
        raise PeriodClosed("Aucun exercice ne contient le {day:%d.%m.%Y} : ouvrez-le dans les exercices.", day=on)
    if period.state is PeriodState.CLOSED:
        raise PeriodClosed("La période du {day:%d.%m.%Y} est close. Choisissez une date plus récente.", day=on)
    if period.state is PeriodState.RESERVED and not may(by, RESERVED):
        message = "La période du {day:%d.%m.%Y} est fermée. Choisissez une autre date, ou faites-la rouvrir."
        raise PeriodClosed(message, day=on)


def _locked(session: Session, entry_id: UUID) -> JournalEntry:
    entry = session.get(JournalEntry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None:
        raise NotFound("Cette écriture n’existe pas ou plus.")
    return entry


def _check_is_draft(entry: JournalEntry) -> None:
    if entry.state != EntryState.DRAFT.value:
        raise EntryPosted("L’écriture {number} est comptabilisée : elle s’extourne.", number=entry.number)


def _check_is_new(session: Session, entry_id: UUID | None) -> None:
    known = session.get(JournalEntry, entry_id) if entry_id else None
    if known is None:
        return
    if known.posted_at is not None:
        raise EntryPosted("Cette saisie est déjà comptabilisée sous {number}.", number=known.number)
    raise NotAllowed("Cette saisie est déjà gardée comme brouillon.")


def _refuse(found: Sequence[Finding]) -> None:
    if found:
        raise BadEntry(found)


def _reference_findings(session: Session, draft: EntryDraft) -> list[Finding]:
    return [*_party_findings(session, draft), *_settling_findings(session, draft)]


def _settling_findings(session: Session, draft: EntryDraft) -> list[Finding]:
    """Return what lines settle and cannot: an item settles with one of its own account and party only."""
    asked = [line.settles_id for line in draft.lines if line.settles_id]
    items = (
        {one.id: one for one in session.scalars(select(OpenItem).where(col(OpenItem.id).in_(asked)))} if asked else {}
    )
    settling = [line.party_id for line in draft.lines if line.settles_id]
    parties = {one: now.party_id for one, now in parties_named_by(session, identity_ids=settling).items()}
    return [
        Finding(f"lines.{place}.settles", "Choisissez un poste ouvert du même compte et de la même personne.")
        for place, line in enumerate(draft.lines)
        if line.settles_id and not _is_of(items.get(line.settles_id), line, parties)
    ]


def _is_of(item: OpenItem | None, line: LineDraft, parties: Mapping[UUID, UUID]) -> bool:
    party = parties.get(line.party_id) if line.party_id else None
    return item is not None and (item.account_id, item.party_id) == (line.account_id, party)


def _party_findings(session: Session, draft: EntryDraft) -> list[Finding]:
    known = parties_named_by(session, identity_ids=[line.party_id for line in draft.lines])
    return [
        Finding(f"lines.{place}.party", "Cette entreprise ou personne n’existe pas.")
        for place, line in enumerate(draft.lines)
        if line.party_id and line.party_id not in known
    ]


def _fill(entry: JournalEntry, draft: EntryDraft) -> None:
    entry.entry_date, entry.text, entry.document = draft.entry_date, draft.text, draft.document
    entry.origin_kind, entry.origin_id = draft.origin_kind, draft.origin_id
    entry.total = sum((line.debit for line in draft.lines), entry.total - entry.total)
    entry.text_order = fold(draft.text)


def _write_lines(session: Session, entry: JournalEntry, lines: Sequence[LineDraft]) -> None:
    for position, line in enumerate(lines):
        row = JournalLine(
            **vars(line),
            id=uuid7(),
            entry_id=entry.id,
            position=position,
            entry_date=entry.entry_date,
            search_number=entry.search_number,
        )
        session.add(row)
    session.flush()


def _remove_lines(session: Session, entry_id: UUID) -> None:
    for row in lines_of(session, entry_id):
        session.delete(row)
    session.flush()


def _draft_of(entry: JournalEntry, lines: Sequence[JournalLine]) -> EntryDraft:
    values = tuple(draft_of_line(line) for line in lines)
    return EntryDraft(entry.entry_date, entry.text, values, entry.document, entry.origin_kind, entry.origin_id)


def findable(session: Session, entry: JournalEntry) -> Findable:
    """Return how an entry is found: by its words and those of its lines, numbers, amounts, parties."""
    lines = lines_of(session, entry.id)
    names = parties_named_by(session, identity_ids=[line.party_id for line in lines if line.party_id][:50])
    texts = dict.fromkeys(line.text for line in lines[:50] if line.text and line.text != entry.text)
    amounts = dict.fromkeys(f"{line.debit + line.credit:.2f}" for line in lines[:50])
    documents = dict.fromkeys(line.document for line in lines[:200] if line.document)
    parties = dict.fromkeys(one.name for one in names.values())
    parts = [("text", entry.text), ("party", " ".join(parties)), ("lines", " ".join(texts))]
    given = [("number", entry.number), ("document", entry.document), ("documents", " ".join(documents))]
    named, folded = search_lines(parts, identifiers=[*given, *(("amount", one) for one in amounts)])
    shown = f"{entry.entry_date:%d.%m.%Y} · {entry.total:.2f}"
    title = f"{entry.number} {entry.text}".strip()[:120]
    return Findable(entry.search_number, KIND, entry.id, "ledger.read", title, shown, folded, named)
