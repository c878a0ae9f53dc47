"""The orders of the list. An order has parts that follow each other, each read along one index.

A lead without a score, or without a value in the custom field that orders, comes last in both directions.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists
from sqlmodel import Session, col

from db.access.people.queries import user_names
from db.access.rules import Actor
from db.crm.leads.listing.rules import CUSTOM, ListRequest
from db.crm.leads.rules import KIND, SCORE
from db.crm.leads.tables import Lead
from db.insights.predictions.tables import CurrentPrediction
from db.records.custom_fields.queries import field_for
from db.records.custom_fields.tables import CustomValue
from db.records.search.rules import fold

_COLUMNS: dict[str, Any] = {
    "name": Lead.name_order,
    "company": Lead.company_order,
    "person": Lead.person_order,
    "city": Lead.city_order,
    "postal_code": Lead.postal_code,
    "canton": Lead.canton,
    "source": Lead.source,
    "email": Lead.email,
    "phone": Lead.phone_digits,
    "received": Lead.received_at,
    "exchanges": Lead.exchanges,
    "next": Lead.next_order,
    "amount": Lead.amount_order,
    "state": Lead.state_order,
}


@dataclass(frozen=True)
class Part:
    """One run of an order: leads that meet `where`, by `value` (None: by id alone), with the table that holds it."""

    value: Any
    join: tuple[Any, ColumnElement[bool]] | None = None
    where: list[ColumnElement[bool]] = field(default_factory=list)


@dataclass(frozen=True)
class WholeOrder:
    """The same order for few leads, read in one go: a value, and the part that it falls into."""

    value: Any
    join: tuple[Any, ColumnElement[bool]] | None = None
    ranks: dict[UUID, int] | None = None  # of owners, when they order

    def place(self, value: Any) -> tuple[int, Any]:
        """Return the part of a value and what orders within it."""
        if self.ranks is not None:
            return self.ranks.get(value, len(self.ranks)), None
        if self.join is not None:
            return (1 if value is None else 0), value
        return 0, value


def parts_of(session: Session, request: ListRequest, by: Actor) -> list[Part]:
    """Return the parts of the order that a request asks for, in the order in which they are read.

    Raises: NotFound: a custom field that the actor may not read.
    """
    if request.sort_key == "owner":
        theirs = [Part(None, where=[col(Lead.owner_id) == user_id]) for user_id in _owners(session, request)]
        return [*theirs, Part(None, where=[col(Lead.owner_id).is_(None)])]
    beside = _beside(session, request, by)
    if beside is None:
        return [Part(_COLUMNS[request.sort_key])]
    value, table, of_lead = beside
    return [Part(value, join=(table, of_lead)), Part(None, where=[~exists().where(of_lead)])]


def whole_order(session: Session, request: ListRequest, by: Actor) -> WholeOrder:
    """Return the order for a view that holds few leads.

    Raises: NotFound: a custom field that the actor may not read.
    """
    if request.sort_key == "owner":
        ranks = {user_id: rank for rank, user_id in enumerate(_owners(session, request))}
        return WholeOrder(col(Lead.owner_id), ranks=ranks)
    beside = _beside(session, request, by)
    if beside is None:
        return WholeOrder(_COLUMNS[request.sort_key])
    value, table, of_lead = beside
    return WholeOrder(value, join=(table, of_lead))


def _beside(session: Session, request: ListRequest, by: Actor) -> tuple[Any, Any, ColumnElement[bool]] | None:
    """Return the value, the table and the condition of an order that another table holds; None for a lead's own."""
    key = request.sort_key
    if key == "probability":
        return col(CurrentPrediction.probability), CurrentPrediction, _score_of_lead()
    if not key.startswith(CUSTOM):
        return None
    custom = field_for(session, kind=KIND, key=key.removeprefix(CUSTOM), by=by)
    value: Any = CustomValue.number if custom.is_number else CustomValue.text_order
    of_lead = and_(col(CustomValue.record_id) == col(Lead.id), col(CustomValue.field_id) == custom.field_id)
    return col(value), CustomValue, of_lead


def _score_of_lead() -> ColumnElement[bool]:
    return and_(
        col(CurrentPrediction.subject_id) == col(Lead.id),
        col(CurrentPrediction.model) == SCORE,
        col(CurrentPrediction.subject_kind) == KIND,
    )


def _owners(session: Session, request: ListRequest) -> list[UUID]:
    named = sorted(user_names(session).items(), key=lambda pair: (fold(pair[1]), pair[0]), reverse=request.falls)
    return [user_id for user_id, _ in named]
