"""Who works when: the clock of one person, and her spans."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.readings.noting import note_reading
from db.access.rules import Actor, may, may_see_field, reaches_owner
from db.kernel.errors import NotFound
from db.parties.queries import party_names
from db.people.hours.rules import CLOCK, READ, Span, local_day, midnight, minutes_by_day, monday_of
from db.people.hours.tables import WorkSpan
from db.people.months.tables import ClosedMonth

DAY = timedelta(days=1)
PERSON = "user_account"


@dataclass(frozen=True)
class SpanFacts:
    """One stretch of work as it is known."""

    span_id: UUID
    owner_id: UUID
    owner_name: str
    started_at: datetime
    ended_at: datetime | None
    break_minutes: int
    break_began_at: datetime | None
    task: str
    note: str
    party_id: UUID | None
    party_name: str
    source: str
    reason: str
    is_closed: bool
    row_version: int


@dataclass(frozen=True)
class Clock:
    """What the big button needs: since when a person is at work, and what she did today and this week."""

    since: datetime | None
    task: str
    today_minutes: int  # the open stretch counts until now
    week_minutes: int
    spans: Sequence[SpanFacts]  # of today


@readable(CLOCK)
def own_clock(session: Session, *, by: Actor, at: datetime) -> Clock:
    """Return the clock of the person herself."""
    assert by.user_id is not None
    today = local_day(at)
    rows = spans_between(session, owner_id=by.user_id, begins=midnight(monday_of(today)), ends=midnight(today + DAY))
    minutes = minutes_by_day(worked(rows, at))
    is_open = next((row for row in rows if row.ended_at is None), None)
    of_today = [row for row in rows if row.ended_at is None or local_day(row.ended_at) == today]
    return Clock(
        is_open.started_at if is_open else None,
        is_open.task if is_open else "",
        minutes.get(today, 0),
        sum(of_day for day, of_day in minutes.items() if monday_of(day) == monday_of(today)),
        facts_of(session, of_today, by),
    )


@readable(CLOCK)
def span_facts(session: Session, *, span_id: UUID, by: Actor) -> SpanFacts:
    """Return one stretch of work, to the person herself and to who may read her hours.

    Raises: NotFound.
    """
    row = session.get(WorkSpan, span_id)
    if row is None or not may_read_hours(by, row.owner_id):
        raise NotFound("Ces heures n’existent pas ou plus.")
    return facts_of(session, [row], by)[0]


def may_read_hours(by: Actor, owner_id: UUID) -> bool:
    """Test if somebody may read a person's hours: her own, or those within her reach."""
    return by.user_id == owner_id or (may(by, READ) and reaches_owner(by, READ, owner_id))


def spans_between(session: Session, *, owner_id: UUID, begins: datetime, ends: datetime) -> list[WorkSpan]:
    """Return a person's spans that touch a time, in order; also the open one."""
    wanted = select(WorkSpan).where(col(WorkSpan.owner_id) == owner_id, *touching(begins, ends))
    return list(session.scalars(wanted.order_by(col(WorkSpan.started_at))))


def touching(begins: datetime, ends: datetime | None) -> list[ColumnElement[bool]]:
    """Return the conditions that a span touches a time; without an end, all that follows."""
    after = or_(col(WorkSpan.ended_at).is_(None), col(WorkSpan.ended_at) > begins)
    return [after] if ends is None else [after, col(WorkSpan.started_at) < ends]


def worked(rows: Sequence[WorkSpan], at: datetime) -> list[Span]:
    """Return spans as they are reckoned; an open one reaches until `at`."""
    return [
        Span(row.started_at, row.ended_at or at, row.break_minutes)
        for row in rows
        if (row.ended_at or at) > row.started_at
    ]


def facts_of(session: Session, rows: Sequence[WorkSpan], by: Actor) -> list[SpanFacts]:
    """Return what the reader may know of spans, in their order; that she read somebody else's is noted."""
    note_hours_read(session, {row.owner_id for row in rows}, by)
    names = user_names(session)
    parties = party_names(session, party_ids=[row.party_id for row in rows if row.party_id])
    closed = _closed_of(session, {row.owner_id for row in rows})
    return [
        SpanFacts(
            row.id,
            row.owner_id,
            names.get(row.owner_id, ""),
            row.started_at,
            row.ended_at,
            row.break_minutes,
            row.break_began_at,
            _told(row, "task", by),
            _told(row, "note", by),
            row.party_id,
            parties[row.party_id].name if row.party_id in parties else "",
            row.source,
            _told(row, "reason", by),
            is_in(row.started_at, row.ended_at, closed.get(row.owner_id, [])),
            row.row_version,
        )
        for row in rows
    ]


def note_hours_read(session: Session, owner_ids: Iterable[UUID], by: Actor) -> None:
    """Note that somebody reads the hours of others."""
    for owner_id in sorted({*owner_ids} - {by.user_id}, key=str):
        note_reading(session, kind=PERSON, record_id=owner_id, fields=["hours"], through="record", by=by)


def _told(row: WorkSpan, name: str, by: Actor) -> str:
    is_seen = row.owner_id == by.user_id or may_see_field(by, "work_span", name)
    return getattr(row, name) if is_seen else ""


def is_in(begins: datetime, ends: datetime | None, closed: Sequence[ClosedMonth]) -> bool:
    """Test if a span touches one of the closed months."""
    return any(
        one.begins_at < (ends or datetime.max.replace(tzinfo=one.begins_at.tzinfo)) and begins < one.ends_at
        for one in closed
    )


def _closed_of(session: Session, owners: set[UUID]) -> dict[UUID, list[ClosedMonth]]:
    found: dict[UUID, list[ClosedMonth]] = {}
    for row in session.scalars(select(ClosedMonth).where(col(ClosedMonth.owner_id).in_(owners))):
        found.setdefault(row.owner_id, []).append(row)
    return found


def closed_months(session: Session, *, owner_id: UUID) -> list[ClosedMonth]:
    """Return the closed months of a person."""
    return _closed_of(session, {owner_id}).get(owner_id, [])


def last_day_of(row: WorkSpan) -> date:
    """Return the Swiss day on which a span ends (or began, while it is open)."""
    return local_day(row.ended_at or row.started_at)
