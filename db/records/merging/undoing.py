"""What an undone merge brings back besides the tracked rows: the address, the story, followers, messages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.gate import current_deed
from db.access.rules import Actor
from db.records.merging.actions import lead_away, merge_called
from db.records.merging.moving import move_back, tell_renamed
from db.records.merging.queries import identities_of, winner_of
from db.records.merging.rules import NAMED
from db.records.merging.tables import MergedRecord
from db.records.undo.queries import root_deed
from db.records.undo.rules import LEAVING, RETURNED, CannotUndo


def _merge_of(session: Session, record: Any) -> MergedRecord | None:
    """Return the merge that is being undone or redone, if it is this record's."""
    merged = merge_called(session, root_deed(session, current_deed(session)).id)
    return merged if merged is not None and merged.loser_id == record.id else None


def _pair(merged: MergedRecord) -> tuple[str, UUID, UUID]:
    return merged.kind, merged.loser_id, merged.winner_id


def _returned(session: Session, record: Any, *, by: Actor, at: datetime) -> None:
    """Let a record stand on its own again.

    Raises: CannotUndo: the record that was kept went into yet another one since.
    """
    merged = _merge_of(session, record)
    if merged is None:
        return
    if winner_of(session, kind=merged.kind, record_id=merged.winner_id) is not None:
        raise CannotUndo("La fiche gardée a été fusionnée depuis avec une autre : annulez d’abord cette fusion-là.")
    move_back(session, _pair(merged), deed_id=merged.deed_id)
    merged.undone = True
    session.flush()
    for one in (known for known in NAMED if known.kind == merged.kind):
        one.check_parting(session, merged.loser_id, merged.winner_id)
    tell_renamed(session, merged.kind, _named(session, merged), by=by, at=at)


def _named(session: Session, merged: MergedRecord) -> list[UUID]:
    return identities_of(session, kind=merged.kind, record_id=merged.loser_id)


def _leaving(session: Session, record: Any, *, by: Actor, at: datetime) -> None:
    merged = _merge_of(session, record)
    if merged is not None:
        named = _named(session, merged)
        lead_away(session, _pair(merged), name=merged.name, deed_id=merged.deed_id, at=at)
        tell_renamed(session, merged.kind, named, by=by, at=at)


RETURNED.append(_returned)
LEAVING.append(_leaving)
