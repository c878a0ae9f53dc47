"""The search and filters of the list as SQL conditions. Custom fields only through the policy of their readers."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all
from sqlmodel import Session, col

from db.access.rules import Actor, may_see_field
from db.crm.leads.intake.tables import ImportedLead
from db.crm.leads.listing.rules import FACET_FIELDS, FACET_NAMES, NOBODY, SORT_FIELDS, ListRequest
from db.crm.leads.rules import KIND, SCORE
from db.crm.leads.tables import Lead
from db.insights.predictions.tables import CurrentPrediction
from db.kernel.errors import NotFound
from db.records.intake.tables import ImportedRecord
from db.records.listing.source import added_conditions, beside, numbered, theirs
from db.records.search.queries import numbers_seen
from db.records.search.rules import search_words

FACET_COLUMNS: dict[str, Any] = {
    "state": Lead.state,
    "owner": Lead.owner_id,
    "source": Lead.source,
    "canton": Lead.canton,
}
SWISS_TIME = ZoneInfo("Europe/Zurich")


def check_fields(request: ListRequest, by: Actor) -> None:
    """Refuse an order or a filter by a field that the actor may not see.

    Raises: NotFound.
    """
    asked = [SORT_FIELDS.get(request.sort_key, request.sort_key)]
    asked += [FACET_FIELDS[name] for name in FACET_NAMES if request.facet(name)]
    asked += ["received_at"] if request.received_from or request.received_to else []
    for name in asked:
        if not may_see_field(by, "lead", name):
            raise NotFound("Le champ « {key} » n’existe pas.", key=name)


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


def numbers_sought(session: Session, request: ListRequest, by: Actor) -> Select[Any] | None:
    """Return the numbers of the leads that the search finds; None when nothing is searched for.

    Raises: BadInput: too many, of which some only by a hidden field.
    """
    if not search_words(request.search):
        return None
    return numbers_seen(session, kind=KIND, query=request.search, by=by)


def other_conditions(
    session: Session, request: ListRequest, by: Actor, numbers: Select[Any] | None
) -> list[ColumnElement[bool]]:
    """Return the conditions that are no facets: what the search found, score band, reception, custom fields.

    Raises: NotFound, BadInput: a custom filter that the actor may not use, or a value that does not fit.
    """
    conditions = theirs(Lead.owner_id, by, "crm.read_leads")
    if request.received_from:
        conditions.append(col(Lead.received_at) >= _midnight(request.received_from))
    if request.received_to:
        conditions.append(col(Lead.received_at) < _midnight(request.received_to + timedelta(days=1)))
    if request.score_from is not None or request.score_to is not None:
        conditions.append(_in_band(request.score_from, request.score_to))
    if request.import_id:
        touched = union_all(
            select(col(ImportedRecord.record_id)).where(
                col(ImportedRecord.import_id) == request.import_id, col(ImportedRecord.record_table) == "lead"
            ),
            select(col(ImportedLead.lead_id)).where(col(ImportedLead.import_id) == request.import_id),
        )
        conditions.append(col(Lead.id).in_(touched))
    conditions += added_conditions(session, KIND, Lead.search_number, request.custom, by)
    if numbers is None:
        return conditions
    return [*beside(session, conditions, numbers), numbered(session, Lead.search_number, numbers)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SWISS_TIME).astimezone(UTC)


def _in_band(low: float | None, high: float | None) -> ColumnElement[bool]:
    bounds = [col(CurrentPrediction.model) == SCORE, col(CurrentPrediction.subject_kind) == KIND]
    if low is not None:
        bounds.append(col(CurrentPrediction.probability) >= low)
    if high is not None:
        bounds.append(col(CurrentPrediction.probability) <= high)
    return col(Lead.id).in_(select(col(CurrentPrediction.subject_id)).where(and_(*bounds)))
