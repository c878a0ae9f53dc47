"""Leads as they were known at an instant: what models learn from, read for many thousands at once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from db.access.reach import within_reach
from db.access.rules import Actor
from db.access.tables import Change, ChangeValue, Deed
from db.crm.leads.rules import KIND, OPEN_STATES, LeadFacts, LeadState, first_exchanges, unseen_answers, values_known_at
from db.crm.leads.tables import Lead
from db.records.custom_fields.queries import custom_fields
from db.records.custom_fields.rules import CustomField, FieldType, Value, value_of

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
    by: Actor,
    only_open: bool = False,
    lead_ids: Sequence[UUID] | None = None,
) -> Iterator[LeadFacts]:
    """Yield what was known at `as_of` of each lead within reach received before it, in the order of reception.

    A lead counts from the day it was received, even when a file brought it in later than `as_of`: what a firm takes
    over today has to be there to learn from. An exchange counts only if it had been noted by then.
    """
    fields = [
        field for field in custom_fields(session, kind=KIND) if field.feature and field.type is not FieldType.LONG_TEXT
    ]
    unseen = unseen_answers(by)
    table = SQLModel.metadata.tables["lead"]
    wanted = select(table.c.id, table.c.received_at, *(table.c[name] for name in NAMES))
    wanted = wanted.where(*within_reach(by, "crm.read_leads", table.c.owner_id))
    wanted = wanted.where(table.c.received_at < as_of).order_by(table.c.received_at, table.c.id)
    if only_open:
        wanted = wanted.where(table.c.state.in_([state.value for state in OPEN_STATES]))
    if lead_ids is not None:
        wanted = wanted.where(table.c.id.in_(lead_ids))
    rows = session.connection().execute(wanted).all()
    befores = _later_changes(session, as_of) if not only_open else {}
    talks = _exchanges(session, as_of, only_open, lead_ids)
    for row in rows:
        values = dict(row._mapping)
        if row.id in befores:
            values = _as_known(values, befores[row.id])
        facts = _facts(values, fields, talks.get(row.id, ()), as_of)
        for name in unseen:
            facts.fields.pop(name, None)
        yield facts


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
    session: Session, as_of: datetime, only_open: bool, lead_ids: Sequence[UUID] | None
) -> dict[UUID, list[datetime]]:
    """Return when each lead's exchanges took place, of those that had taken place and been noted before an instant."""
    table = SQLModel.metadata.tables["exchange"]
    wanted = select(table.c.lead_id, table.c.happened_at)
    wanted = wanted.where(table.c.happened_at < as_of, table.c.created_at < as_of)
    if only_open:
        open_states = [state.value for state in OPEN_STATES]
        wanted = wanted.join(Lead, col(Lead.id) == table.c.lead_id).where(col(Lead.state).in_(open_states))
    if lead_ids is not None:
        wanted = wanted.where(table.c.lead_id.in_(lead_ids))
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for lead_id, happened_at in session.connection().execute(wanted):
        found[lead_id].append(happened_at)
    return found


def _facts(
    values: Mapping[str, Any],
    fields: Sequence[CustomField],
    talks: Sequence[datetime],
    as_of: datetime,
) -> LeadFacts:
    closed_at: datetime | None = values["closed_at"]
    known_closing = closed_at if closed_at is not None and closed_at < as_of else None
    custom: dict[str, Value] = {field.key: value_of(field, values["custom"].get(field.key)) for field in fields}
    return LeadFacts(
        lead_id=values["id"],
        received_at=values["received_at"],
        closed_at=known_closing,
        won=values["state"] == LeadState.CONVERTED.value if known_closing else None,
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
            "exchanges": Decimal(first_exchanges(talks, values["received_at"], known_closing)),
        },
    )
