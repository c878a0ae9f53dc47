"""Changing parties from their lists: one cell, a pasted block, many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput, NotFound
from db.parties.actions import change_party
from db.parties.tables import Party
from db.records.listing.changes import Change, Changed, check_fields_seen, each


@gate("parties.edit")
def change_parties(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Change fields of companies and persons; what cannot be changed is refused one by one.

    Raises: BusinessError: nothing could be changed.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    if change.verb != "edit":
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
    check_fields_seen(by, "party", [name for name in change.values if name != "custom"])
    party = session.get(Party, change.record_id)
    if party is None:
        raise NotFound("Cette entreprise ou personne n’existe pas.")
    version = party.row_version if change.expected_version is None else change.expected_version
    change_party(session, party_id=party.id, values=change.values, expected_version=version, by=by, at=at)
