"""Companies over the API, and who speaks for them."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.listing import add_changes, add_list
from app.api.parties import Editor, Party, add_party_routes, party_answer
from app.doors import do
from db.parties.actions import add_contact
from db.parties.listing.actions import change_parties
from db.parties.listing.queries import COMPANIES, COMPANY_QUESTIONS, PartyRow
from db.parties.rules import PartyKind

router = APIRouter(prefix="/companies", tags=["Sociétés"])
add_list(
    router,
    source=COMPANIES,
    row=PartyRow,
    page=COMPANY_QUESTIONS.page,
    counts=COMPANY_QUESTIONS.counts,
    words="les sociétés",
)
add_changes(router, permission="parties.edit", action=change_parties, words="edit")
add_party_routes(router, PartyKind.COMPANY)


class NewLink(BaseModel):
    """A person who speaks for a company."""

    model_config = ConfigDict(extra="forbid")
    person_id: UUID
    function: str = Field(default="", max_length=200)


@router.post("/{party_id}/contacts", status_code=201)
def link(by: Editor, party_id: UUID, given: NewLink, response: Response) -> Party:
    """Dire qu'une personne parle pour une société."""
    do(by, add_contact, company_id=party_id, person_id=given.person_id, function=given.function)
    return party_answer(by, party_id, PartyKind.COMPANY, response)
