"""Who follows a record, and what happened to the records that a person follows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.access.tables import Change, Deed
from db.records.followers.tables import Follower
from db.records.kinds.rules import KINDS
from db.records.reach.queries import check_record, reached
from db.records.timeline.queries import params_seen
from db.records.timeline.tables import TimelineEntry, TimelineLink


@dataclass(frozen=True)
class FollowedChange:
    """Something that happened to a record that somebody follows; `message_id` is French, `params` fill its places."""

    kind: str
    record_id: UUID
    at: datetime
    by_name: str
    message_id: str
    params: dict[str, Any]
    text: str


def followers(session: Session, *, kind: str, record_id: UUID) -> list[UUID]:
    """Return the persons who follow a record, first follower first."""
    wanted = select(col(Follower.user_id)).where(col(Follower.kind) == kind, col(Follower.record_id) == record_id)
    return list(session.scalars(wanted.order_by(col(Follower.since), col(Follower.user_id))))


@readable("records.open")
def followers_of(session: Session, *, kind: str, record_id: UUID, by: Actor) -> list[UUID]:
    """Return the persons who follow a record that the reader reaches.

    Raises: NotFound, NotAllowed.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    return followers(session, kind=kind, record_id=record_id)


@readable("records.open")
def changes_on_followed(session: Session, *, by: Actor, since: datetime, most: int = 50) -> list[FollowedChange]:
    """Return what others did since an instant to the records that the person follows and may read, newest first."""
    found = [*_told(session, by, since, most), *_edited(session, by, since, most)]
    newest = sorted(found, key=lambda one: (one.at, str(one.record_id)), reverse=True)
    seen = reached(session, places=list({(one.kind, one.record_id) for one in newest}), by=by)
    return [one for one in newest if (one.kind, one.record_id) in seen][:most]


def _told(session: Session, by: Actor, since: datetime, most: int) -> list[FollowedChange]:
    own = (
        select(TimelineEntry, col(TimelineEntry.kind), col(TimelineEntry.record_id))
        .join(
            Follower,
            (col(Follower.kind) == col(TimelineEntry.kind)) & (col(Follower.record_id) == col(TimelineEntry.record_id)),
        )
        .where(col(Follower.user_id) == by.user_id, col(TimelineEntry.at) >= since)
    )
    linked = (
        select(TimelineEntry, col(TimelineLink.kind), col(TimelineLink.record_id))
        .join(TimelineLink, col(TimelineLink.entry_id) == col(TimelineEntry.id))
        .join(
            Follower,
            (col(Follower.kind) == col(TimelineLink.kind)) & (col(Follower.record_id) == col(TimelineLink.record_id)),
        )
        .where(col(Follower.user_id) == by.user_id, col(TimelineLink.at) >= since)
    )
    rows: list[Any] = []
    for query in (own, linked):
        newest = query.where(col(TimelineEntry.by_name) != by.name).order_by(col(TimelineEntry.at).desc()).limit(most)
        rows += session.execute(newest).all()
    told = {(entry.id, kind, record_id): entry for entry, kind, record_id in rows}
    readable_lines = reached(session, places=list({(e.kind, e.record_id) for e in told.values()}), by=by)
    return [
        FollowedChange(kind, record_id, e.at, e.by_name, e.message_id, params_seen(e, by), e.text)
        for (_, kind, record_id), e in told.items()
        if (e.kind, e.record_id) in readable_lines
    ]


def _edited(session: Session, by: Actor, since: datetime, most: int) -> list[FollowedChange]:
    """Return who edited fields of followed records; which fields is for the record's page to say."""
    kinds = {described.table: kind for kind, described in KINDS.items()}
    wanted = (
        select(col(Change.record_kind), col(Change.record_id), col(Deed.at), col(Deed.actor_name))
        .join(Deed, col(Deed.id) == col(Change.deed_id))
        .join(Follower, col(Follower.record_id) == col(Change.record_id))
        .where(
            col(Follower.user_id) == by.user_id,
            col(Deed.at) >= since,
            col(Deed.actor_id).is_distinct_from(by.user_id),
            col(Change.operation) == "update",
        )
        .order_by(col(Deed.at).desc())
        .limit(most)
    )
    return [
        FollowedChange(kinds[table], record_id, at, name, "Fiche modifiée", {}, "")
        for table, record_id, at, name in session.connection().execute(wanted)
        if table in kinds
    ]
