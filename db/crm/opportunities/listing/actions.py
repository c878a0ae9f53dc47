"""Changing opportunities from their list: one cell, a pasted block, many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.crm.opportunities.actions import edit_opportunity, lose_opportunity, reopen_opportunity, win_opportunity
from db.crm.opportunities.tables import Opportunity
from db.kernel.errors import BadInput, NotFound
from db.records.listing.changes import Change, Changed, check_fields_seen, check_reach, each

EDIT = "crm.edit_leads"


@gate(EDIT)
def change_opportunities(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Edit, win, lose or reopen opportunities; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    check_fields_seen(by, "opportunity", [name for name in change.values if name != "custom"])
    found = session.get(Opportunity, change.record_id)
    if found is None:
        raise NotFound("Cette affaire n’existe pas ou plus.")
    check_reach(by, EDIT, found.owner_id)
    reason = str(change.values.get("closing_reason", ""))
    if change.verb == "edit":
        version = found.row_version if change.expected_version is None else change.expected_version
        edit_opportunity(session, opportunity_id=found.id, values=change.values, expected_version=version, by=by, at=at)
    elif change.verb == "win":
        win_opportunity(session, opportunity_id=found.id, reason=reason, by=by, at=at)
    elif change.verb == "lose":
        lose_opportunity(session, opportunity_id=found.id, reason=reason, by=by, at=at)
    elif change.verb == "reopen":
        reopen_opportunity(session, opportunity_id=found.id, by=by, at=at)
    else:
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
