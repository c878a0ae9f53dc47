"""Two records become one: one deed, which keeps everything that hung on either and can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import current_deed, gate
from db.access.rules import Actor, may_see_field
from db.kernel.errors import ChangedMeanwhile, NotFound
from db.records.kinds.rules import kind_called
from db.records.merging.moving import move_tracked, move_untracked, tell_renamed
from db.records.merging.queries import identities_of, reached_record
from db.records.merging.references import references_to
from db.records.merging.rules import CUSTOM, CannotMerge, Merger, chosen, merger_of
from db.records.merging.tables import MergedRecord
from db.records.timeline.actions import add_entry
from db.records.undo.rules import UNDOERS


@dataclass(frozen=True)
class Merge:
    """Which record is kept, which goes, the fields taken from the one that goes, and the versions that were seen."""

    kind: str
    kept_id: UUID
    gone_id: UUID
    taken: frozenset[str] = frozenset()
    kept_version: int | None = None  # None: whatever it is now
    gone_version: int | None = None


@gate("records.merge")
def merge_records(session: Session, *, merge: Merge, by: Actor, at: datetime) -> UUID:
    """Make one record of two; return the one that is kept.

    Everything that points to the other follows: its address, its story, its notes, files and followers too.

    Raises: NotFound, ChangedMeanwhile, CannotMerge, BadFields: the chosen values break the area's rules.
    """
    merger = merger_of(merge.kind)
    if merge.kept_id == merge.gone_id:
        raise CannotMerge("Choisissez deux fiches différentes.")
    named = _locked_identities(session, merge)
    kept, gone = _locked(session, merge, by)
    merger.check(session, kept, gone)
    values = _values(merger, kept, gone, merge.taken, by)
    if merger.validate is not None:
        merger.validate(kept, values)

    name, pair = gone.name, (merge.kind, merge.gone_id, merge.kept_id)
    _fill(session, kept, values)
    move_tracked(session, pair)
    _forget(session, merge, gone, by=by, at=at)
    lead_away(session, pair, name=name, deed_id=current_deed(session).id, at=at)
    session.delete(gone)
    session.flush()
    _refresh(session, merge, kept, by=by, at=at)
    tell_renamed(session, merge.kind, named, by=by, at=at)
    _tell(session, merge, name, by=by, at=at)
    return merge.kept_id


def _locked_identities(session: Session, merge: Merge) -> list[UUID]:
    """Return the identities of the record that goes; whoever posts under one of either waits, here or there."""
    found = {one: identities_of(session, kind=merge.kind, record_id=one, lock=True) for one in _in_order(merge)}
    return found[merge.gone_id]


def _in_order(merge: Merge) -> list[UUID]:
    return sorted((merge.kept_id, merge.gone_id))


def _locked(session: Session, merge: Merge, by: Actor) -> tuple[Any, Any]:
    """Return both records, which nobody else changes before the transaction ends, locked in the order of their ids."""
    seen = {merge.kept_id: merge.kept_version, merge.gone_id: merge.gone_version}
    found = {}
    for one in _in_order(merge):
        found[one] = record = reached_record(session, kind=merge.kind, record_id=one, by=by, lock=True)
        if seen[one] is not None and record.row_version != seen[one]:
            raise ChangedMeanwhile(
                "« {name} » a été modifiée entre-temps : relisez la comparaison avant de fusionner.", name=record.name
            )
    return found[merge.kept_id], found[merge.gone_id]


def _values(merger: Merger, kept: Any, gone: Any, taken: frozenset[str], by: Actor) -> dict[str, Any]:
    table = kind_called(merger.kind).table
    unseen = [name for name in taken if not name.startswith(CUSTOM) and not may_see_field(by, table, name)]
    if unseen:
        raise NotFound("Le champ « {key} » n’existe pas.", key=unseen[0][:40])
    names = (*merger.fields, *([CUSTOM] if hasattr(kept, CUSTOM) else []))
    ours, theirs = ({name: getattr(one, name) for name in names} for one in (kept, gone))
    values = chosen(merger, ours, theirs, taken)
    return values | merger.combine(kept, gone, values)


def _fill(session: Session, kept: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(kept, name) != value:
            setattr(kept, name, value)
    undoer = UNDOERS[kept.__tablename__]
    if undoer.derive is not None:
        undoer.derive(kept)
    session.flush()


def _forget(session: Session, merge: Merge, gone: Any, *, by: Actor, at: datetime) -> None:
    forget = UNDOERS[kind_called(merge.kind).table].forget
    if forget is not None:
        forget(session, gone, by=by, at=at)


def lead_away(session: Session, pair: tuple[str, UUID, UUID], *, name: str, deed_id: UUID, at: datetime) -> None:
    """Let the address of a record lead to another from now on, and the rows that history does not keep with it."""
    kind, gone, kept = pair
    known = session.get(MergedRecord, deed_id)
    if known is None:
        merged = MergedRecord(deed_id=deed_id, kind=kind, loser_id=gone, winner_id=kept, name=name, at=at)
        session.add(merged)
    else:
        known.undone, known.at = False, at
    session.flush()
    move_untracked(session, pair, deed_id=deed_id)


def _refresh(session: Session, merge: Merge, kept: Any, *, by: Actor, at: datetime) -> None:
    """Bring in step what is derived from the record that is kept, and from the records that point to it by key now."""
    own = UNDOERS[kept.__tablename__]
    session.refresh(kept)
    if own.refresh is not None:
        own.refresh(session, kept, by=by, at=at)
    for reference in references_to(merge.kind):
        undoer = UNDOERS.get(reference.table)
        if undoer is None or undoer.refresh is None or not undoer.kind or reference.record is None:
            continue
        rows: Sequence[Any] = session.scalars(
            select(reference.record).where(reference.points_to(merge.kind, merge.kept_id))
        ).all()
        for row in rows:
            undoer.refresh(session, row, by=by, at=at)


def _tell(session: Session, merge: Merge, name: str, *, by: Actor, at: datetime) -> None:
    add_entry(
        session,
        kind=merge.kind,
        record_id=merge.kept_id,
        icon="merged",
        message_id="« {merged} » a été fusionnée avec cette fiche",
        params={"merged": name},
        by=by,
        at=at,
    )


def merge_called(session: Session, deed_id: UUID) -> MergedRecord | None:
    """Return the merge that a deed did."""
    return session.scalars(select(MergedRecord).where(col(MergedRecord.deed_id) == deed_id)).first()
