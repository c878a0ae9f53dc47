"""What companies and contacts have in common over the API: one of them, read, made and changed."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.listing import ADDED
from app.api.permission import allowed
from app.api.versions import IfMatch, expected_version, put_version
from app.doors import ask, do
from db.access.rules import Actor, may_see_field
from db.crm.leads.related.queries import RelatedLead, leads_of_party
from db.crm.opportunities.queries import OpportunityFacts, opportunities_of_party
from db.kernel.errors import NotFound
from db.parties.actions import add_party, change_party
from db.parties.queries import NamedParty, companies_of, party_card, people_of
from db.parties.rules import ADDRESS_FIELDS, ALSO, EDITABLE, PartyKind, draft_of
from db.records.custom_fields.rules import told_by_key
from db.records.listing.changes import check_fields_seen

Reader = Annotated[Actor, Depends(allowed("parties.read"))]
Seller = Annotated[Actor, Depends(allowed("crm.read_leads"))]
Editor = Annotated[Actor, Depends(allowed("parties.edit"))]
Text = Annotated[str | None, Field(max_length=200)]
Lines = Annotated[str | None, Field(max_length=4000, description="un par ligne")]


class PartyChanges(BaseModel):
    """What may be set by hand; only what is sent is changed."""

    model_config = ConfigDict(extra="forbid")
    name: Text = None
    uid: Text = None
    email: Text = None
    phone: Text = None
    street: Text = None
    house_number: Text = None
    postal_code: Text = None
    city: Text = None
    canton: Text = None
    country: Text = None
    other_emails: Lines = None
    other_phones: Lines = None
    former_names: Lines = None
    custom: dict[str, Any] | None = Field(default=None, description=ADDED)


class NewParty(PartyChanges):
    """A new company or person."""

    name: str = Field(max_length=200)


class Party(BaseModel):
    """A company or a person; a field that the token's person may not see is null."""

    id: UUID
    kind: PartyKind
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
    other_emails: str | None
    other_phones: str | None
    former_names: str | None
    linked: list[NamedParty]
    custom: dict[str, Any]


def party_answer(by: Actor, party_id: UUID, kind: PartyKind, response: Response) -> Party:
    found = ask(by, party_card, party_id=party_id)
    if found.kind is not kind:
        raise NotFound("Cette entreprise ou personne n’existe pas.")
    put_version(response, found.row_version)
    linked = (
        ask(by, people_of, company_id=party_id)
        if kind is PartyKind.COMPANY
        else ask(by, companies_of, person_id=party_id)
    )
    given = {name: getattr(found.address if name in ADDRESS_FIELDS else found, name) for name in (*EDITABLE, *ALSO)}
    seen = {
        name: value if name == "name" or may_see_field(by, "party", name) else None for name, value in given.items()
    }
    added = told_by_key(found.custom)
    return Party(id=found.party_id, kind=found.kind, row_version=found.row_version, linked=linked, custom=added, **seen)


def _sent(given: PartyChanges, by: Actor) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the columns that were sent, and the added fields (None: they were not)."""
    values = given.model_dump(exclude_unset=True)
    added = values.pop("custom", None)
    check_fields_seen(by, "party", list(values))
    return values, added


def add_party_routes(router: APIRouter, kind: PartyKind) -> None:
    """Give a router what a company and a person have in common."""

    @router.get("/{party_id}")
    def one(by: Reader, party_id: UUID, response: Response) -> Party:
        """Lire une fiche ; `ETag` porte sa version."""
        return party_answer(by, party_id, kind, response)

    @router.post("", status_code=201)
    def create(by: Editor, given: NewParty, response: Response) -> Party:
        """Créer une fiche."""
        values, added = _sent(given, by)
        made = do(by, add_party, draft=draft_of(values, kind), custom=added or {})
        return party_answer(by, made, kind, response)

    @router.patch("/{party_id}")
    def change(by: Editor, party_id: UUID, given: PartyChanges, response: Response, if_match: IfMatch = None) -> Party:
        """Modifier une fiche. `If-Match` répète l'`ETag` lu ; modifiée entre-temps, elle est refusée (412)."""
        values, added = _sent(given, by)
        values |= {} if added is None else {"custom": added}
        party_answer(by, party_id, kind, response)
        do(by, change_party, party_id=party_id, values=values, expected_version=expected_version(if_match))
        return party_answer(by, party_id, kind, response)

    @router.get("/{party_id}/leads")
    def leads(by: Seller, party_id: UUID) -> list[RelatedLead]:
        """Lister les pistes de cette fiche que la personne peut lire."""
        return ask(by, leads_of_party, party_id=party_id)

    @router.get("/{party_id}/opportunities")
    def opportunities(by: Seller, party_id: UUID) -> list[OpportunityFacts]:
        """Lister les affaires avec cette fiche que la personne peut lire."""
        return ask(by, opportunities_of_party, party_id=party_id)
