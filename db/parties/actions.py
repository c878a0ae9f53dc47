"""Adding and changing parties."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import ChangedMeanwhile, NotFound
from db.parties.rules import KIND, PartyDraft, check_party, read_uid
from db.parties.tables import Party, PartyContact
from db.records.search.actions import (
    Findable,
    add_search_entries,
    change_search_entries,
)
from db.records.search.queries import next_numbers
from db.records.search.rules import fold, search_text
from db.records.timeline.actions import add_entry


@gate("parties.edit")
def add_party(session: Session, *, draft: PartyDraft, by: Actor, at: datetime) -> UUID:
    """Add a company or a person; return its id.

    Raises: BadInput.
    """
    check_party(draft)
    [number] = next_numbers(session, count=1)
    party = Party(search_number=number)
    _fill(party, draft)
    session.add(party)
    session.flush()
    add_search_entries(session, entries=[_findable(party)], by=by, at=at)
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
    """Change what is known of a party.

    Raises: NotFound, ChangedMeanwhile, BadInput.
    """
    check_party(draft)
    party = session.get(Party, party_id, with_for_update=True)
    if party is None:
        raise NotFound("Cette entreprise ou personne n’existe pas.")
    if party.row_version != expected_version:
        raise ChangedMeanwhile("Cette fiche a été modifiée entre-temps ; rechargez-la.")
    _fill(party, draft)
    session.flush()
    change_search_entries(session, entries=[_findable(party)], by=by, at=at)


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
    """Note that a person speaks for a company; saying so twice changes nothing."""
    known = select(PartyContact).where(
        col(PartyContact.company_id) == company_id,
        col(PartyContact.person_id) == person_id,
    )
    if session.scalars(known).first() is None:
        session.add(PartyContact(company_id=company_id, person_id=person_id, function=function))
        session.flush()


def _fill(party: Party, draft: PartyDraft) -> None:
    party.kind, party.name, party.name_order = (
        draft.kind.value,
        draft.name.strip(),
        fold(draft.name),
    )
    party.uid, party.email, party.phone = (
        read_uid(draft.uid),
        draft.email.strip().lower(),
        draft.phone.strip(),
    )
    for name, value in vars(draft.address).items():
        setattr(party, name, value)


def _findable(party: Party) -> Findable:
    folded = search_text([party.name, party.email, party.city, party.uid], phones=[party.phone])
    return Findable(
        party.search_number,
        KIND,
        party.id,
        "parties.read",
        party.name,
        party.city,
        folded,
    )
