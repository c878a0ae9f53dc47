"""Changing items from their list: one cell, a pasted block, many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.catalog.items.actions import change_item
from db.catalog.items.rules import ItemState
from db.catalog.items.tables import Item
from db.kernel.errors import BadInput, NotFound
from db.records.listing.changes import Change, Changed, each

STATES = {"archive": ItemState.ARCHIVED.value, "activate": ItemState.ACTIVE.value}


@gate("catalog.edit")
def change_items(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Edit, archive or reactivate items; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    found = session.get(Item, change.record_id)
    if found is None:
        raise NotFound("Cet article n’existe pas ou plus.")
    if change.verb != "edit" and change.verb not in STATES:
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
    values = change.values if change.verb == "edit" else {"state": STATES[change.verb]}
    version = found.row_version if change.expected_version is None else change.expected_version
    change_item(session, item_id=found.id, values=values, expected_version=version, by=by, at=at)
