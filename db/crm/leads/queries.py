"""Questions about leads. The list itself is in `listing/`; `lead_page` and `leads_of_view` are repeated here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.reach import within_reach
from db.access.rules import Actor, may_see_field, reaches_owner
from db.access.tables import Change, ChangeValue, Deed
from db.crm.leads.knowledge import known_leads
from db.crm.leads.listing.queries import blank, lead_page, leads_of_view
from db.crm.leads.rules import CANTONS, KIND, OPEN_STATES, SCORE, LeadFacts, LeadState, told_reasons, unseen_answers
from db.crm.leads.tables import Lead
from db.crm.opportunities.queries import opportunity_of_lead
from db.insights.predictions.tables import CurrentPrediction
from db.kernel.errors import BadInput, NotFound
from db.records.custom_fields.queries import entries_of, field_for, fields_for, hidden_keys
from db.records.custom_fields.rules import CustomEntry, order_of, read_value
from db.records.custom_fields.tables import CustomValue
from db.records.search.rules import digits

CHUNK = 500
READ = "crm.read_leads"
__all__ = [
    "count_open_leads",
    "field_changes",
    "last_change",
    "lead_by_key",
    "lead_detail",
    "lead_history",
    "lead_page",
    "leads_of_view",
    "open_leads",
]


@dataclass(frozen=True)
class Score:
    """What a model says of a lead, with its interval and reasons."""

    probability: float
    low: float
    high: float
    rung: str
    n_similar: int
    n_similar_won: int
    reasons: list[dict[str, Any]]
    version: int | None
    version_id: UUID | None
    scored_at: datetime


@dataclass(frozen=True)
class LeadDetail:
    """Everything that the actor may know of one lead."""

    lead_id: UUID
    row_version: int
    name: str
    person_name: str
    company_name: str
    email: str
    phone: str
    street: str
    house_number: str
    postal_code: str
    city: str
    canton: str
    source: str
    state: LeadState
    owner_id: UUID | None
    owner_name: str
    expected_amount: Decimal | None
    next_step: str
    next_step_date: date | None
    received_at: datetime
    closed_at: datetime | None
    lost_reason: str
    exchanges: int
    last_exchange_at: datetime | None
    updated_at: datetime
    opportunity_id: UUID | None
    custom: list[CustomEntry]
    score: Score | None


@dataclass(frozen=True)
class LastChange:
    """Who changed a record last, when, and which fields."""

    by_name: str
    at: datetime
    fields: list[str]


_SAME = [
    "row_version",
    "name",
    "person_name",
    "company_name",
    "email",
    "phone",
    "street",
    "house_number",
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
    "lost_reason",
    "exchanges",
    "last_exchange_at",
    "updated_at",
]


@readable("crm.read_leads")
def lead_detail(session: Session, *, lead_id: UUID, by: Actor) -> LeadDetail:
    """Return a lead with the custom fields that the actor may read and its score.

    Raises: NotFound.
    """
    lead = _reached(session, lead_id, by)
    became = opportunity_of_lead(session, lead_id=lead_id, by=by)
    told = {name: may_see_field(by, "lead", name) for name in _SAME}
    return LeadDetail(
        lead_id=lead_id,
        state=LeadState(lead.state),
        owner_name=user_names(session).get(lead.owner_id, "") if lead.owner_id else "",
        opportunity_id=became.opportunity_id if became else None,
        custom=entries_of(session, kind=KIND, group="", record_id=lead_id, stored=lead.custom, by=by),
        score=_score(session, lead_id, hidden_keys(session, kind=KIND, by=by) | unseen_answers(by)),
        **{name: getattr(lead, name) if told[name] else blank(name) for name in _SAME},
    )


def _reached(session: Session, lead_id: UUID, by: Actor) -> Lead:
    lead = session.get(Lead, lead_id)
    if lead is None or not reaches_owner(by, READ, lead.owner_id):
        raise NotFound("Cette piste n’existe pas ou plus.")
    return lead


def _score(session: Session, lead_id: UUID, hidden: frozenset[str]) -> Score | None:
    row = session.get(CurrentPrediction, (SCORE, KIND, lead_id))
    if row is None:
        return None
    return Score(
        row.probability,
        row.low,
        row.high,
        row.rung,
        row.n_similar,
        row.n_similar_won,
        told_reasons(row.reasons, hidden),
        row.version,
        row.version_id,
        row.scored_at,
    )


@dataclass(frozen=True)
class FieldChange:
    """One field of a lead that somebody changed; `label` only of custom fields, values as texts (empty: none)."""

    at: datetime
    by_name: str
    field: str
    label: str
    before: str
    after: str


@readable("crm.read_leads")
def field_changes(session: Session, *, lead_id: UUID, by: Actor, limit: int = 50) -> list[FieldChange]:
    """Return the newest changes of a lead's fields that the story does not tell anyway, newest first.

    Raises: NotFound.
    """
    _reached(session, lead_id, by)
    wanted = (
        select(col(Deed.at), col(Deed.actor_name), col(ChangeValue.before), col(ChangeValue.after))
        .join(Change, col(Change.deed_id) == col(Deed.id))
        .join(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(col(Change.record_kind) == KIND, col(Change.record_id) == lead_id, col(Change.operation) == "update")
        .order_by(col(Change.id).desc())
        .limit(limit)
    )
    labels = {field.key: field.label for field in fields_for(session, kind=KIND, by=by)}
    found = []
    for at, name, before, after in session.connection().execute(wanted):
        for field, label, old, new in _changed_fields(before or {}, after or {}, labels):
            if label or may_see_field(by, "lead", field):
                found.append(FieldChange(at, name, field, label, old, new))
    return found


def _changed_fields(
    before: dict[str, Any], after: dict[str, Any], labels: dict[str, str]
) -> Iterator[tuple[str, str, str, str]]:
    for name in _TOLD_BY_CHANGE:
        if name in after:
            yield name, "", str(before.get(name) or ""), str(after[name] or "")
    old, new = before.get("custom") or {}, after.get("custom") or {}
    for key in sorted({*old, *new}) if "custom" in after else ():
        if key in labels and old.get(key) != new.get(key):
            yield key, labels[key], str(old.get(key) or ""), str(new.get(key) or "")


_TOLD_BY_CHANGE = [
    "name",
    "person_name",
    "company_name",
    "email",
    "phone",
    "street",
    "house_number",
    "postal_code",
    "city",
    "canton",
    "source",
    "expected_amount",
    "next_step",
    "next_step_date",
]


def count_open_leads(session: Session, user_id: UUID) -> int:
    """Return how many open leads a person has."""
    open_states = [state.value for state in OPEN_STATES]
    wanted = select(func.count()).where(col(Lead.owner_id) == user_id, col(Lead.state).in_(open_states))
    return session.scalar(wanted) or 0


@readable("crm.read_leads")
def last_change(session: Session, *, lead_id: UUID, by: Actor) -> LastChange | None:
    """Return who changed a lead last and which fields (names of columns), for the message of a conflict.

    Raises: NotFound.
    """
    _reached(session, lead_id, by)
    wanted = (
        select(col(Deed.actor_name), col(Deed.at), col(ChangeValue.after))
        .join(Change, col(Change.deed_id) == col(Deed.id))
        .join(ChangeValue, col(ChangeValue.change_id) == col(Change.id), isouter=True)
        .where(col(Change.record_kind) == KIND, col(Change.record_id) == lead_id)
        .order_by(col(Change.id).desc())
        .limit(1)
    )
    row = session.connection().execute(wanted).first()
    if row is None:
        return None
    return LastChange(row[0], row[1], sorted(name for name in row[2] or {} if may_see_field(by, "lead", name)))


@readable("crm.read_leads")
def lead_by_key(session: Session, *, field: str, values: Sequence[Any], by: Actor) -> dict[Any, UUID]:
    """Return which leads have the given values in a key field: email, phone, name, or a custom field by its key.

    Phones match however they are spaced, addresses in any case. A value that several leads share gives the oldest.

    Raises: NotFound: no such field; BadInput: a lead is not looked up by it.
    """
    found: dict[Any, UUID] = {}
    unique = [value for value in dict.fromkeys(values) if value not in (None, "")]
    for start in range(0, len(unique), CHUNK):
        found |= _by_key(session, field, unique[start : start + CHUNK], by)
    return found


def _by_key(session: Session, field: str, values: Sequence[Any], by: Actor) -> dict[Any, UUID]:
    if field in ("email", "phone", "name"):
        if not may_see_field(by, "lead", field):
            raise NotFound("Le champ « {key} » n’existe pas.", key=field)
        return _by_column(session, field, values, by)
    if field in CANTONS or field in ("city", "source", "state"):
        raise BadInput("« {field} » ne désigne pas une seule piste.", field=field)
    custom = field_for(session, kind=KIND, key=field, by=by)
    column: Any = CustomValue.number if custom.is_number else CustomValue.text_order
    keys = {value: order_of(read_value(custom, value))[1 if custom.is_number else 0] for value in values}
    wanted = select(col(column), col(CustomValue.record_id)).where(
        col(CustomValue.field_id) == custom.field_id,
        col(column).in_(set(keys.values())),
        col(CustomValue.record_id).in_(select(col(Lead.id)).where(*within_reach(by, READ, col(Lead.owner_id)))),
    )
    return _oldest_first(
        keys,
        session.connection().execute(wanted.order_by(col(CustomValue.record_id).desc())),
    )


def _by_column(session: Session, field: str, values: Sequence[Any], by: Actor) -> dict[Any, UUID]:
    from db.records.search.rules import fold

    columns: dict[str, tuple[Any, Any]] = {
        "email": (Lead.email, lambda value: str(value).strip().lower()),
        "phone": (Lead.phone_digits, lambda value: digits(str(value))),
        "name": (Lead.name_order, lambda value: fold(str(value))),
    }
    column, normal = columns[field]
    keys = {value: normal(value) for value in values}
    given = {key for key in keys.values() if key}
    wanted = select(col(column), col(Lead.id)).where(
        col(column).in_(given), *within_reach(by, READ, col(Lead.owner_id))
    )
    return _oldest_first(keys, session.connection().execute(wanted.order_by(col(Lead.id).desc())))


def _oldest_first(keys: dict[Any, Any], rows: Any) -> dict[Any, UUID]:
    ids = {row[0]: row[1] for row in rows}
    return {value: ids[key] for value, key in keys.items() if key in ids}


@readable("crm.read_leads")
def lead_history(session: Session, *, as_of: datetime, by: Actor) -> Sequence[LeadFacts]:
    """Return every lead within reach received before an instant, as known then; outcomes of those closed before it."""
    return list(known_leads(session, as_of=as_of, by=by))


@readable("crm.read_leads")
def open_leads(
    session: Session, *, as_of: datetime, by: Actor, lead_ids: Sequence[UUID] | None = None
) -> Sequence[LeadFacts]:
    """Return the leads (or some of them) that are open now, as they are known at `as_of`, the present of the caller."""
    return list(known_leads(session, as_of=as_of, by=by, only_open=True, lead_ids=lead_ids))
