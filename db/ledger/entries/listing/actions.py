"""Posting drafts from their list, many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.ledger.entries.actions import post_entry, remove_draft
from db.records.listing.changes import Change, Changed, each


@gate("ledger.post")
def change_entries(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Post drafts or remove them; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    if change.verb == "post":
        post_entry(session, entry_id=change.record_id, by=by, at=at)
    elif change.verb == "remove":
        remove_draft(session, entry_id=change.record_id, by=by, at=at)
    else:
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
