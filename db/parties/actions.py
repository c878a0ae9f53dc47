"""Adding and changing parties."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound
from db.kernel.phones import kept_phone
from db.parties.rules import ALSO, EDITABLE, KIND, PartyDraft, PartyKind, check_party, draft_of, read_uid
from db.parties.tables import Party, PartyContact
from db.records.custom_fields.actions import index_record
from db.records.custom_fields.given import new_values, read_given, texts_among
from db.records.custom_fields.queries import custom_fields
from db.records.custom_fields.rules import CustomField
from db.records.listing.changes import check_fields_seen
from db.records.search.actions import (
    Findable,
    add_search_entries,
    change_search_entries,
)
from db.records.search.queries import next_numbers
from db.records.search.rules import fold, search_lines
from db.records.timeline.actions import add_entry, tell_also_on

READ = "parties.read"


@gate("parties.edit")
def add_party(
    session: Session, *, draft: PartyDraft, by: Actor, at: datetime, custom: Mapping[str, Any] | None = None
) -> UUID:
    """Add a company or a person; return its id. `custom` are values of added fields (None: nobody was asked for them).

    Raises: BadInput.
    """
    check_party(draft)
    added = {}
    if custom is not None:
        added = new_values(session, kind=KIND, group=draft.kind.value, given=custom, by=by)
    [number] = next_numbers(session, count=1)
    party = Party(search_number=number)
    _fill(party, draft)
    party.custom = added
    session.add(party)
    session.flush()
    add_search_entries(session, entries=[findable(session, party)], by=by, at=at)
    index_record(session, kind=KIND, record=party, by=by, at=at)
    add_entry(
        session,
        kind=KIND,
        record_id=party.id,
        icon="created",
        message_id="Fiche créée",
        by=by,
        at=at,
    )
    return party.id


@gate("parties.edit")
def edit_party(
    session: Session,
    *,
    party_id: UUID,
    draft: PartyDraft,
    expected_version: int,
    by: Actor,
    at: datetime,
) -> None:
    """Change what is known of a party, all of it.

    Raises: NotFound, ChangedMeanwhile, BadParty.
    """
    party = _locked(session, party_id, expected_version)
    _keep(session, party, draft, party.custom, by=by, at=at)


def _keep(
    session: Session, party: Party, draft: PartyDraft, custom: dict[str, Any], *, by: Actor, at: datetime
) -> None:
    """Write a party in one go: one version, one line of history."""
    check_party(draft, known_phones={party.phone, *party.other_phones.split("\n")})
    is_indexed_anew = party.custom != custom
    party.custom = custom
    _fill(party, draft)
    session.flush()
    change_search_entries(session, entries=[findable(session, party)], by=by, at=at)
    if is_indexed_anew:
        index_record(session, kind=KIND, record=party, by=by, at=at)


@gate("parties.edit")
def change_party(
    session: Session, *, party_id: UUID, values: Mapping[str, Any], expected_version: int, by: Actor, at: datetime
) -> int:
    """Change some fields of a party (names of its columns; `custom` is merged key by key); return the new version.

    Raises: NotFound, ChangedMeanwhile, BadParty.
    """
    check_fields_seen(by, "party", [name for name in values if name != "custom"])
    party = _locked(session, party_id, expected_version)
    unknown = set(values) - {*EDITABLE, *ALSO, "custom"}
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown)))
    known = {name: getattr(party, name) for name in EDITABLE}
    draft = draft_of({**known, **values}, PartyKind(party.kind))
    given = values.get("custom") or {}
    read = read_given(session, kind=KIND, group=party.kind, given=given, before=party.custom, by=by)
    _keep(session, party, draft, read.or_raise(), by=by, at=at)
    return party.row_version


def _locked(session: Session, party_id: UUID, expected_version: int) -> Party:
    party = session.get(Party, party_id, with_for_update=True, populate_existing=True)
    if party is None:
        raise NotFound("Cette entreprise ou personne n’existe pas.")
    if party.row_version != expected_version:
        raise ChangedMeanwhile("Cette fiche a été modifiée entre-temps ; rechargez-la.")
    return party


@gate("parties.edit")
def add_contact(
    session: Session,
    *,
    company_id: UUID,
    person_id: UUID,
    function: str,
    by: Actor,
    at: datetime,
) -> None:
    """Note that a person speaks for a company; saying so twice changes nothing.

    Raises: NotFound: no such company, or no such person.
    """
    company, person = session.get(Party, company_id), session.get(Party, person_id)
    kinds = [party.kind if party else "" for party in (company, person)]
    if kinds != [PartyKind.COMPANY.value, PartyKind.PERSON.value]:
        raise NotFound("Choisissez une société et une personne.")
    known = select(PartyContact).where(
        col(PartyContact.company_id) == company_id,
        col(PartyContact.person_id) == person_id,
    )
    if session.scalars(known).first() is None:
        session.add(PartyContact(company_id=company_id, person_id=person_id, function=" ".join(function.split())[:200]))
        session.flush()
        tell_also_on(session, source=(KIND, person_id), target=(KIND, company_id), by=by, at=at)


def _fill(party: Party, draft: PartyDraft) -> None:
    party.kind, party.name, party.name_order = (
        draft.kind.value,
        draft.name.strip(),
        fold(draft.name),
    )
    party.uid, party.email = read_uid(draft.uid), draft.email.strip().lower()
    phone = kept_phone(draft.phone, country=draft.address.country)
    if phone != kept_phone(party.phone or "", country=draft.address.country):
        party.phone = phone
    for name, value in vars(draft.address).items():
        setattr(party, name, value)
    for name in ALSO:
        if getattr(draft, name) is not None:
            setattr(party, name, getattr(draft, name))
    if draft.is_customer is not None:
        party.is_customer = draft.is_customer
    if draft.is_supplier is not None:
        party.is_supplier = draft.is_supplier


def findable(session: Session, party: Party) -> Findable:
    """Return how a party wants to be found: by its other names, addresses and numbers too."""
    names = ("id", "search_number", "name", "email", "city", "phone", "uid", "custom", *ALSO)
    fields = custom_fields(session, kind=KIND) if party.custom else ()
    return findable_by({name: getattr(party, name) for name in names}, fields)


def findable_by(values: Mapping[str, Any], fields: Sequence[CustomField]) -> Findable:
    """Return how the party of these columns and added fields wants to be found."""
    also = [(name, line) for name in ALSO for line in str(values.get(name) or "").split("\n")]
    named, folded = search_lines(
        [
            *((name, values[name]) for name in ("name", "email", "city")),
            *((name, line) for name, line in also if name != "other_phones"),
            *texts_among(fields, READ, values.get("custom") or {}),
        ],
        phones=[("phone", values["phone"]), *(one for one in also if one[0] == "other_phones")],
        identifiers=[("uid", values["uid"])],
    )
    where = (values["search_number"], KIND, values["id"], READ)
    return Findable(*where, values["name"], values["city"], folded, named)
