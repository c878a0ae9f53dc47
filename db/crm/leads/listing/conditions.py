"""The search and filters of the list as SQL conditions. Custom fields only through the policy of their readers."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlmodel import Session, col

from db.access.rules import Actor
from db.crm.leads.intake.tables import ImportedLead
from db.crm.leads.listing.rules import FACET_NAMES, NOBODY, CustomFilter, ListRequest
from db.crm.leads.rules import KIND, SCORE
from db.crm.leads.tables import Lead
from db.insights.predictions.tables import CurrentPrediction
from db.records.custom_fields.queries import field_for, value_matches
from db.records.custom_fields.tables import CustomValue
from db.records.search.queries import matching_numbers
from db.records.search.rules import search_words

FACET_COLUMNS: dict[str, Any] = {
    "state": Lead.state,
    "owner": Lead.owner_id,
    "source": Lead.source,
    "canton": Lead.canton,
}
SWISS_TIME = ZoneInfo("Europe/Zurich")
MANY = 4000  # so many numbers are looked up one by one sooner than all leads are read


def facet_conditions(request: ListRequest) -> list[ColumnElement[bool]]:
    """Return the conditions of the chosen facet values."""
    chosen = [(FACET_COLUMNS[name], request.facet(name)) for name in FACET_NAMES if request.facet(name)]
    return [_one_of(column, values) for column, values in chosen]


def _one_of(column: Any, values: tuple[str, ...]) -> ColumnElement[bool]:
    if column is not Lead.owner_id:
        return col(column).in_(values)
    people = [UUID(value) for value in values if value != NOBODY]
    is_theirs = col(column).in_(people)
    return or_(is_theirs, col(column).is_(None)) if NOBODY in values else is_theirs


def other_conditions(session: Session, request: ListRequest, by: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions that are no facets: search, score band, reception, custom fields.

    Raises: NotFound, BadInput: a custom filter that the actor may not use, or a value that does not fit.
    """
    conditions: list[ColumnElement[bool]] = []
    if search_words(request.search):
        numbers = matching_numbers(session, kind=KIND, query=request.search)
        conditions.append(_numbered(session, numbers))
    if request.received_from:
        conditions.append(col(Lead.received_at) >= _midnight(request.received_from))
    if request.received_to:
        conditions.append(col(Lead.received_at) < _midnight(request.received_to + timedelta(days=1)))
    if request.score_from is not None or request.score_to is not None:
        conditions.append(_in_band(request.score_from, request.score_to))
    if request.import_id:
        touched = select(col(ImportedLead.lead_id)).where(col(ImportedLead.import_id) == request.import_id)
        conditions.append(col(Lead.id).in_(touched))
    return conditions + [_custom(session, condition, by) for condition in request.custom]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SWISS_TIME).astimezone(UTC)


def _in_band(low: float | None, high: float | None) -> ColumnElement[bool]:
    bounds = [col(CurrentPrediction.model) == SCORE, col(CurrentPrediction.subject_kind) == KIND]
    if low is not None:
        bounds.append(col(CurrentPrediction.probability) >= low)
    if high is not None:
        bounds.append(col(CurrentPrediction.probability) <= high)
    return col(Lead.id).in_(select(col(CurrentPrediction.subject_id)).where(and_(*bounds)))


def _custom(session: Session, condition: CustomFilter, by: Actor) -> ColumnElement[bool]:
    field = field_for(session, kind=KIND, key=condition.key, by=by)
    matches = value_matches(field, operator=condition.operator, given=condition.value)
    holders = select(col(CustomValue.record_number)).where(col(CustomValue.field_id) == field.field_id, matches)
    return _numbered(session, holders)


def _numbered(session: Session, numbers: Select[Any]) -> ColumnElement[bool]:
    """Return the condition that a lead's number is among others; of many, SQLite had better test each lead it reads."""
    if session.get_bind().dialect.name != "sqlite":
        return col(Lead.search_number).in_(numbers)
    capped = select(func.count()).select_from(numbers.limit(MANY + 1).subquery())
    is_many = session.connection().execute(capped).scalar_one() > MANY
    number: Any = _unary_plus(col(Lead.search_number)) if is_many else col(Lead.search_number)
    is_among: ColumnElement[bool] = number.in_(numbers)
    return is_among


def unindexed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that SQLite tests row by row, so that it does not choose its index over that of the order."""
    tested: ColumnElement[bool] = _unary_plus(condition.self_group())
    return tested


def _unary_plus(element: Any) -> Any:
    return UnaryExpression(element, operator=custom_op("+"), type_=element.type)
