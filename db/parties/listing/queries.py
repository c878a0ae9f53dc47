"""The lists of companies and of contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.rules import Actor, may_see_field
from db.parties.rules import KIND, PartyKind
from db.parties.tables import Party, PartyContact
from db.records.custom_fields.queries import fields_for, values_seen
from db.records.custom_fields.rules import Value
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Source


@dataclass(frozen=True)
class PartyRow:
    """One company or person as a list shows it. `linked` is who speaks for a company, or whom a person speaks for.

    A field that the reader may not see is None.
    """

    record_id: UUID
    row_version: int
    name: str
    uid: str | None
    email: str | None
    phone: str | None
    street: str | None
    house_number: str | None
    postal_code: str | None
    city: str | None
    canton: str | None
    country: str | None
    updated_at: datetime
    linked: tuple[str, ...] = ()
    custom: Mapping[str, Value] = field(default_factory=dict)


_FIELDS = ("uid", "email", "phone", "street", "house_number", "postal_code", "city", "canton", "country")


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[PartyRow]:
    """Return parties in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(Party).where(col(Party.id).in_(ids)))}
    linked, fields = _linked(session, ids), fields_for(session, kind=KIND, by=by)
    return [
        PartyRow(
            record_id,
            found[record_id].row_version,
            found[record_id].name,
            updated_at=found[record_id].updated_at,
            linked=tuple(linked.get(record_id, ())),
            custom=values_seen(fields, found[record_id].custom),
            **{n: getattr(found[record_id], n) if may_see_field(by, "party", n) else None for n in _FIELDS},
        )
        for record_id in ids
    ]


def _linked(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    company, person = col(PartyContact.company_id), col(PartyContact.person_id)
    named: dict[UUID, list[str]] = {}
    for here, there in ((company, person), (person, company)):
        wanted = select(here, col(Party.name)).join(Party, col(Party.id) == there).where(here.in_(ids))
        for record_id, name in session.connection().execute(wanted.order_by(col(Party.name_order))):
            named.setdefault(record_id, []).append(name)
    return named


_SORTS = {
    "name": Column(Party.name_order, "name"),
    "city": Column(Party.city, "city"),
    "canton": Column(Party.canton, "canton"),
    "postal_code": Column(Party.postal_code, "postal_code"),
    "email": Column(Party.email, "email"),
    "updated": Column(Party.updated_at, "updated_at"),
}
_FACETS = {"canton": Column(Party.canton, "canton"), "country": Column(Party.country, "country")}
COMPANIES = Source(
    KIND,
    Party,
    "parties.read",
    load_rows,
    usual_sort="name",
    sorts={**_SORTS, "uid": Column(Party.uid, "uid")},
    facets=_FACETS,
    always=(col(Party.kind) == PartyKind.COMPANY.value,),
    added=PartyKind.COMPANY.value,
)
CONTACTS = Source(
    KIND,
    Party,
    "parties.read",
    load_rows,
    usual_sort="name",
    sorts=_SORTS,
    facets=_FACETS,
    always=(col(Party.kind) == PartyKind.PERSON.value,),
    added=PartyKind.PERSON.value,
)


COMPANY_SHAPE, CONTACT_SHAPE = COMPANIES.shape, CONTACTS.shape

COMPANY_QUESTIONS = questions_of(COMPANIES, name="company", module=__name__, export="parties.export")
CONTACT_QUESTIONS = questions_of(CONTACTS, name="contact", module=__name__, export="parties.export")
