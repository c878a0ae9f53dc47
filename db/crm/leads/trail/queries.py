"""What was done to leads, as those who may read leads may know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlmodel import Session, col

from db.access.deeds.queries import ChangeFacts, DeedFacts, DeedFilter, deed_page, record_deeds
from db.access.gate import readable
from db.access.reach import within_reach
from db.access.readings.noting import note_reading
from db.access.rules import Actor, may, may_see_field, owners_seen
from db.access.tables import Change, Deed
from db.crm.leads.rules import KIND
from db.crm.leads.tables import Lead
from db.records.custom_fields.queries import fields_for
from db.records.kinds.rules import KINDS
from db.records.reach.queries import check_record, reached
from db.records.relations.queries import Place

PERSON = "user_account"


@dataclass(frozen=True)
class OthersChange:
    """Somebody else changed one of my leads."""

    lead_id: UUID
    lead_name: str
    action: str
    actor_name: str
    at: datetime


@readable("crm.read_leads")
def lead_deeds(session: Session, *, lead_id: UUID, by: Actor, most: int = 100) -> Sequence[DeedFacts]:
    """Return what was done to a lead, newest first, without the fields that the actor may not read.

    Raises: NotFound.
    """
    check_record(session, kind=KIND, record_id=lead_id, by=by)
    return _as_readable(session, record_deeds(session, kind=KIND, record_id=lead_id, most=most), by)


@readable("access.read_history")
def deeds_as_readable(
    session: Session, *, wanted: DeedFilter, by: Actor, after: tuple[datetime, UUID] | None = None, most: int = 50
) -> Sequence[DeedFacts]:
    """Return a page of the whole firm's deeds, without the records and fields that the actor may not read.

    Reading what was done to one person's account is itself logged.
    """
    if wanted.kind == PERSON and wanted.record_id is not None:
        note_reading(session, kind=PERSON, record_id=wanted.record_id, fields=[], through="history", by=by)
    return _as_readable(session, deed_page(session, wanted=wanted, after=after, most=most), by)


def _as_readable(session: Session, deeds: Sequence[DeedFacts], by: Actor) -> list[DeedFacts]:
    """Return deeds without what they did to records out of reach (and what hangs on those), without hidden fields.

    A record that is gone has no owner any more: who reaches only some of its kind is not told of it.
    """
    kinds = {described.table: described for described in KINDS.values()}
    places = {place for deed in deeds for change in deed.changes if (place := _place_of(change)) is not None}
    seen = reached(session, places=list(places), by=by)
    whole = {one.kind for one in kinds.values() if may(by, one.read) and owners_seen(by, one.read) is None}
    keys = {one.table: _keys(session, one.kind, by) for one in kinds.values()}
    return [
        replace(
            deed,
            changes=tuple(
                _masked(change, keys.get(change.kind, frozenset()), by)
                for change in deed.changes
                if (place := _place_of(change)) is None or place[0] in whole or place in seen
            ),
        )
        for deed in deeds
    ]


def _place_of(change: ChangeFacts) -> Place | None:
    """Return the record that a change is about: itself, or the one on which a note, a file or a follower hangs."""
    for described in KINDS.values():
        if described.table == change.kind:
            return described.kind, change.record_id
    values = {**(change.before or {}), **(change.after or {})}
    kind, record_id = values.get("kind"), values.get("record_id")
    return (kind, UUID(record_id)) if kind in KINDS and isinstance(record_id, str) else None


def _keys(session: Session, kind: str, by: Actor) -> frozenset[str]:
    return frozenset(field.key for field in fields_for(session, kind=kind, by=by))


def _masked(change: ChangeFacts, keys: frozenset[str], by: Actor) -> ChangeFacts:
    before, after = (_without_hidden(change.kind, side, keys, by) for side in (change.before, change.after))
    return replace(change, before=before, after=after)


def _without_hidden(
    table: str, values: Mapping[str, Any] | None, keys: frozenset[str], by: Actor
) -> dict[str, Any] | None:
    if values is None:
        return None
    seen = {name: value for name, value in values.items() if may_see_field(by, table, name)}
    if isinstance(seen.get("custom"), dict):
        seen["custom"] = {key: value for key, value in seen["custom"].items() if key in keys}
    return seen


@readable("crm.read_leads")
def others_changes(session: Session, *, by: Actor, most: int = 8) -> Sequence[OthersChange]:
    """Return what others changed on the actor's leads, newest first."""
    wanted = (
        select(col(Lead.id), col(Lead.name), col(Deed.action), col(Deed.actor_name), col(Deed.at))
        .join(Change, and_(col(Change.record_kind) == KIND, col(Change.record_id) == Lead.id))
        .join(Deed, col(Deed.id) == Change.deed_id)
        .where(col(Lead.owner_id) == by.user_id, col(Change.operation) == "update")
        .where(col(Deed.actor_id).is_distinct_from(by.user_id), *within_reach(by, "crm.read_leads", col(Lead.owner_id)))
        .order_by(col(Deed.at).desc(), col(Change.id).desc())
        .limit(most)
    )
    return [OthersChange(*row) for row in session.execute(wanted)]
