"""Changing leads from their list: one cell, a pasted block, many at once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.crm.leads.actions import assign_leads, edit_lead, lose_leads
from db.crm.leads.loading import locked_lead
from db.kernel.errors import BadInput
from db.records.listing.changes import Change, Changed, check_fields_seen, check_reach, each

EDIT = "crm.edit_leads"


@gate(EDIT)
def change_leads(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Edit, assign or lose leads; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    verb = _VERBS.get(change.verb)
    if verb is None:
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
    check_fields_seen(by, "lead", [name for name in change.values if name != "custom"])
    lead = locked_lead(session, change.record_id, by=by)
    check_reach(by, EDIT, lead.owner_id)
    version = lead.row_version if change.expected_version is None else change.expected_version
    verb(session, change, version, by, at)


def _edit(session: Session, change: Change, version: int, by: Actor, at: datetime) -> None:
    edit_lead(session, lead_id=change.record_id, values=change.values, expected_version=version, by=by, at=at)


def _assign(session: Session, change: Change, version: int, by: Actor, at: datetime) -> None:
    assign_leads(session, lead_ids=[change.record_id], owner_id=change.values["owner_id"], by=by, at=at)


def _lose(session: Session, change: Change, version: int, by: Actor, at: datetime) -> None:
    lose_leads(session, lead_ids=[change.record_id], reason=str(change.values["lost_reason"]), by=by, at=at)


_VERBS: dict[str, Callable[[Session, Change, int, Actor, datetime], Any]] = {
    "edit": _edit,
    "assign": _assign,
    "lose": _lose,
}
