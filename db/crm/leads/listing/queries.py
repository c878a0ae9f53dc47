"""The list of leads, a page at a time, exact in its counts and never sorting what an index has sorted.

Counts come from one grouped reading of a covering index. They tell how to read the page: when a filter leaves few
leads, those are read and sorted; else the index of the order is walked and each lead tested.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.rules import Actor, may_see_field
from db.crm.leads.listing.conditions import (
    FACET_COLUMNS,
    check_fields,
    facet_conditions,
    numbers_sought,
    other_conditions,
)
from db.crm.leads.listing.orders import Part, parts_of, whole_order
from db.crm.leads.listing.rules import FACET_FIELDS, FACET_NAMES, Cursor, ListPage, ListRequest, ListRow, check_request
from db.crm.leads.rules import KIND, SCORE, LeadState, told_reasons, unseen_answers
from db.crm.leads.tables import Lead
from db.insights.predictions.tables import CurrentPrediction
from db.kernel.record import Instant
from db.records.custom_fields.queries import fields_for, hidden_keys, values_seen
from db.records.listing.added import groups_of
from db.records.listing.queries import key_of
from db.records.listing.rules import COUNTED, Cube, ListCounts
from db.records.listing.source import count_capped, finds_many, is_more_than, theirs, unindexed

FEW = 1000  # so many leads are read and sorted sooner than an index is walked for those that fit
EXPORT_CHUNK = 500


@dataclass(frozen=True)
class Place:
    """Where one lead stands in the order."""

    part: int
    value: Any
    lead_id: UUID


@readable("crm.read_leads")
def lead_page(session: Session, *, request: ListRequest, by: Actor) -> ListPage:
    """Return one page of the list with exact counts.

    Raises: BadInput, NotFound: a filter or order that cannot be used (by this actor).
    """
    request = check_request(request)
    check_fields(request, by)
    numbers = numbers_sought(session, request, by)
    others = other_conditions(session, request, by, numbers)
    counts = _counts(session, request, others, by, numbers) if request.want_counts else None
    is_few = _is_few(session, request, others, counts, numbers)

    places, has_more = _places(session, request, others, by, is_few)
    rows = _rows(session, [place.lead_id for place in places], by)
    cursors = [Cursor(p.part, _json(p.value), p.lead_id.hex, is_few).text() for p in places[:1] + places[-1:]]
    return ListPage(
        rows=rows,
        first=cursors[0] if cursors else "",
        last=cursors[-1] if cursors else "",
        has_more=has_more,
        total=counts.total if counts else None,
        amount=counts.amount if counts else None,
        chips={name: dict(chips) for name, chips in counts.chips.items()} if counts else None,
        is_capped=counts.is_capped if counts else False,
    )


@readable("crm.export_leads")
def leads_of_view(session: Session, *, request: ListRequest, by: Actor) -> Iterator[ListRow]:
    """Yield every lead of a view in its order; the same policy as the screen."""
    for ids in _chunks(session, request, by):
        yield from _rows(session, ids, by)


def _chunks(session: Session, request: ListRequest, by: Actor) -> Iterator[list[UUID]]:
    request = replace(check_request(request), cursor=None, back=False, size=EXPORT_CHUNK)
    check_fields(request, by)
    numbers = numbers_sought(session, request, by)
    others = other_conditions(session, request, by, numbers)
    if _is_few(session, request, others, None, numbers):
        ids = [place.lead_id for place in _sorted_places(session, request, others, by)]
        for start in range(0, len(ids), EXPORT_CHUNK):
            yield ids[start : start + EXPORT_CHUNK]
        return
    has_more = True
    while has_more:
        places, has_more = _walk(session, request, others, by)
        yield [place.lead_id for place in places]
        if places:
            last = places[-1]
            request = replace(request, cursor=Cursor(last.part, _json(last.value), last.lead_id.hex, False))


@readable("crm.read_leads")
def lead_counts(session: Session, *, request: ListRequest, by: Actor) -> ListCounts:
    """Return totals, chips and groups of a view; exact unless a search finds more than `COUNTED`.

    Raises: BadInput, NotFound.
    """
    request = check_request(request)
    check_fields(request, by)
    numbers = numbers_sought(session, request, by)
    others = other_conditions(session, request, by, numbers)
    counts = _counts(session, request, others, by, numbers)
    if not request.group or counts.is_capped:
        return counts
    conditions = [*others, *facet_conditions(request)]
    amount = func.sum(Lead.expected_amount) if counts.amount is not None else None
    own = groups_of(session, kind=KIND, table=Lead, key=request.group, amount=amount, conditions=conditions, by=by)
    return replace(counts, groups={**counts.groups, request.group: own})


@readable("crm.read_leads")
def lead_ids(session: Session, *, request: ListRequest, by: Actor) -> list[UUID]:
    """Return the ids of every lead of a view in its order.

    Raises: BadInput, NotFound.
    """
    return [lead_id for ids in _chunks(session, request, by) for lead_id in ids]


@readable("crm.read_leads")
def lead_rows(session: Session, *, ids: Sequence[UUID], by: Actor) -> list[ListRow]:
    """Return the rows of leads that the actor reaches, in the order of their ids."""
    reached = select(col(Lead.id)).where(col(Lead.id).in_(ids), *theirs(Lead.owner_id, by, "crm.read_leads"))
    known = set(session.scalars(reached))
    return _rows(session, [one for one in ids if one in known], by)


def _counts(
    session: Session,
    request: ListRequest,
    others: Sequence[ColumnElement[bool]],
    by: Actor,
    numbers: Select[Any] | None,
) -> ListCounts:
    """Return total, expected amount and chip counts; a facet's own choice does not narrow its own chips."""
    if numbers is not None and is_more_than(session, numbers, COUNTED):
        wanted = select(literal(1)).select_from(Lead).where(*others, *facet_conditions(request))
        found = count_capped(session, wanted, COUNTED + 1)
        return ListCounts(min(found, COUNTED), is_capped=found > COUNTED)
    names = [name for name in FACET_NAMES if may_see_field(by, "lead", FACET_FIELDS[name])]
    is_told = may_see_field(by, "lead", "expected_amount")
    columns = [col(FACET_COLUMNS[name]) for name in names]
    amount = func.sum(Lead.expected_amount) if is_told else literal(None)
    cube = Cube(names, [frozenset(key_of(value) for value in request.facet(name)) for name in names])
    read = select(*columns, func.count(), amount).select_from(Lead).where(*others).group_by(*columns)
    for row in session.connection().execute(read):
        *cell, count, expected = tuple(row)
        cube.add([key_of(value) for value in cell], count, expected or Decimal(0))
    return cube.counts(has_amount=is_told)


