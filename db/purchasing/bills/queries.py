"""Questions about received bills."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.reach import within_reach
from db.access.rules import Actor, may, may_see_field, reaches_owner
from db.kernel.errors import NotFound
from db.parties.queries import party_names
from db.purchasing.bills.rules import OWN, READ, BillState
from db.purchasing.bills.tables import Bill, BillFile
from db.purchasing.qr_bills.rules import NotAQrBill, QrBill, read_payload


@dataclass(frozen=True)
class BillFacts:
    """What is known of one bill."""

    bill_id: UUID
    owner_id: UUID | None
    owner_name: str
    received_at: datetime
    state: BillState
    party_id: UUID | None
    party_name: str
    number: str
    bill_date: date | None
    due_date: date | None
    amount: Decimal | None
    currency: str
    iban: str
    reference: str
    note: str
    discard_reason: str
    row_version: int


@dataclass(frozen=True)
class BillPicture:
    """One file of a bill, and the pictures shown of it."""

    file_id: UUID
    name: str
    sha256: str
    media_type: str
    size_bytes: int
    pictures: Sequence[str]


def may_read_bill(by: Actor, owner_id: UUID | None) -> bool:
    """Test if somebody may read a bill: one that she handed in, or one within her reach."""
    is_own = owner_id is not None and by.user_id == owner_id and may(by, OWN)
    return is_own or (may(by, READ) and reaches_owner(by, READ, owner_id))


def find_bill(session: Session, bill_id: UUID, by: Actor, *, locked: bool = False) -> Bill:
    """Return a bill that somebody may read.

    Raises: NotFound.
    """
    row = session.get(Bill, bill_id, with_for_update=True if locked else None, populate_existing=locked)
    if row is None or not may_read_bill(by, row.owner_id):
        raise NotFound("Cette facture n’existe pas ou plus.")
    return row


@readable(OWN)
def bill_facts(session: Session, *, bill_id: UUID, by: Actor) -> BillFacts:
    """Return one bill.

    Raises: NotFound, also when the person may not know of it.
    """
    return facts_of(session, find_bill(session, bill_id, by), by)


@readable(OWN)
def own_bills(session: Session, *, by: Actor, most: int = 20) -> list[BillFacts]:
    """Return the bills that the person handed in, newest first."""
    wanted = select(Bill).where(col(Bill.owner_id) == by.user_id).order_by(col(Bill.received_at).desc()).limit(most)
    return [facts_of(session, row, by) for row in session.scalars(wanted)]


@readable(OWN)
def bill_files(session: Session, *, bill_id: UUID, by: Actor) -> list[BillPicture]:
    """Return the files of a bill, in their order.

    Raises: NotFound.
    """
    find_bill(session, bill_id, by)
    wanted = select(BillFile).where(col(BillFile.bill_id) == bill_id).order_by(col(BillFile.place))
    return [
        BillPicture(row.id, row.name, row.sha256, row.media_type, row.size_bytes, row.pictures)
        for row in session.scalars(wanted)
    ]


@readable(OWN)
def bill_file(session: Session, *, file_id: UUID, by: Actor) -> BillPicture:
    """Return one file to who may read its bill.

    Raises: NotFound.
    """
    row = session.get(BillFile, file_id)
    if row is None:
        raise NotFound("Ce fichier n’existe pas ou plus.")
    find_bill(session, row.bill_id, by)
    return BillPicture(row.id, row.name, row.sha256, row.media_type, row.size_bytes, row.pictures)


@readable(OWN)
def suggestion_of(session: Session, *, bill_id: UUID, by: Actor) -> QrBill | None:
    """Return what the QR code on a bill says; None when there is none. A person confirms it.

    Raises: NotFound.
    """
    row = find_bill(session, bill_id, by)
    try:
        return read_payload(row.payload) if row.payload and may_see_field(by, "bill", "payload") else None
    except NotAQrBill:
        return None


@readable(READ)
def likely_duplicates(session: Session, *, bill_id: UUID, by: Actor) -> list[BillFacts]:
    """Return other bills of the same supplier with the same number and amount, within reach.

    Raises: NotFound.
    """
    row = find_bill(session, bill_id, by)
    return [facts_of(session, one, by) for one in same_bills(session, row, within_reach(by, READ, col(Bill.owner_id)))]


def same_bills(session: Session, row: Bill, conditions: Sequence[Any] = ()) -> list[Bill]:
    """Return other bills that are not discarded, of the same supplier with the same number and amount."""
    if row.party_id is None or not row.number or row.amount is None:
        return []
    alike = (col(Bill.party_id) == row.party_id, col(Bill.number) == row.number, col(Bill.amount) == row.amount)
    living = col(Bill.state) != BillState.DISCARDED.value
    return list(session.scalars(select(Bill).where(*alike, living, col(Bill.id) != row.id, *conditions)))


@readable(READ)
def bills_of_party(session: Session, *, party_id: UUID, by: Actor, most: int = 50) -> list[BillFacts]:
    """Return the bills of a supplier within reach, newest first."""
    wanted = select(Bill).where(col(Bill.party_id) == party_id, *within_reach(by, READ, col(Bill.owner_id)))
    newest = wanted.order_by(col(Bill.received_at).desc()).limit(most)
    return [facts_of(session, row, by) for row in session.scalars(newest)]


def facts_of(session: Session, row: Bill, by: Actor) -> BillFacts:
    """Return what somebody may know of a bill."""
    made = ("bill_id", "owner_name", "party_name", "state")
    names = [one.name for one in fields(BillFacts) if one.name not in made]
    same = {name: getattr(row, name) if may_see_field(by, "bill", name) else _untold(row, name) for name in names}
    party = party_names(session, party_ids=[row.party_id]).get(row.party_id) if row.party_id else None
    owner = user_names(session).get(row.owner_id, "") if row.owner_id else ""
    supplier = party.name if party else ""
    return BillFacts(row.id, owner_name=owner, party_name=supplier, state=BillState(row.state), **same)


def _untold(row: Bill, name: str) -> Any:
    return "" if isinstance(getattr(row, name), str) else None
