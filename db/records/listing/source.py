"""What the engine must know of a table in order to list it, and its filters as SQL conditions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, func, or_, select
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlmodel import Session, col

from db.access.reach import within_reach
from db.access.rules import Actor, may_see_field
from db.kernel.errors import BadInput, NotFound
from db.records.custom_fields.queries import field_for
from db.records.listing.added import is_empty, numbers_filled, numbers_with
from db.records.listing.rules import NOBODY, CustomFilter, ListRequest, Shape
from db.records.search.queries import is_listed, numbers_seen
from db.records.search.rules import search_words

MANY = 4000  # so many numbers are looked up one by one sooner than all records are read


@dataclass(frozen=True)
class Column:
    """A column that orders or groups, and the field (column of the record) that it tells about."""

    column: Any
    field: str


@dataclass(frozen=True)
class Range:
    """One end of a range: what an address says, read by `read`, and how it is compared."""

    column: Any
    field: str
    read: Callable[[str], Any]
    is_low: bool  # the value itself belongs to the range at its low end, and not at its high end


@dataclass(frozen=True)
class Source:
    """One table as a list. Every order is a column that is never null, with an index that ends with the id.

    `load` returns the rows of ids, in their order; `always` narrows the table; `amount` is what totals add up.
    """

    kind: str
    table: Any
    permission: str
    load: Callable[[Session, Sequence[UUID], Actor], list[Any]]
    usual_sort: str
    sorts: Mapping[str, Column]
    facets: Mapping[str, Column] = field(default_factory=dict)
    ranges: Mapping[str, Range] = field(default_factory=dict)
    always: tuple[ColumnElement[bool], ...] = ()
    amount: Column | None = None
    owner: Any = None
    added: str | None = None  # the group whose added fields it shows ("": all of the kind); None: the table has none

    @property
    def shape(self) -> Shape:
        """Return what the list can be asked for."""
        return Shape(tuple(self.sorts), self.usual_sort, tuple(self.facets), tuple(self.ranges), self.added is not None)

    @property
    def name(self) -> str:
        """Return the name of the table."""
        return str(self.table.__tablename__)


def check_fields(source: Source, request: ListRequest, by: Actor) -> None:
    """Refuse an order or a filter by a field that the actor may not see.

    Raises: NotFound.
    """
    asked = [source.sorts[request.sort_key].field] if request.sort_key in source.sorts else []
    asked += [source.facets[name].field for name in request.facets]
    asked += [source.ranges[name].field for name in request.ranges]
    for name in asked:
        if not may_see_field(by, source.name, name):
            raise NotFound("Le champ « {key} » n’existe pas.", key=name)


def facets_seen(source: Source, by: Actor) -> dict[str, Any]:
    """Return the columns of the facets that the actor may see."""
    return {name: f.column for name, f in source.facets.items() if may_see_field(by, source.name, f.field)}


def facet_conditions(source: Source, request: ListRequest) -> list[ColumnElement[bool]]:
    """Return the conditions of the chosen facet values."""
    return [one_of(source.facets[name].column, values) for name, values in request.facets.items() if values]


def one_of(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of the values; of a person, `none` is nobody.

    Raises: BadInput: a value that designates nobody.
    """
    if not isinstance(column.type, Uuid):
        return col(column).in_(values)
    theirs = col(column).in_([_person(value) for value in values if value != NOBODY])
    return or_(theirs, col(column).is_(None)) if NOBODY in values else theirs


def _person(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise BadInput("« {text} » ne désigne personne.", text=value[:60]) from None


def numbers_sought(session: Session, source: Source, request: ListRequest, by: Actor) -> Select[Any] | None:
    """Return the numbers of what the search finds; None when nothing is searched for.

    Raises: BadInput: too many records, of which some only by a hidden field.
    """
    if not search_words(request.search):
        return None
    return numbers_seen(session, kind=source.kind, query=request.search, by=by)


def other_conditions(
    session: Session, source: Source, request: ListRequest, by: Actor, numbers: Select[Any] | None
) -> list[ColumnElement[bool]]:
    """Return the conditions that are no facets: what always holds, whose records, ranges and what the search finds.

    Raises: BadInput: a range that cannot be understood.
    """
    conditions = [*source.always, *theirs(source.owner, by, source.permission)]
    for name, text in request.ranges.items():
        found = source.ranges[name]
        value = found.read(text)
        conditions.append(found.column >= value if found.is_low else found.column < value)
    conditions += added_conditions(session, source.kind, source.table.search_number, request.custom, by)
    if numbers is None:
        return conditions
    return [*beside(session, conditions, numbers), numbered(session, source.table.search_number, numbers)]


def added_conditions(
    session: Session, kind: str, number: Any, filters: Sequence[CustomFilter], by: Actor
) -> list[ColumnElement[bool]]:
    """Return the conditions on fields that the company added, by the numbers of the records.

    Raises: NotFound: a field that the actor may not know of. BadInput: a value that does not fit.
    """
    found: list[ColumnElement[bool]] = []
    for one in filters:
        field = field_for(session, kind=kind, key=one.key, by=by)
        if is_empty(one):
            found.append(col(number).not_in(numbers_filled(field)))
        else:
            found.append(numbered(session, number, numbers_with(field, one)))
    return found


def beside(
    session: Session, conditions: Sequence[ColumnElement[bool]], numbers: Select[Any] | None
) -> list[ColumnElement[bool]]:
    """Return conditions that stand beside a search: SQLite shall read the few that it found, by their numbers."""
    is_few = numbers is not None and is_listed(numbers) and session.get_bind().dialect.name == "sqlite"
    return [unindexed(condition) for condition in conditions] if is_few else list(conditions)


def theirs(owner: Any, by: Actor, permission: str) -> list[ColumnElement[bool]]:
    """Return the condition that keeps to the owners whose records the actor reaches; none when she reaches all."""
    return [] if owner is None else within_reach(by, permission, col(owner))


def numbered(session: Session, column: Any, numbers: Select[Any]) -> ColumnElement[bool]:
    """Return the condition that a number is among others; of many, SQLite had better test each record it reads."""
    if session.get_bind().dialect.name != "sqlite":
        return col(column).in_(numbers)
    is_many = not is_listed(numbers) and is_more_than(session, numbers, MANY)
    number: Any = unary_plus(col(column)) if is_many else col(column)
    is_among: ColumnElement[bool] = number.in_(numbers)
    return is_among


def finds_many(session: Session, numbers: Select[Any] | None, most: int, *, is_alone: bool) -> bool:
    """Test if a search finds so many that what it and the filters leave need not be counted before it is read.

    PostgreSQL reads what was not looked up the same way, few or many: counting would be the same work twice.
    """
    if numbers is None:
        return False
    if session.get_bind().dialect.name == "postgresql" and not is_listed(numbers):
        return True
    return is_alone and is_more_than(session, numbers, most)


def is_more_than(session: Session, found: Select[Any], most: int) -> bool:
    """Test if a query finds more rows than so many, reading one more at most."""
    return count_capped(session, found, most + 1) > most


def count_capped(session: Session, found: Select[Any], most: int) -> int:
    """Return how many rows a query finds, reading at most so many."""
    capped = select(func.count()).select_from(found.limit(most).subquery())
    return int(session.connection().execute(capped).scalar_one())


def unindexed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that SQLite tests row by row, so that it does not choose its index over that of the order."""
    tested: ColumnElement[bool] = unary_plus(condition.self_group())
    return tested


def unary_plus(element: Any) -> Any:
    """Return an expression whose value is the same and which no index of SQLite serves."""
    return UnaryExpression(element, operator=custom_op("+"), type_=element.type)
