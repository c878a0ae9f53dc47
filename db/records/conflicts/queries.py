"""What others changed since a form was opened, from the one history of changes."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor, may_see_field
from db.access.tables import Change, ChangeValue, Deed
from db.records.conflicts.rules import CUSTOM_PREFIX, FieldMeanwhile, OneChange, merged
from db.records.custom_fields.queries import hidden_keys
from db.records.kinds.rules import kind_called
from db.records.reach.queries import check_record


@readable("records.open")
def newest_change(session: Session, *, kind: str, record_id: UUID, by: Actor) -> UUID | None:
    """Return the newest change of a record: what a form that is opened now has seen.

    Raises: NotFound.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    return session.scalars(
        _changes_of(kind, record_id, col(Change.id)).order_by(col(Change.id).desc()).limit(1)
    ).first()


@readable("records.open")
def changed_meanwhile(
    session: Session, *, kind: str, record_id: UUID, seen: UUID | None, by: Actor
) -> dict[str, FieldMeanwhile]:
    """Return by field what was changed after the change that a form has seen, without what the person may not see.

    Ids of changes grow with time and are given under the record's lock, so that none slips in before `seen`.

    Raises: NotFound.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    wanted = (
        _changes_of(kind, record_id, col(ChangeValue.before), col(ChangeValue.after))
        .add_columns(col(Deed.actor_id), col(Deed.actor_name), col(Deed.at))
        .join(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .join(Deed, col(Deed.id) == col(Change.deed_id))
        .where(col(Change.operation) == "update")
        .order_by(col(Change.id))
    )
    if seen is not None:
        wanted = wanted.where(col(Change.id) > seen)
    rows = session.connection().execute(wanted)
    found = merged(OneChange(before or {}, after or {}, *who) for before, after, *who in rows)
    return _seen_fields(session, kind, found, by)


def _changes_of(kind: str, record_id: UUID, *columns: Any) -> Any:
    table = kind_called(kind).table
    return (
        select(*columns).select_from(Change).where(col(Change.record_kind) == table, col(Change.record_id) == record_id)
    )


def _seen_fields(session: Session, kind: str, found: dict[str, FieldMeanwhile], by: Actor) -> dict[str, FieldMeanwhile]:
    table, hidden = kind_called(kind).table, hidden_keys(session, kind=kind, by=by)
    return {
        name: field
        for name, field in found.items()
        if may_see_field(by, table, name) and name.removeprefix(CUSTOM_PREFIX) not in hidden
    }
