"""Taking bills in, entering what they say, discarding them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.calendars.rules import SWISS_TIME
from db.access.gate import gate
from db.access.rules import Actor
from db.jobs.actions import publish
from db.kernel.errors import BadInput, ChangedMeanwhile
from db.kernel.findings import Finding
from db.parties.queries import party_names
from db.purchasing.bills.queries import find_bill, same_bills
from db.purchasing.bills.rules import (
    BILL_LIFE,
    DRAFT_FIELDS,
    EDIT,
    KIND,
    MOST_FILES,
    PHOTOGRAPH,
    READ,
    AlreadyReceived,
    BadBill,
    BillDraft,
    BillEntered,
    BillState,
    FileDraft,
    check_bill,
    check_complete,
    check_files,
    title_of,
)
from db.purchasing.bills.tables import Bill, BillFile
from db.purchasing.qr_bills.rules import NotAQrBill, read_payload
from db.records.listing.changes import check_fields_seen, check_reach
from db.records.search.actions import Findable, add_search_entries, change_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import search_lines
from db.records.timeline.actions import add_entry, tell_also_on


@gate(PHOTOGRAPH)
def receive_bill(
    session: Session,
    *,
    files: tuple[FileDraft, ...],
    note: str = "",
    party_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> UUID:
    """Take a bill in; return its id. Each file is kept once.

    Raises: AlreadyReceived: one of the files is on a bill. BadBill, BadInput.
    """
    check_files(files)
    _check_new(session, files)
    draft = check_bill(BillDraft(note=note, party_id=party_id))
    _check_party(session, draft)
    [number] = next_numbers(session, count=1)
    payload = next((file.payload for file in files if file.payload), "")
    row = Bill(owner_id=by.user_id, received_at=at, search_number=number)
    row.party_id, row.note, row.payload = party_id, draft.note, payload
    session.add(row)
    session.flush()
    _keep_files(session, row, files, first=1, by=by)
    add_search_entries(session, entries=[findable(session, row)], by=by, at=at)
    add_entry(session, kind=KIND, record_id=row.id, icon="received", message_id="Facture reçue", by=by, at=at)
    publish(session, "purchasing.bill_received", at=at, subject=row.id)
    return row.id


@gate(PHOTOGRAPH)
def add_page(session: Session, *, bill_id: UUID, files: tuple[FileDraft, ...], by: Actor, at: datetime) -> None:
    """Put further files on a bill that is still to be entered.

    Raises: NotFound, BillEntered, AlreadyReceived, BadInput.
    """
    check_files(files)
    row = find_bill(session, bill_id, by, locked=True)
    _check_open(row)
    _check_new(session, files)
    known = list(session.scalars(select(col(BillFile.place)).where(col(BillFile.bill_id) == bill_id)))
    if len(known) + len(files) > MOST_FILES:
        raise BadInput("Une facture compte de 1 à {most} fichiers.", most=MOST_FILES)
    _keep_files(session, row, files, first=max(known, default=0) + 1, by=by)
    row.payload = row.payload or next((file.payload for file in files if file.payload), "")
    session.flush()
    add_entry(session, kind=KIND, record_id=row.id, icon="file", message_id="Page ajoutée", by=by, at=at)


@gate(EDIT)
def edit_bill(
    session: Session, *, bill_id: UUID, values: Mapping[str, Any], expected_version: int, by: Actor, at: datetime
) -> int:
    """Write down what a bill says (names of `BillDraft`); return the new version.

    Raises: NotFound, ChangedMeanwhile, BillEntered, BadBill.
    """
    check_fields_seen(by, "bill", list(values))
    row = _locked(session, bill_id, by)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Cette facture a été modifiée entre-temps ; vos valeurs n’ont pas été enregistrées.")
    _check_open(row)
    unknown = set(values) - set(DRAFT_FIELDS)
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown)))
    return _write(session, row, values, by=by, at=at)


@gate(EDIT)
def take_suggestion(session: Session, *, bill_id: UUID, by: Actor, at: datetime) -> int:
    """Take over what the QR code says, where nothing is written yet; return the new version.

    Raises: NotFound, BillEntered, NotAQrBill.
    """
    row = _locked(session, bill_id, by)
    _check_open(row)
    if not row.payload:
        raise NotAQrBill("Aucun code QR n’a été lu sur cette facture.")
    said = read_payload(row.payload)
    given = {"iban": said.iban, "amount": said.amount or None, "currency": said.currency, "reference": said.reference}
    empty = {name for name in ("iban", "amount", "reference") if not getattr(row, name)}
    values = {name: value for name, value in given.items() if value and (name in empty or name == "currency")}
    check_fields_seen(by, "bill", list(values))
    return _write(session, row, values, by=by, at=at)


@gate(EDIT)
def enter_bill(session: Session, *, bill_id: UUID, despite: str = "", by: Actor, at: datetime) -> None:
    """Say that a bill is entered. One that looks like another needs a reason (`despite`).

    Raises: NotFound, WrongStep, BadBill: something is missing, or it looks like another.
    """
    row = _locked(session, bill_id, by)
    state = BILL_LIFE.step(BillState(row.state), BillState.ENTERED)
    check_complete(_draft(row))
    if same_bills(session, row) and not despite.strip():
        raise BadBill([Finding("reason", "Une facture de ce fournisseur porte déjà ce numéro et ce montant.")])
    row.state = state.value
    told = "Facture saisie malgré le doublon : {reason}" if despite.strip() else "Facture saisie"
    params = {"reason": despite.strip()} if despite.strip() else {}
    add_entry(session, kind=KIND, record_id=row.id, icon="won", message_id=told, params=params, by=by, at=at)
    publish(session, "purchasing.bill_entered", at=at, subject=row.id)


@gate(EDIT)
def discard_bill(session: Session, *, bill_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Put aside what is no bill, or was there already; the file stays.

    Raises: NotFound, WrongStep, BadBill: without a reason.
    """
    row = _locked(session, bill_id, by)
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise BadBill([Finding("reason", "Dites en quelques mots pourquoi la facture est écartée.")])
    row.state, row.discard_reason = BILL_LIFE.step(BillState(row.state), BillState.DISCARDED).value, reason
    told, params = "Facture écartée : {reason}", {"reason": reason}
    add_entry(session, kind=KIND, record_id=row.id, icon="lost", message_id=told, params=params, by=by, at=at)


