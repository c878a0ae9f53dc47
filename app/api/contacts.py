"""Contacts over the API: the persons that the firm deals with."""

from fastapi import APIRouter

from app.api.listing import add_changes, add_list
from app.api.parties import add_party_routes
from db.parties.listing.actions import change_parties
from db.parties.listing.queries import CONTACTS, PartyRow, contact_counts, contact_page
from db.parties.rules import PartyKind

router = APIRouter(prefix="/contacts", tags=["Contacts"])
add_list(router, source=CONTACTS, row=PartyRow, page=contact_page, counts=contact_counts, words="les contacts")
add_changes(router, permission="parties.edit", action=change_parties, words="edit")
add_party_routes(router, PartyKind.PERSON)
