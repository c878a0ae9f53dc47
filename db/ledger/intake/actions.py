"""Opening balances and open items out of files: each into one draft entry, that a person looks at and posts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.documents.imports import actions as batches
from db.documents.imports.deeds import JOB, ImportDeeds
from db.documents.imports.rules import Counts, FoundProblem, UndoStand
from db.documents.imports.tables import ImportBatch
from db.kernel.errors import BadInput, NotAllowed
from db.ledger.accounts.actions import create_chart
from db.ledger.accounts.rules import Collective
from db.ledger.entries.actions import add_draft, edit_draft, remove_draft
from db.ledger.entries.queries import drafts_of, lines_of
from db.ledger.entries.rules import KIND, EntryDraft, EntryState, LineDraft, difference
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.intake.queries import account_ids, collective_account, opening_day, opening_entry, party_ids
from db.ledger.intake.rules import BALANCES, ITEMS, SUSPENSE, UNKNOWN_ACCOUNT, BalanceRow, ItemRow, sums
from db.ledger.periods.actions import ensure_calendar_year
from db.records.intake.rules import Left, Undone
from db.records.search.rules import fold
from db.records.timeline.actions import add_entry

TEXTS = {BALANCES: "Soldes d’ouverture", ITEMS: "Postes ouverts à l’ouverture"}
ZERO = Decimal("0.00")
POSTED = "Comptabilisée : l’extourner depuis sa page."
WITHIN_ANOTHER = "Ses lignes sont dans l’écriture d’ouverture d’un autre import : les retirer là."


@gate("ledger.import")
def begin_ledger_import(
    session: Session, *, import_id: UUID, fields: Sequence[Any], with_job: bool, by: Actor, at: datetime
) -> UUID | None:
    """Begin the import; a company without books gets its chart and the calendar year. Return its job."""
    create_chart(session, by=by, at=at)
    ensure_calendar_year(session, on=at.date(), by=by, at=at)
    return batches.begin(session, import_id=import_id, job_kind=JOB if with_job else None, by=by, at=at).job_id


@gate("ledger.import")
def write_balance_rows(
    session: Session,
    *,
    import_id: UUID,
    cursor: int,
    rows: Sequence[BalanceRow],
    key_field: str,
    problems: Sequence[FoundProblem],
    refused: int,
    by: Actor,
    at: datetime,
) -> None:
    """Write the balances into the draft of the opening.

    Raises: BadInput: an account does not exist, or the opening is posted and says something else.
    """
    accounts = account_ids(session, [row.number for row in rows])
    wanted: dict[Any, LineDraft] = {}
    for row in rows:
        if row.number not in accounts:
            raise BadInput(UNKNOWN_ACCOUNT, number=row.number)
        wanted[accounts[row.number]] = _line(accounts[row.number], row.amount, TEXTS[BALANCES])
    counts = _merge(session, BALANCES, wanted, lambda line: line.account_id, import_id, refused, by=by, at=at)
    batches.advance(session, import_id=import_id, counts=counts, problems=problems, cursor=cursor, by=by)
    _note_protocol(session, BALANCES, counts, by=by, at=at)


@gate("ledger.import")
def write_item_rows(
    session: Session,
    *,
    import_id: UUID,
    cursor: int,
    rows: Sequence[ItemRow],
    key_field: str,
    problems: Sequence[FoundProblem],
    refused: int,
    by: Actor,
    at: datetime,
) -> None:
    """Write open items into their draft; a line without a party per collective account keeps its balance as it is.

    Raises: BadInput: a party is not known, or the items are posted and say something else.
    """
    parties = party_ids(session, rows)
    wanted: dict[Any, LineDraft] = {}
    for row in rows:
        meant, account_id = parties[row.line], collective_account(session, row.side)
        if meant.problem or account_id is None:
            raise BadInput(meant.problem or "Aucun compte du plan ne tient ces postes ouverts.")
        wanted[account_id, meant.party_id, fold(row.document)] = _item_line(row, account_id, meant.party_id)
    counts = _merge(session, ITEMS, wanted, _item_place, import_id, refused, by=by, at=at)
    batches.advance(session, import_id=import_id, counts=counts, problems=problems, cursor=cursor, by=by)
    _note_protocol(session, ITEMS, counts, by=by, at=at)


def _item_place(line: LineDraft) -> Any:
    return (line.account_id, line.party_id, fold(line.document)) if line.party_id else None


def _item_line(row: ItemRow, account_id: UUID, party_id: UUID) -> LineDraft:
    said = f"{row.document} du {row.item_date:%d.%m.%Y}" if row.item_date else row.document
    return _line(account_id, row.debit, said, party_id, row.document, row.due_date or row.item_date)


def _line(
    account_id: UUID,
    amount: Decimal,
    text: str,
    party_id: UUID | None = None,
    document: str = "",
    due_date: date | None = None,
) -> LineDraft:
    return LineDraft(account_id, max(amount, ZERO), max(-amount, ZERO), text, party_id, document, due_date)


def _merge(
    session: Session,
    kind: str,
    wanted: dict[Any, LineDraft],
    place: Any,
    import_id: UUID,
    refused: int,
    *,
    by: Actor,
    at: datetime,
) -> Counts:
    """Put lines among those of the opening: the same ones change nothing, so that a file twice is as once."""
    entry = opening_entry(session, kind)
    before = drafts_of(session, entry.id) if entry else []
    known = {place(line): line for line in before if place(line) is not None}
    changed = {key: line for key, line in wanted.items() if known.get(key) != line}
    found = sum(1 for key in wanted if key in known)
    counts = Counts(len(wanted) - found, found, found - sum(1 for key in changed if key in known), refused)
    if not changed:
        return counts
    if entry is not None and entry.state == EntryState.POSTED.value:
        raise BadInput("L’ouverture est comptabilisée sous {number} : l’extourner d’abord.", number=entry.number)
    lines = [line for line in {**known, **wanted}.values() if line.debit or line.credit]
    if kind == ITEMS:
        lines += _rests(lines)
    _keep(session, entry, kind, tuple(lines), import_id, by=by, at=at)
    return counts


def _rests(lines: Sequence[LineDraft]) -> list[LineDraft]:
    """Return the lines that leave the balance of each collective account as it is."""
    accounts = dict.fromkeys(line.account_id for line in lines if line.account_id)
    gaps = {one: difference([line for line in lines if line.account_id == one]) for one in accounts}
    return [_line(one, -gap, "Détail des postes ouverts") for one, gap in gaps.items() if gap]


def _keep(
    session: Session,
    entry: JournalEntry | None,
    kind: str,
    lines: tuple[LineDraft, ...],
    import_id: UUID,
    *,
    by: Actor,
    at: datetime,
) -> None:
    on = opening_day(session) or at.date()
    if entry is None:
        add_draft(session, draft=EntryDraft(on, TEXTS[kind], lines, "", kind, import_id), by=by, at=at)
        return
    draft = EntryDraft(entry.entry_date, entry.text, lines, entry.document, kind, entry.origin_id)
    edit_draft(session, entry_id=entry.id, draft=draft, expected_version=entry.row_version, by=by, at=at)


def _note_protocol(session: Session, kind: str, counts: Counts, *, by: Actor, at: datetime) -> None:
    """Tell on the entry what came in: counts, sums, differences; kept with the books."""
    entry = opening_entry(session, kind)
    if entry is None or not counts.rows:
        return
    lines = lines_of(session, entry.id)
    debit, credit = sums([line.debit - line.credit for line in lines if kind == BALANCES or line.party_id])
    params: dict[str, Any] = {"created": counts.created, "known": counts.updated, "refused": counts.refused}
    said = "Import : {created} lignes nouvelles, {known} connues, {refused} refusées ; débit {debit}, crédit {credit}, "
    said += "écart {gap}"
    gap = debit - credit if kind == BALANCES else _gap_to_accounts(session, lines)
    params |= {"debit": f"{debit:.2f}", "credit": f"{credit:.2f}", "gap": f"{gap:.2f}"}
    add_entry(session, kind=KIND, record_id=entry.id, icon="imported", message_id=said, params=params, by=by, at=at)


def _gap_to_accounts(session: Session, items: Sequence[JournalLine]) -> Decimal:
    """Return by how much open items differ from the balances of their collective accounts in the opening."""
    opening = opening_entry(session, BALANCES)
    balances = lines_of(session, opening.id) if opening else []
    collective = {collective_account(session, side.value) for side in Collective if side}
    items_sum = sum((one.debit - one.credit for one in items if one.party_id), ZERO)
    return items_sum - sum((one.debit - one.credit for one in balances if one.account_id in collective), ZERO)


@gate("ledger.edit")
def put_difference_aside(session: Session, *, entry_id: UUID, by: Actor, at: datetime) -> Decimal:
    """Put what a draft of the opening lacks to the suspense account, because a person chose so; return the amount.

    Raises: NotAllowed: it is balanced, or no draft of the opening. BadInput: there is no suspense account.
    """
    entry = session.get(JournalEntry, entry_id)
    lines = drafts_of(session, entry_id)
    gap = difference(lines)
    if entry is None or entry.origin_kind != BALANCES or entry.state != EntryState.DRAFT.value or not gap:
        raise NotAllowed("Il n’y a pas d’écart à porter au compte d’attente.")
    account_id = account_ids(session, [SUSPENSE]).get(SUSPENSE)
    if account_id is None:
        raise BadInput(UNKNOWN_ACCOUNT, number=SUSPENSE)
    lines = [*(one for one in lines if one.account_id != account_id), *_joined(lines, account_id, gap)]
    _keep(session, entry, BALANCES, tuple(lines), entry_id, by=by, at=at)
    params = {"amount": f"{gap:.2f}", "number": SUSPENSE}
    said = "Écart de {amount} porté au compte {number}"
    add_entry(session, kind=KIND, record_id=entry_id, icon="changed", message_id=said, params=params, by=by, at=at)
    return gap


def _joined(lines: Sequence[LineDraft], account_id: UUID, gap: Decimal) -> list[LineDraft]:
    earlier = difference([one for one in lines if one.account_id == account_id])
    return [_line(account_id, earlier - gap, "Écart d’ouverture à éclaircir")] if earlier != gap else []


@gate("ledger.undo_import")
def ask_for_ledger_undo(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask the worker to undo an import; return the job."""
    job_id: UUID = batches.ask_for_undo(session, import_id=import_id, by=by, at=at)
    return job_id


