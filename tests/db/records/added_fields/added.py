"""Records of every kind that take added fields, for tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from app.doors import ask, do, do_undoable
from db.access.policy.actions import set_hidden
from db.access.policy.queries import policy
from db.access.policy.rules import with_rights
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.listing.queries import lead_counts, lead_page
from db.crm.leads.listing.rules import read_request as read_lead_request
from db.crm.leads.queries import lead_detail
from db.crm.opportunities.actions import add_opportunity, edit_opportunity
from db.crm.opportunities.listing.queries import OPPORTUNITY_QUESTIONS
from db.crm.opportunities.listing.queries import SHAPE as OPPORTUNITY_SHAPE
from db.crm.opportunities.queries import opportunity_facts
from db.crm.opportunities.rules import OpportunityDraft
from db.parties.actions import add_party, change_party
from db.parties.listing.queries import COMPANY_QUESTIONS, COMPANY_SHAPE, CONTACT_QUESTIONS, CONTACT_SHAPE
from db.parties.queries import party_card
from db.parties.rules import PartyDraft, PartyKind
from db.records.custom_fields.actions import add_field
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.rules import FieldType
from db.records.listing.rules import read_request
from db.session import reading
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
FIELDS = {
    "secteur": (FieldType.CHOICE, ("Bois", "Métal")),
    "contrat": (FieldType.AMOUNT, ()),
    "visite": (FieldType.DATE, ()),
    "fidele": (FieldType.YES_NO, ()),
    "machines": (FieldType.NUMBER, ()),
    "surnom": (FieldType.TEXT, ()),
    "notes": (FieldType.LONG_TEXT, ()),
}
FULL = {
    "secteur": "Bois",
    "contrat": "1'234.50",
    "visite": "24.11.2026",
    "fidele": "oui",
    "machines": "12.5",
    "surnom": "Le Chêne",
    "notes": "une\ndeux",
}


@dataclass(frozen=True)
class Place:
    """One kind of record: how it is made, changed, read and listed."""

    kind: str
    group: str
    table: str
    make: Callable[[Actor, str, Mapping[str, Any]], UUID]
    change: Callable[[Actor, UUID, Mapping[str, Any]], Any]
    entries: Callable[[Actor, UUID], Any]
    page: Callable[[Actor, str], Any]
    counts: Callable[[Actor, str], Any]


def _party(kind: PartyKind, questions: Any, shape: Any) -> Place:
    def change(by: Actor, record_id: UUID, custom: Mapping[str, Any]) -> Any:
        version = ask(by, party_card, party_id=record_id, by=by).row_version
        return do_undoable(by, change_party, party_id=record_id, values={"custom": custom}, expected_version=version)

    return Place(
        "party",
        kind.value,
        "party",
        lambda by, name, custom: do(by, add_party, draft=PartyDraft(kind, name), custom=custom),
        change,
        lambda by, record_id: ask(by, party_card, party_id=record_id, by=by).custom,
        lambda by, address: ask(by, questions.page, request=read_request(address, shape), by=by),
        lambda by, address: ask(by, questions.counts, request=read_request(address, shape), by=by),
    )


def _opportunity() -> Place:
    def make(by: Actor, name: str, custom: Mapping[str, Any]) -> UUID:
        party_id = do(by, add_party, draft=PartyDraft(PartyKind.COMPANY, f"{name} SA"))
        draft = OpportunityDraft(name=name, party_id=party_id, expected_amount=Decimal(100))
        made: UUID = do(by, add_opportunity, draft=draft, custom=custom)
        return made

    def change(by: Actor, record_id: UUID, custom: Mapping[str, Any]) -> Any:
        version = ask(by, opportunity_facts, opportunity_id=record_id, by=by).row_version
        given = {"opportunity_id": record_id, "values": {"custom": custom}, "expected_version": version}
        return do_undoable(by, edit_opportunity, **given)

    def asked(question: Any) -> Callable[[Actor, str], Any]:
        return lambda by, address: ask(by, question, request=read_request(address, OPPORTUNITY_SHAPE), by=by)

    return Place(
        "opportunity",
        "",
        "opportunity",
        make,
        change,
        lambda by, record_id: ask(by, opportunity_facts, opportunity_id=record_id, by=by).custom,
        asked(OPPORTUNITY_QUESTIONS.page),
        asked(OPPORTUNITY_QUESTIONS.counts),
    )


def _lead() -> Place:
    def change(by: Actor, record_id: UUID, custom: Mapping[str, Any]) -> Any:
        version = ask(by, lead_detail, lead_id=record_id, by=by).row_version
        return do_undoable(by, edit_lead, lead_id=record_id, values={"custom": custom}, expected_version=version)

    return Place(
        "lead",
        "",
        "lead",
        lambda by, name, custom: do(by, create_lead, draft=make_draft(name=name, custom=dict(custom))),
        change,
        lambda by, record_id: ask(by, lead_detail, lead_id=record_id, by=by).custom,
        lambda by, address: ask(by, lead_page, request=read_lead_request(f"view=all&{address}"), by=by),
        lambda by, address: ask(by, lead_counts, request=read_lead_request(f"view=all&{address}"), by=by),
    )


PLACES = {
    "company": _party(PartyKind.COMPANY, COMPANY_QUESTIONS, COMPANY_SHAPE),
    "person": _party(PartyKind.PERSON, CONTACT_QUESTIONS, CONTACT_SHAPE),
    "opportunity": _opportunity(),
    "lead": _lead(),
}


def added(by: Actor, place: Place, key: str, at: datetime, **more: Any) -> UUID:
    """Add one of the fields."""
    type, choices = FIELDS[key]
    draft = FieldDraft(key.capitalize(), choices=choices, **more)
    made: UUID = do(by, add_field, kind=place.kind, group=place.group, type=type, draft=draft, at=at)
    return made


def values_of(by: Actor, place: Place, record_id: UUID) -> dict[str, Any]:
    """Return a record's values by key."""
    return {one.field.key: one.value for one in place.entries(by, record_id)}


def names(page: Any) -> list[str]:
    """Return the names of a page's rows."""
    return [row.name for row in page.rows]


def stored(place: Place, record_id: UUID) -> Any:
    """Return the JSON of a record as the database keeps it."""
    with reading() as session:
        table = SQLModel.metadata.tables[place.table]
        return session.connection().execute(table.select().where(table.c.id == record_id)).one().custom


def hidden_from(people: People, field: str, at: datetime) -> Actor:
    """Hide a field from salespeople; return one as she is then."""
    chief = people[Role.ADMINISTRATOR]
    do(chief, set_hidden, role="sales", field=field, hidden=True, at=at)
    return with_rights(people[Role.SALES], ask(chief, policy))
