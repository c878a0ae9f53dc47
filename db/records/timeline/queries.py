"""The story of a record: what is told on it, and what was changed in its fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor, may_see_field
from db.access.tables import Change, ChangeValue, Deed
from db.records.conflicts.rules import CUSTOM_PREFIX, flat
from db.records.custom_fields.queries import hidden_keys
from db.records.kinds.rules import KINDS, kind_called
from db.records.reach.queries import check_record, reached
from db.records.timeline.rules import CHANGE, SORTS, Cursor, StoryPart
from db.records.timeline.tables import TimelineEntry, TimelineLink


@dataclass(frozen=True)
class TimelineLine:
    """One line of the story, still to be put into the reader's language. `kind`, `record_id`: the record it is of."""

    at: datetime
    icon: str
    message_id: str
    params: dict[str, Any]
    text: str
    by_name: str
    origin_kind: str | None
    origin_id: UUID | None
    kind: str = ""
    record_id: UUID | None = None
    entry_id: UUID | None = None


@dataclass(frozen=True)
class ChangeLine:
    """One deed's change of fields: by field (`custom.key` for custom ones) before and after, as JSON keeps them."""

    at: datetime
    change_id: UUID
    by_name: str
    fields: tuple[tuple[str, Any, Any], ...]
    deed_id: UUID | None = None


@dataclass(frozen=True)
class Story:
    """A page of a record's story, newest first; `next` is where the page after it begins, None at the end."""

    lines: list[TimelineLine | ChangeLine]
    next: Cursor | None


@readable("records.read")
def timeline(session: Session, *, kind: str, record_id: UUID, by: Actor, limit: int = 200) -> list[TimelineLine]:
    """Return the newest lines of a record's story, newest first, of those records that the reader reaches.

    Raises: NotFound, NotAllowed.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    told = _told(session, kind, record_id, StoryPart(most=limit), by)
    return [line for line in _without_unreached(session, told, by) if isinstance(line, TimelineLine)]


@readable("records.open")
def story(session: Session, *, kind: str, record_id: UUID, part: StoryPart, by: Actor) -> Story:
    """Return a page of what happened to a record: lines told on it and changes of its fields.

    A line that belongs to another record is there only for who may read that record.

    Raises: NotFound, NotAllowed.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    told = [] if part.sort == CHANGE else _told(session, kind, record_id, part, by)
    changed = _changed(session, kind, record_id, part, by) if part.sort in ("", CHANGE) else []
    both: list[TimelineLine | ChangeLine] = [*told, *changed]
    lines = sorted(both, key=_place, reverse=True)[: part.most]
    full = len(told) >= part.most or len(changed) >= part.most or len(both) > part.most
    return Story(_without_unreached(session, lines, by), _place(lines[-1]) if full and lines else None)


def _place(line: TimelineLine | ChangeLine) -> Cursor:
    found = line.change_id if isinstance(line, ChangeLine) else line.entry_id
    assert found is not None
    return line.at, found


def _told(session: Session, kind: str, record_id: UUID, part: StoryPart, by: Actor) -> list[TimelineLine]:
    """Return the newest lines of the record's own and of those that are told on it as well, each side by its index."""
    own = select(TimelineEntry).where(col(TimelineEntry.kind) == kind, col(TimelineEntry.record_id) == record_id)
    linked = (
        select(TimelineEntry)
        .join(TimelineLink, col(TimelineLink.entry_id) == col(TimelineEntry.id))
        .where(col(TimelineLink.kind) == kind, col(TimelineLink.record_id) == record_id)
    )
    sides = ((own, col(TimelineEntry.at)), (linked, col(TimelineLink.at)))
    found: dict[UUID, TimelineEntry] = {}
    for side, at in sides:
        wanted = _page(side, at, col(TimelineEntry.id), part)
        if part.sort:
            wanted = wanted.where(col(TimelineEntry.icon).in_(SORTS.get(part.sort, ())))
        found |= {entry.id: entry for entry in session.scalars(wanted)}
    newest = sorted(found.values(), key=lambda entry: (entry.at, entry.id), reverse=True)
    return [_line(entry, by) for entry in newest[: part.most]]


def _page(query: Any, at: Any, identity: Any, part: StoryPart) -> Any:
    if part.before is not None:
        moment, last = part.before
        query = query.where(or_(at < moment, and_(at == moment, identity < last)))
    return query.order_by(at.desc(), identity.desc()).limit(part.most)


# what a line tells in its places, by the column that it comes from
_TOLD_OF = {"source": "source", "reason": "lost_reason", "owner": "owner_id"}
UNTOLD = "…"


def params_seen(entry: TimelineEntry, by: Actor) -> dict[str, Any]:
    """Return what fills the places of a line, without the values of fields that the reader may not see."""
    table = kind_called(entry.kind).table if entry.kind in KINDS else entry.kind
    return {
        name: value if may_see_field(by, table, _TOLD_OF.get(name, name)) else UNTOLD
        for name, value in entry.params.items()
    }


def _line(entry: TimelineEntry, by: Actor) -> TimelineLine:
    return TimelineLine(
        entry.at,
        entry.icon,
        entry.message_id,
        params_seen(entry, by),
        entry.text,
        entry.by_name,
        entry.origin_kind,
        entry.origin_id,
        entry.kind,
        entry.record_id,
        entry.id,
    )


def _changed(session: Session, kind: str, record_id: UUID, part: StoryPart, by: Actor) -> list[ChangeLine]:
    table = kind_called(kind).table
    told = col(Deed.at), col(Change.id), col(Deed.actor_name), col(ChangeValue.before), col(ChangeValue.after)
    wanted = (
        select(*told, col(Deed.id))
        .join(Change, col(Change.deed_id) == col(Deed.id))
        .join(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(col(Change.record_kind) == table, col(Change.record_id) == record_id, col(Change.operation) == "update")
    )
    rows = session.connection().execute(_page(wanted, col(Deed.at), col(Change.id), part))
    hidden = hidden_keys(session, kind=kind, by=by)
    return [
        ChangeLine(at, change_id, name, _fields(table, before or {}, after or {}, hidden, by), deed_id)
        for at, change_id, name, before, after, deed_id in rows
    ]


def _fields(
    table: str, before: dict[str, Any], after: dict[str, Any], hidden: frozenset[str], by: Actor
) -> tuple[tuple[str, Any, Any], ...]:
    old, new = flat(before), flat(after)
    return tuple(
        (name, old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
        and may_see_field(by, table, name)
        and name.removeprefix(CUSTOM_PREFIX) not in hidden
    )


def _without_unreached(
    session: Session, lines: Sequence[TimelineLine | ChangeLine], by: Actor
) -> list[TimelineLine | ChangeLine]:
    places = [
        (line.kind, line.record_id) for line in lines if isinstance(line, TimelineLine) and line.record_id is not None
    ]
    seen = reached(session, places=list(set(places)), by=by)
    return [line for line in lines if isinstance(line, ChangeLine) or (line.kind, line.record_id) in seen]