def _is_few(
    session: Session,
    request: ListRequest,
    others: Sequence[ColumnElement[bool]],
    counts: ListCounts | None,
    numbers: Select[Any] | None,
) -> bool:
    if counts is not None:
        return counts.total <= FEW and not counts.is_capped
    if request.cursor is not None:
        return request.cursor.few
    conditions = [*others, *facet_conditions(request)]
    if finds_many(session, numbers, FEW, is_alone=len(conditions) == 1):
        return False
    return not is_more_than(session, select(literal(1)).select_from(Lead).where(*conditions), FEW)


def _places(
    session: Session, request: ListRequest, others: Sequence[ColumnElement[bool]], by: Actor, is_few: bool
) -> tuple[list[Place], bool]:
    if not is_few:
        return _walk(session, request, others, by)
    places = _sorted_places(session, request, others, by)
    if request.cursor is None:
        return places[: request.size], len(places) > request.size
    before, after = _split(places, request)
    if request.back:
        return before[-request.size :], len(before) > request.size
    return after[: request.size], len(after) > request.size


def _split(places: list[Place], request: ListRequest) -> tuple[list[Place], list[Place]]:
    """Return the places before and after the cursor, which may itself be gone by now."""
    cursor = request.cursor
    assert cursor is not None
    ids = [place.lead_id.hex for place in places]
    if cursor.lead_id in ids:
        at = ids.index(cursor.lead_id)
        return places[:at], places[at + 1 :]
    mark = Place(cursor.part, cursor.value, UUID(cursor.lead_id))
    at = sum(_goes_before(Place(p.part, _json(p.value), p.lead_id), mark, request.falls) for p in places)
    return places[:at], places[at:]


def _goes_before(place: Place, mark: Place, falls: bool) -> bool:
    if place.part != mark.part:
        return place.part < mark.part
    own, other = (place.value, place.lead_id), (mark.value, mark.lead_id)
    if place.value is None:
        own, other = (0, place.lead_id), (0, mark.lead_id)
    return own > other if falls else own < other


def _sorted_places(
    session: Session, request: ListRequest, others: Sequence[ColumnElement[bool]], by: Actor
) -> list[Place]:
    """Return all places of a view that holds few leads."""
    whole = whole_order(session, request, by)
    statement = select(col(Lead.id), whole.value).select_from(Lead)
    if whole.join is not None:
        statement = statement.join(whole.join[0], whole.join[1], isouter=True)
    statement = statement.where(*others, *facet_conditions(request))
    places = [Place(*whole.place(row[1]), row[0]) for row in session.connection().execute(statement)]
    parts = [[place for place in places if place.part == number] for number in sorted({p.part for p in places})]
    for part in parts:
        part.sort(key=_within_part, reverse=request.falls)
    return [place for part in parts for place in part]


def _within_part(place: Place) -> tuple[Any, UUID]:
    return (0 if place.value is None else place.value), place.lead_id