@gate("ledger.undo_import")
def undo_ledger_import(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UndoStand:
    """Remove the drafts that an import made; what is posted stays, and the sentence proposes its reversal."""
    batches.check_undoable(session, import_id=import_id, by=by, at=at)
    wanted = select(JournalEntry).where(
        col(JournalEntry.origin_id) == import_id, col(JournalEntry.origin_kind).in_((BALANCES, ITEMS))
    )
    removed, left = 0, []
    for entry in session.scalars(wanted).all():
        if entry.state == EntryState.POSTED.value:
            left.append(Left(entry.id, f"{entry.number} {entry.text}", POSTED, table="journal_entry"))
            continue
        removed += len(lines_of(session, entry.id))
        remove_draft(session, entry_id=entry.id, by=by, at=at)
    if not removed and not left:
        left = _within_another(session, import_id)
    done = Undone(removed, 0, left, removed + len(left))
    return batches.note_part_undone(session, import_id=import_id, done=done, by=by, at=at)


def _within_another(session: Session, import_id: UUID) -> list[Left]:
    """Return the opening in which the lines of an import are that found one begun by an earlier import."""
    batch = session.get_one(ImportBatch, import_id)
    entry = opening_entry(session, batch.kind) if batch.created_rows else None
    if entry is None:
        return []
    return [Left(entry.id, f"{entry.number or ''} {entry.text}".strip(), WITHIN_ANOTHER, table="journal_entry")]


BALANCE_IMPORT = ImportDeeds(begin_ledger_import, write_balance_rows, ask_for_ledger_undo, undo_ledger_import)
ITEM_IMPORT = replace(BALANCE_IMPORT, write=write_item_rows)
