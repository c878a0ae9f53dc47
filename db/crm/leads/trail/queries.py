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
from db.access.rules import Actor
from db.access.tables import Change, Deed
from db.crm.leads.rules import KIND
from db.crm.leads.tables import Lead
from db.records.custom_fields.queries import fields_for


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
    """Return what was done to a lead, newest first, without the custom fields that the actor may not read."""
    readable_keys = {field.key for field in fields_for(session, kind=KIND, by=by)}
    deeds = record_deeds(session, kind=KIND, record_id=lead_id, most=most)
    return [replace(deed, changes=tuple(_masked(change, readable_keys) for change in deed.changes)) for deed in deeds]


@readable("access.read_history")
def deeds_as_readable(
    session: Session, *, wanted: DeedFilter, by: Actor, after: tuple[datetime, UUID] | None = None, most: int = 50
) -> Sequence[DeedFacts]:
    """Return a page of the whole firm's deeds, without the leads' custom fields that the actor may not read."""
    keys = {field.key for field in fields_for(session, kind=KIND, by=by)}
    deeds = deed_page(session, wanted=wanted, after=after, most=most)
    return [replace(deed, changes=tuple(_masked_lead(change, keys) for change in deed.changes)) for deed in deeds]


def _masked_lead(change: ChangeFacts, keys: set[str]) -> ChangeFacts:
    return _masked(change, keys) if change.kind == KIND else change


def _masked(change: ChangeFacts, keys: set[str]) -> ChangeFacts:
    return replace(change, before=_without_hidden(change.before, keys), after=_without_hidden(change.after, keys))


def _without_hidden(values: Mapping[str, Any] | None, keys: set[str]) -> dict[str, Any] | None:
    if values is None or not isinstance(values.get("custom"), dict):
        return None if values is None else dict(values)
    return {**values, "custom": {key: value for key, value in values["custom"].items() if key in keys}}


@readable("crm.read_leads")
def others_changes(session: Session, *, by: Actor, most: int = 8) -> Sequence[OthersChange]:
    """Return what others changed on the actor's leads, newest first."""
    wanted = (
        select(col(Lead.id), col(Lead.name), col(Deed.action), col(Deed.actor_name), col(Deed.at))
        .join(Change, and_(col(Change.record_kind) == KIND, col(Change.record_id) == Lead.id))
        .join(Deed, col(Deed.id) == Change.deed_id)
        .where(col(Lead.owner_id) == by.user_id, col(Change.operation) == "update")
        .where(col(Deed.actor_id).is_distinct_from(by.user_id))
        .order_by(col(Deed.at).desc(), col(Change.id).desc())
        .limit(most)
    )
    return [OthersChange(*row) for row in session.execute(wanted)]