def _walk(
    session: Session, request: ListRequest, others: Sequence[ColumnElement[bool]], by: Actor
) -> tuple[list[Place], bool]:
    """Return the places of one page by walking the order's index, part after part."""
    parts = list(enumerate(parts_of(session, request, by)))
    cursor, wanted = request.cursor, request.size + 1
    if cursor is not None:
        parts = [(n, part) for n, part in parts if (n <= cursor.part if request.back else n >= cursor.part)]
    if request.back:
        parts.reverse()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    conditions = [*(unindexed(c) if is_sqlite else c for c in facet_conditions(request)), *others]
    places: list[Place] = []
    for number, part in parts:
        statement = _of_part(part).where(*conditions, *part.where)
        start = cursor if cursor is not None and cursor.part == number else None
        statement = _from_cursor(statement, part, start, request).limit(wanted - len(places))
        places += [Place(number, row[1], row[0]) for row in session.connection().execute(statement)]
        if len(places) >= wanted:
            break
    has_more, places = len(places) > request.size, places[: request.size]
    return (places[::-1] if request.back else places), has_more


def _of_part(part: Part) -> Any:
    statement = select(col(Lead.id), part.value if part.value is not None else literal(None))
    if part.join is None:
        return statement.select_from(Lead)
    table, of_lead = part.join
    return statement.select_from(table).join(Lead, of_lead)


def _from_cursor(statement: Any, part: Part, cursor: Cursor | None, request: ListRequest) -> Any:
    rises = request.falls == request.back
    columns: list[Any] = [part.value, col(Lead.id)] if part.value is not None else [col(Lead.id)]
    if part.join is not None:
        columns = [part.value, _id_beside(part)]
    if cursor is not None:
        values = [_typed(part, cursor.value), UUID(cursor.lead_id)] if len(columns) == 2 else [UUID(cursor.lead_id)]
        here, there = tuple_(*columns), tuple_(*[literal(v, c.type) for v, c in zip(values, columns, strict=True)])
        statement = statement.where(here > there if rises else here < there)
    return statement.order_by(*(c.asc() if rises else c.desc() for c in columns))


def _id_beside(part: Part) -> Any:
    """Return the lead's id as the table that orders holds it, so that its index gives the whole order."""
    table: Any = part.join[0] if part.join else Lead
    return col(table.subject_id if table is CurrentPrediction else table.record_id)


def _typed(part: Part, value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(getattr(part.value, "type", None), Instant) else value


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return int(value) if isinstance(value, Decimal) else value


def _rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[ListRow]:
    """Return the leads in the order of their ids, with names, scores and the custom fields that the actor may read."""
    names, fields = user_names(session), fields_for(session, kind=KIND, by=by)
    leads = {lead.id: lead for lead in session.scalars(select(Lead).where(col(Lead.id).in_(ids)))}
    scores = _scores(session, ids)
    hidden = hidden_keys(session, kind=KIND, by=by) | unseen_answers(by)
    told = {name: may_see_field(by, "lead", name) for name in _SAME}
    rows = []
    for lead_id in ids:
        lead = leads[lead_id]
        score = scores.get(lead_id)
        rows.append(
            ListRow(
                lead_id=lead_id,
                state=LeadState(lead.state),
                owner_name=names.get(lead.owner_id, "") if lead.owner_id and told["owner_id"] else "",
                custom=values_seen(fields, lead.custom),
                **{name: getattr(lead, name) if told[name] else blank(name) for name in _SAME},
                **(_score_values(score, hidden) if score else {}),
            )
        )
        session.expunge(lead)
    return rows


_SAME = [
    "row_version",
    "name",
    "person_name",
    "company_name",
    "email",
    "phone",
    "postal_code",
    "city",
    "canton",
    "source",
    "owner_id",
    "expected_amount",
    "next_step",
    "next_step_date",
    "received_at",
    "closed_at",
    "exchanges",
    "last_exchange_at",
]


def blank(name: str) -> Any:
    """Return what stands in place of a field that the reader may not see."""
    return None if name in _MAY_LACK else ""


_MAY_LACK = {"owner_id", "expected_amount", "next_step_date", "closed_at", "last_exchange_at"}


def _scores(session: Session, ids: Sequence[UUID]) -> dict[UUID, CurrentPrediction]:
    wanted = select(CurrentPrediction).where(
        and_(
            col(CurrentPrediction.model) == SCORE,
            col(CurrentPrediction.subject_kind) == KIND,
            col(CurrentPrediction.subject_id).in_(ids),
        )
    )
    return {score.subject_id: score for score in session.scalars(wanted)}


def _score_values(score: CurrentPrediction, hidden: frozenset[str]) -> dict[str, Any]:
    reasons = told_reasons(score.reasons, hidden)
    return {
        "probability": score.probability,
        "low": score.low,
        "high": score.high,
        "rung": score.rung,
        "version": score.version,
        "first_reason": reasons[0] if reasons else None,
    }
