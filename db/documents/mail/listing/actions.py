"""Changing e-mails from their list: read, unread."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.documents.mail.actions import mark_read
from db.documents.mail.rules import SEND
from db.kernel.errors import BadInput
from db.records.listing.changes import Change, Changed, each


@gate(SEND)
def change_mails(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Mark e-mails as read or unread; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    if change.verb not in ("read", "unread"):
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
    mark_read(session, mail_id=change.record_id, is_read=change.verb == "read", by=by, at=at)
