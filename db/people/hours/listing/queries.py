"""The list of hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.rules import Actor
from db.people.hours.queries import facts_of
from db.people.hours.rules import KIND, READ
from db.people.hours.tables import WorkSpan
from db.records.listing.days import day_begins, day_ends
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Range, Source


@dataclass(frozen=True)
class SpanRow:
    """One stretch of work as the list shows it."""

    record_id: UUID
    row_version: int
    owner_id: UUID
    owner_name: str
    started_at: datetime
    ended_at: datetime | None
    break_minutes: int
    hours: Decimal
    task: str
    note: str
    party_name: str
    source: str
    reason: str
    is_closed: bool


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[SpanRow]:
    """Return spans in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(WorkSpan).where(col(WorkSpan.id).in_(ids)))}
    rows = [found[record_id] for record_id in ids]
    return [
        SpanRow(
            one.span_id,
            one.row_version,
            one.owner_id,
            one.owner_name,
            one.started_at,
            one.ended_at,
            one.break_minutes,
            found[one.span_id].hours,
            one.task,
            one.note,
            one.party_name,
            one.source,
            one.reason,
            one.is_closed,
        )
        for one in facts_of(session, rows, by)
    ]


SOURCE = Source(
    KIND,
    WorkSpan,
    READ,
    load_rows,
    usual_sort="-started",
    sorts={
        "started": Column(WorkSpan.started_at, "started_at"),
        "hours": Column(WorkSpan.hours, "hours"),
        "updated": Column(WorkSpan.updated_at, "updated_at"),
    },
    facets={"owner": Column(WorkSpan.owner_id, "owner_id"), "source": Column(WorkSpan.source, "source")},
    ranges={
        "from": Range(col(WorkSpan.started_at), "started_at", day_begins, is_low=True),
        "to": Range(col(WorkSpan.started_at), "started_at", day_ends, is_low=False),
    },
    amount=Column(WorkSpan.hours, "hours"),
    owner=WorkSpan.owner_id,
)
SHAPE = SOURCE.shape
SPAN_QUESTIONS = questions_of(SOURCE, name="work_span", module=__name__, export="people.export_hours")