@gate(EDIT)
def take_bill_back(session: Session, *, bill_id: UUID, by: Actor, at: datetime) -> None:
    """Let a bill be entered again.

    Raises: NotFound, WrongStep.
    """
    row = _locked(session, bill_id, by)
    row.state = BILL_LIFE.step(BillState(row.state), BillState.TO_ENTER).value
    row.discard_reason = ""
    add_entry(session, kind=KIND, record_id=row.id, icon="reopened", message_id="Facture reprise", by=by, at=at)


def derive(row: Bill) -> None:
    """Set what a bill is ordered by."""
    row.amount_order = -1 if row.amount is None else int(row.amount * 100)
    due = row.due_date or row.bill_date
    row.due_order = due.isoformat() if due else "9999-12-31"


def findable(session: Session, row: Bill) -> Findable:
    """Return what a bill is found by: supplier, number, amount, IBAN, reference, note."""
    party = party_names(session, party_ids=[row.party_id]).get(row.party_id) if row.party_id else None
    name = party.name if party else ""
    title = title_of(name, row.number, f"{row.received_at.astimezone(SWISS_TIME):%d.%m.%Y}")
    amount = None if row.amount is None else f"{row.amount:.2f}"
    parts = [("number", row.number), ("party_id", name), ("note", row.note)]
    identifiers = [
        ("number", row.number or None),
        ("amount", amount),
        ("iban", row.iban or None),
        ("reference", row.reference or None),
    ]
    named, folded = search_lines(parts, identifiers=identifiers)
    return Findable(row.search_number, KIND, row.id, READ, title[:120], amount or "", folded, named)


def _write(session: Session, row: Bill, values: Mapping[str, Any], *, by: Actor, at: datetime) -> int:
    before = row.party_id
    draft = check_bill(BillDraft(**{**vars(_draft(row)), **values}))
    if draft.party_id != before:
        _check_party(session, draft)
    for name in DRAFT_FIELDS:
        setattr(row, name, getattr(draft, name))
    derive(row)
    session.flush()
    change_search_entries(session, entries=[findable(session, row)], by=by, at=at)
    if draft.party_id and draft.party_id != before:
        tell_also_on(session, source=(KIND, row.id), target=("party", draft.party_id), by=by, at=at)
    return row.row_version


def _draft(row: Bill) -> BillDraft:
    return BillDraft(**{name: getattr(row, name) for name in DRAFT_FIELDS})


def _locked(session: Session, bill_id: UUID, by: Actor) -> Bill:
    row = find_bill(session, bill_id, by, locked=True)
    check_reach(by, EDIT, row.owner_id)
    return row


def _check_open(row: Bill) -> None:
    if row.state != BillState.TO_ENTER.value:
        raise BillEntered("Cette facture n’est plus à saisir ; reprenez-la pour la modifier.")


def _check_new(session: Session, files: tuple[FileDraft, ...]) -> None:
    seen: dict[str, UUID] = {}
    wanted = select(BillFile).where(col(BillFile.sha256).in_([file.sha256 for file in files]))
    for known in session.scalars(wanted):
        seen[known.sha256] = known.bill_id
    for file in files:
        if file.sha256 in seen:
            raise AlreadyReceived(file.name, seen[file.sha256])
    if len({file.sha256 for file in files}) < len(files):
        raise BadInput("Le même fichier est choisi deux fois.")


def _keep_files(session: Session, row: Bill, files: tuple[FileDraft, ...], *, first: int, by: Actor) -> None:
    for place, file in enumerate(files, first):
        session.add(
            BillFile(
                bill_id=row.id,
                place=place,
                name=file.name[:200],
                sha256=file.sha256,
                size_bytes=file.size_bytes,
                media_type=file.media_type,
                pictures=list(file.pictures),
                by_id=by.user_id,
                by_name=by.name,
            )
        )
    session.flush()


def _check_party(session: Session, draft: BillDraft) -> None:
    if draft.party_id and draft.party_id not in party_names(session, party_ids=[draft.party_id]):
        raise BadBill([Finding("party_id", "Ce fournisseur n’est pas dans le carnet d’adresses.")])
