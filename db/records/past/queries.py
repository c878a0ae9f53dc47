"""A record as it was at an instant, from its history; what a person may not see now, she does not see in the past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor, check_may, may_see_field, reaches_owner
from db.access.tables import Change, ChangeValue, Deed
from db.kernel.errors import NotFound
from db.records.custom_fields.queries import fields_for
from db.records.kinds.rules import RecordKind, kind_called
from db.records.reach.queries import OWNER, note_record_read, reached

CUSTOM = "custom"


@dataclass(frozen=True)
class PastRecord:
    """What a record held, as JSON keeps it; empty while it did not exist. `incomplete`: some of it was erased since."""

    exists: bool
    values: dict[str, Any]
    incomplete: bool = False


@dataclass(frozen=True)
class Since:
    """A deed that changed a field after the day that is looked at."""

    deed_id: UUID
    action: str
    actor_name: str
    at: datetime


@dataclass(frozen=True)
class ThenAndNow:
    """A record as it was and as it is, and what changed each field since (oldest first; custom fields as `custom.key`).

    `made` and `removed`: the deeds that first made it and that last removed it; `removed` None while it is there.
    """

    then: PastRecord
    now: PastRecord
    since: dict[str, list[Since]]
    made: Since | None
    removed: Since | None


@readable("records.open")
def then_and_now(session: Session, *, kind: str, record_id: UUID, at: datetime, by: Actor) -> ThenAndNow:
    """Return a record as it stood after all that was done until an instant, beside what it is now.

    Raises: NotAllowed: not this kind. NotFound: there never was such a record, or not for this person.
    """
    described = kind_called(kind)
    check_may(by, described.read)
    changes = _changes(session, described, record_id)
    _check_reach(session, described, record_id, changes, by)
    then, now = _fold([change for change in changes if change.at <= at]), _fold(changes)
    seen, keys = _seen(session, described, then.values, by), _seen(session, described, now.values, by)
    since: dict[str, list[Since]] = {}
    for change in changes:
        if change.at > at and change.operation == "update":
            for name in _moved(change.before or {}, change.after or {}):
                since.setdefault(name, []).append(_since(change))
    is_gone = bool(changes) and changes[-1].operation == "delete"
    return ThenAndNow(
        PastRecord(then.exists, seen, then.incomplete),
        PastRecord(now.exists, keys, now.incomplete),
        since,
        _since(changes[0]) if changes else None,
        _since(changes[-1]) if is_gone else None,
    )


def _moved(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the fields that a change changed, each of the company's own by its key."""
    names = [name for name in after if name != CUSTOM]
    old, new = before.get(CUSTOM) or {}, after.get(CUSTOM) or {}
    return [*names, *(f"{CUSTOM}.{key}" for key in {**old, **new} if old.get(key) != new.get(key))]


def _since(change: Any) -> Since:
    return Since(change.deed_id, change.action, change.actor_name, change.at)


@readable("records.open")
def record_as_of(session: Session, *, kind: str, record_id: UUID, at: datetime, by: Actor) -> PastRecord:
    """Return a record as it stood after all that was done until an instant.

    Raises: NotAllowed: not this kind. NotFound: there never was such a record, or not for this person.
    """
    described = kind_called(kind)
    check_may(by, described.read)
    changes = _changes(session, described, record_id)
    _check_reach(session, described, record_id, changes, by)
    past = _fold([change for change in changes if change.at <= at])
    return PastRecord(past.exists, _seen(session, described, past.values, by), past.incomplete)


def _changes(session: Session, described: RecordKind, record_id: UUID) -> list[Any]:
    wanted = (
        select(
            col(Deed.at),
            col(Change.operation),
            col(ChangeValue.salt),
            col(ChangeValue.before),
            col(ChangeValue.after),
            col(Change.deed_id),
            col(Deed.action),
            col(Deed.actor_name),
        )
        .join(Deed, col(Deed.id) == col(Change.deed_id))
        .outerjoin(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(col(Change.record_kind) == described.table, col(Change.record_id) == record_id)
        .order_by(col(Change.id))
    )
    return list(session.execute(wanted))


def _check_reach(session: Session, described: RecordKind, record_id: UUID, changes: list[Any], by: Actor) -> None:
    """Refuse unless the person reaches the record; one that is gone counts as its last owner's."""
    note_record_read(session, kind=described.kind, record_id=record_id, by=by)
    if (described.kind, record_id) in reached(session, places=[(described.kind, record_id)], by=by):
        return
    is_gone = bool(changes) and changes[-1].operation == "delete"
    owner = _fold(changes[:-1]).values.get(OWNER) if is_gone else None
    if not is_gone or not reaches_owner(by, described.read, UUID(owner) if owner else None):
        raise NotFound("Cette fiche n’existe pas ou plus.")


def _fold(changes: list[Any]) -> PastRecord:
    values: dict[str, Any] = {}
    exists = incomplete = False
    for change in changes:
        exists = change.operation != "delete"
        incomplete = incomplete or change.salt is None
        values = {**values, **(change.after or {})} if exists else {}
    return PastRecord(exists, values, incomplete and exists)


def _seen(session: Session, described: RecordKind, values: dict[str, Any], by: Actor) -> dict[str, Any]:
    shown = {name: value for name, value in values.items() if may_see_field(by, described.table, name)}
    if isinstance(shown.get(CUSTOM), dict):
        keys = {field.key for field in fields_for(session, kind=described.kind, by=by)}
        shown[CUSTOM] = {
            key: value
            for key, value in shown[CUSTOM].items()
            if key in keys and may_see_field(by, described.table, f"{CUSTOM}.{key}")
        }
    return shown
