"""Contacts over the API: the persons that the firm deals with."""

from fastapi import APIRouter

from app.api.listing import add_changes, add_list
from app.api.parties import add_party_routes
from db.parties.listing.actions import change_parties
from db.parties.listing.queries import CONTACT_QUESTIONS, CONTACTS, PartyRow
from db.parties.rules import PartyKind

router = APIRouter(prefix="/contacts", tags=["Contacts"])
add_list(
    router,
    source=CONTACTS,
    row=PartyRow,
    page=CONTACT_QUESTIONS.page,
    counts=CONTACT_QUESTIONS.counts,
    words="les contacts",
)
add_changes(router, permission="parties.edit", action=change_parties, words="edit")
add_party_routes(router, PartyKind.PERSON)
