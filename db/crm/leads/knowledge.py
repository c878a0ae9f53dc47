"""Leads as they were known at an instant: what models learn from, read for many thousands at once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, SQLModel, col

from db.access.tables import Change, ChangeValue, Deed
from db.crm.leads.rules import KIND, OPEN_STATES, LeadFacts, LeadState, values_known_at
from db.crm.leads.tables import Exchange, Lead
from db.records.custom_fields.queries import custom_fields
from db.records.custom_fields.rules import CustomField, Value, value_of

NAMES = (
    "source",
    "canton",
    "city",
    "postal_code",
    "expected_amount",
    "email",
    "phone",
    "company_name",
    "state",
    "closed_at",
    "custom",
)


def known_leads(
    session: Session,
    *,
    as_of: datetime,
    only_open: bool = False,
    lead_ids: Sequence[UUID] | None = None,
) -> Iterator[LeadFacts]:
    """Yield what was known at `as_of` of each lead received before it, in the order of reception."""
    fields = [field for field in custom_fields(session, kind=KIND) if field.feature]
    table = SQLModel.metadata.tables["lead"]
    wanted = select(table.c.id, table.c.received_at, *(table.c[name] for name in NAMES))
    wanted = wanted.where(table.c.received_at < as_of).order_by(table.c.received_at, table.c.id)
    if only_open:
        wanted = wanted.where(table.c.state.in_([state.value for state in OPEN_STATES]))
    if lead_ids is not None:
        wanted = wanted.where(table.c.id.in_(lead_ids))
    rows = session.connection().execute(wanted).all()
    befores = _later_changes(session, as_of) if not only_open else {}
    talks = _exchanges(session, as_of, lead_ids)
    for row in rows:
        values = dict(row._mapping)
        if row.id in befores:
            values = _as_known(values, befores[row.id])
        yield _facts(values, fields, talks.get(row.id, (0, None)), as_of)


def _later_changes(session: Session, as_of: datetime) -> dict[UUID, list[Mapping[str, Any]]]:
    """Return the before-values of updates made at or after an instant, newest first, by lead."""
    wanted = (
        select(col(Change.record_id), col(ChangeValue.before))
        .join(Deed, col(Deed.id) == col(Change.deed_id))
        .join(ChangeValue, col(ChangeValue.change_id) == col(Change.id))
        .where(
            col(Deed.at) >= as_of,
            col(Change.record_kind) == KIND,
            col(Change.operation) == "update",
        )
        .order_by(col(Deed.at).desc(), col(Change.id).desc())
    )
    found: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for record_id, before in session.connection().execute(wanted):
        found[record_id].append(before or {})
    return found


def _as_known(now: dict[str, Any], befores: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values before the later changes, as the columns hold them (history keeps JSON)."""
    known = values_known_at(now, befores)
    if isinstance(known["closed_at"], str):
        known["closed_at"] = datetime.fromisoformat(known["closed_at"])
    if isinstance(known["expected_amount"], str):
        known["expected_amount"] = Decimal(known["expected_amount"])
    return known


def _exchanges(
    session: Session, as_of: datetime, lead_ids: Sequence[UUID] | None
) -> dict[UUID, tuple[int, datetime | None]]:
    """Return count and last instant of each lead's exchanges before an instant and before its closing."""
    in_time = and_(
        col(Exchange.happened_at) < as_of,
        or_(
            col(Lead.closed_at).is_(None),
            col(Exchange.happened_at) <= col(Lead.closed_at),
        ),
    )
    wanted = (
        select(col(Exchange.lead_id), func.count(), func.max(Exchange.happened_at))
        .join(Lead, col(Lead.id) == col(Exchange.lead_id))
        .where(in_time)
        .group_by(col(Exchange.lead_id))
    )
    if lead_ids is not None:
        wanted = wanted.where(col(Exchange.lead_id).in_(lead_ids))
    return {lead_id: (count, last) for lead_id, count, last in session.connection().execute(wanted)}


def _facts(
    values: Mapping[str, Any],
    fields: Sequence[CustomField],
    talks: tuple[int, datetime | None],
    as_of: datetime,
) -> LeadFacts:
    closed_at: datetime | None = values["closed_at"]
    is_known = closed_at is not None and closed_at < as_of
    won = values["state"] == LeadState.CONVERTED.value if is_known else None
    count, last = talks
    until = closed_at if is_known and closed_at is not None else as_of
    days = None if last is None else Decimal(max((until - last).days, 0))
    custom: dict[str, Value] = {field.key: value_of(field, values["custom"].get(field.key)) for field in fields}
    return LeadFacts(
        lead_id=values["id"],
        received_at=values["received_at"],
        closed_at=closed_at if is_known else None,
        won=won,
        fields={
            **custom,
            "source": values["source"] or None,
            "canton": values["canton"] or None,
            "city": values["city"] or None,
            "postal_code": values["postal_code"] or None,
            "expected_amount": values["expected_amount"],
            "has_email": bool(values["email"]),
            "has_phone": bool(values["phone"]),
            "has_company": bool(values["company_name"]),
            "exchanges": Decimal(count),
            "days_since_last_exchange": days,
        },
    )
