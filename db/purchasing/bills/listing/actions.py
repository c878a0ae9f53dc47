"""Changing bills from their list: one cell, a pasted block, many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput, NotFound
from db.purchasing.bills.actions import discard_bill, edit_bill, enter_bill, take_bill_back
from db.purchasing.bills.rules import EDIT
from db.purchasing.bills.tables import Bill
from db.records.listing.changes import Change, Changed, each


@gate(EDIT)
def change_bills(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Edit, enter, discard or take back bills; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    found = session.get(Bill, change.record_id)
    if found is None:
        raise NotFound("Cette facture n’existe pas ou plus.")
    reason = str(change.values.get("discard_reason", ""))
    if change.verb == "edit":
        version = found.row_version if change.expected_version is None else change.expected_version
        edit_bill(session, bill_id=found.id, values=change.values, expected_version=version, by=by, at=at)
    elif change.verb == "enter":
        enter_bill(session, bill_id=found.id, by=by, at=at)
    elif change.verb == "discard":
        discard_bill(session, bill_id=found.id, reason=reason, by=by, at=at)
    elif change.verb == "take_back":
        take_bill_back(session, bill_id=found.id, by=by, at=at)
    else:
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
