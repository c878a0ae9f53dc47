"""Any list, a page at a time, each as fast as the first, and its counts in a second question.

A page is read by walking the index of its order from a cursor. When a filter leaves few records, those are read and
sorted instead. Counts come from one grouped reading; what a frequent word finds is counted up to a limit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, func, literal, select, tuple_
from sqlmodel import Session, col

from db.access.rules import Actor, check_may, may_see_field
from db.kernel.errors import BadInput
from db.kernel.record import Instant, Scaled
from db.records.custom_fields.queries import field_for
from db.records.custom_fields.rules import PREFIX
from db.records.listing.added import AddedOrder, groups_of
from db.records.listing.rules import (
    COUNTED,
    FEW,
    NOBODY,
    Cube,
    Cursor,
    ListCounts,
    ListPage,
    ListRequest,
)
from db.records.listing.source import (
    Source,
    beside,
    check_fields,
    count_capped,
    facet_conditions,
    facets_seen,
    finds_many,
    is_more_than,
    numbers_sought,
    other_conditions,
    unary_plus,
    unindexed,
)

CHUNK = 500
Conditions = Sequence[ColumnElement[bool]]


def page_of(session: Session, source: Source, *, request: ListRequest, by: Actor) -> ListPage:
    """Return one page of a list.

    Raises: NotAllowed, BadInput, NotFound: a filter or order that cannot be used (by this actor).
    """
    check_may(by, source.permission)
    check_fields(source, request, by)
    numbers = numbers_sought(session, source, request, by)
    others = other_conditions(session, source, request, by, numbers)
    is_few = request.cursor.few if request.cursor else _is_few(session, source, request, others, numbers)
    places, has_more = _places(session, source, request, others, is_few, numbers, by)
    rows = source.load(session, [record_id for record_id, _ in places], by)
    cursors = [Cursor(_json(value), record_id.hex, is_few).text() for record_id, value in places[:1] + places[-1:]]
    return ListPage(rows, cursors[0] if cursors else "", cursors[-1] if cursors else "", has_more)


def rows_of(session: Session, source: Source, *, request: ListRequest, by: Actor) -> Iterator[Any]:
    """Yield every row of a view in its order; the same policy as the screen.

    Raises: NotAllowed, BadInput, NotFound.
    """
    for ids in _chunks(session, source, request, by):
        yield from source.load(session, ids, by)


def ids_of(session: Session, source: Source, *, request: ListRequest, by: Actor) -> list[UUID]:
    """Return the ids of every record of a view in its order.

    Raises: NotAllowed, BadInput, NotFound.
    """
    return [record_id for ids in _chunks(session, source, request, by) for record_id in ids]


def _chunks(session: Session, source: Source, request: ListRequest, by: Actor) -> Iterator[list[UUID]]:
    check_may(by, source.permission)
    check_fields(source, request, by)
    numbers = numbers_sought(session, source, request, by)
    others = other_conditions(session, source, request, by, numbers)
    request = replace(request, cursor=None, back=False, size=CHUNK)
    is_few, has_more = _is_few(session, source, request, others, numbers), True
    while has_more:
        places, has_more = _places(session, source, request, others, is_few, numbers, by)
        yield [record_id for record_id, _ in places]
        if places:
            request = replace(request, cursor=Cursor(_json(places[-1][1]), places[-1][0].hex, is_few))


def counts_of(session: Session, source: Source, *, request: ListRequest, by: Actor) -> ListCounts:
    """Return total, amount, chips and groups of a view; exact unless a search finds more than `COUNTED`.

    Raises: NotAllowed, BadInput, NotFound.
    """
    check_may(by, source.permission)
    check_fields(source, request, by)
    numbers = numbers_sought(session, source, request, by)
    others = other_conditions(session, source, request, by, numbers)
    if numbers is not None and is_more_than(session, numbers, COUNTED):
        conditions = [*others, *facet_conditions(source, request)]
        found = count_capped(session, _narrowed(select(literal(1)), source, conditions), COUNTED + 1)
        return ListCounts(min(found, COUNTED), is_capped=found > COUNTED)
    counts = _cube(session, source, request, others, by)
    if not request.group:
        return counts
    conditions = [*others, *facet_conditions(source, request)]
    amount = func.sum(source.amount.column) if source.amount is not None and counts.amount is not None else None
    own = groups_of(
        session, kind=source.kind, table=source.table, key=request.group, amount=amount, conditions=conditions, by=by
    )
    return replace(counts, groups={**counts.groups, request.group: own})


def _narrowed(statement: Any, source: Source, conditions: Conditions) -> Any:
    return statement.select_from(source.table).where(*conditions)


def _cube(session: Session, source: Source, request: ListRequest, others: Conditions, by: Actor) -> ListCounts:
    columns = facets_seen(source, by)
    is_told = source.amount is not None and may_see_field(by, source.name, source.amount.field)
    amount = func.sum(source.amount.column) if source.amount is not None and is_told else literal(None)
    read = _narrowed(select(*columns.values(), func.count(), amount), source, others)
    cube = Cube(tuple(columns), [frozenset(key_of(value) for value in request.facet(name)) for name in columns])
    grouped = read.group_by(*columns.values()) if columns else read
    for row in session.connection().execute(grouped):
        *cell, count, total = tuple(row)
        cube.add([key_of(value) for value in cell], count, total or Decimal(0))
    return cube.counts(has_amount=is_told)


def key_of(value: Any) -> str:
    """Return a facet's value as an address writes it."""
    if value is None:
        return NOBODY
    if isinstance(value, UUID):
        return value.hex
    text = str(value)
    try:
        return UUID(text).hex if len(text) >= 32 else text
    except ValueError:
        return text


