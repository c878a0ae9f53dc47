"""Changing hours from their list: one cell, a pasted block, many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput, NotFound
from db.people.hours.actions import edit_span, remove_span
from db.people.hours.rules import MANAGE
from db.people.hours.tables import WorkSpan
from db.records.listing.changes import Change, Changed, check_fields_seen, check_reach, each


@gate(MANAGE)
def change_spans(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Edit or remove hours (`reason` among the values); what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    values = dict(change.values)
    check_fields_seen(by, "work_span", list(values))
    found = session.get(WorkSpan, change.record_id)
    if found is None:
        raise NotFound("Ces heures n’existent pas ou plus.")
    check_reach(by, MANAGE, found.owner_id)
    reason = str(values.pop("reason", ""))
    if change.verb == "edit":
        version = found.row_version if change.expected_version is None else change.expected_version
        edit_span(session, span_id=found.id, values=values, reason=reason, expected_version=version, by=by, at=at)
    elif change.verb == "remove":
        remove_span(session, span_id=found.id, reason=reason, by=by, at=at)
    else:
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