def _is_few(
    session: Session, source: Source, request: ListRequest, others: Conditions, numbers: Select[Any] | None
) -> bool:
    conditions = [*others, *beside(session, facet_conditions(source, request), numbers)]
    if finds_many(session, numbers, FEW, is_alone=len(conditions) == len(source.always) + 1):
        return False
    return not is_more_than(session, _narrowed(select(literal(1)), source, conditions), FEW)


def _places(
    session: Session,
    source: Source,
    request: ListRequest,
    others: Conditions,
    is_few: bool,
    numbers: Select[Any] | None,
    by: Actor,
) -> tuple[list[tuple[UUID, Any]], bool]:
    """Return the ids of one page with the values that order them, and if more follow (or precede, going back)."""
    table = source.table
    if request.sort_key not in source.sorts:
        own = AddedOrder(table, field_for(session, kind=source.kind, key=request.sort_key.removeprefix(PREFIX), by=by))
        read = own.few if is_few else own.walked
        return read(session, request, [*others, *facet_conditions(source, request)])
    order, record_id = source.sorts[request.sort_key].column, table.id
    facets, is_sqlite = facet_conditions(source, request), session.get_bind().dialect.name == "sqlite"
    if is_few:
        value = unary_plus(col(order)) if is_sqlite else col(order)
        conditions = [*others, *beside(session, facets, numbers)]
        few = _narrowed(select(record_id.label("id"), value.label("value")), source, conditions)
        held = few.cte("few").prefix_with("materialized")
        statement, columns = select(held.c.id, held.c.value), [held.c.value, held.c.id]
    else:
        tested = [unindexed(condition) for condition in facets] if is_sqlite else facets
        statement = _narrowed(select(record_id, order), source, [*others, *tested])
        columns = [col(order), col(record_id)]
    rises = request.falls == request.back
    if request.cursor is not None:
        values = (_typed(order, request.cursor.value), UUID(request.cursor.record_id))
        here, there = tuple_(*columns), tuple_(*[literal(v, c.type) for v, c in zip(values, columns, strict=True)])
        statement = statement.where(here > there if rises else here < there)
    ordered = statement.order_by(*(c.asc() if rises else c.desc() for c in columns)).limit(request.size + 1)
    places = [(row[0], row[1]) for row in session.connection().execute(ordered)]
    has_more, places = len(places) > request.size, places[: request.size]
    return (places[::-1] if request.back else places), has_more


def _typed(column: Any, value: Any) -> Any:
    """Return a cursor's value as its column compares it.

    Raises: BadInput: the cursor belongs to another order.
    """
    try:
        if isinstance(column.type, Instant):
            return datetime.fromisoformat(value)
        if isinstance(column.type, Date):
            return date.fromisoformat(value)
        if isinstance(column.type, Scaled):
            return Decimal(str(value))
        return int(value) if column.type.python_type is int else str(value)
    except (TypeError, ValueError, ArithmeticError):
        raise BadInput("Cette page de la liste n’existe pas ; recommencez au début.") from None


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
