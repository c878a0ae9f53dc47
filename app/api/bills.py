"""Bills over the API: handing one in, and reading one's own; the rest comes from the kind."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, UploadFile
from pydantic import BaseModel

from app.api.permission import allowed
from app.api.steps import STEPS, Step
from app.doors import ask, do
from app.purchasing.receiving import file_draft
from db.access.rules import Actor
from db.purchasing.bills.actions import (
    add_page,
    discard_bill,
    enter_bill,
    receive_bill,
    take_bill_back,
    take_suggestion,
)
from db.purchasing.bills.queries import BillFacts, bill_facts, own_bills
from db.purchasing.bills.rules import MOST_BYTES, OWN, PHOTOGRAPH

router = APIRouter(prefix="/received-bills", tags=["Factures reçues"])
Sender = Annotated[Actor, Depends(allowed(PHOTOGRAPH))]


class Received(BaseModel):
    """The bill that a file made."""

    id: UUID


@router.get("")
def mine(by: Annotated[Actor, Depends(allowed(OWN))]) -> list[BillFacts]:
    """Lister les factures que l'on a déposées."""
    return ask(by, own_bills, by=by)


@router.get("/{bill_id}")
def one(by: Annotated[Actor, Depends(allowed(OWN))], bill_id: UUID) -> BillFacts:
    """Lire une facture : déposée par soi-même, ou à portée."""
    return ask(by, bill_facts, bill_id=bill_id, by=by)


@router.post("", status_code=201)
def receive(by: Sender, file: UploadFile) -> Received:
    """Déposer une facture (JPEG, PNG, HEIC ou PDF) ; le même fichier deux fois est refusé."""
    draft = file_draft(file.filename or "facture", file.file.read(MOST_BYTES + 1))
    return Received(id=do(by, receive_bill, files=(draft,)))


@router.post("/{bill_id}/pages")
def further(by: Sender, bill_id: UUID, file: UploadFile) -> Received:
    """Ajouter une page à une facture à saisir."""
    draft = file_draft(file.filename or "page", file.file.read(MOST_BYTES + 1))
    do(by, add_page, bill_id=bill_id, files=(draft,))
    return Received(id=bill_id)


STEPS["bill"] = (
    Step("take-suggestion", take_suggestion, "bill_id", "Reprendre ce que dit le code QR, là où rien n'est saisi."),
    Step("enter", enter_bill, "bill_id", "Dire qu'une facture est saisie ; `despite` motive un doublon apparent."),
    Step("discard", discard_bill, "bill_id", "Écarter une facture, avec le motif."),
    Step("take-back", take_bill_back, "bill_id", "Reprendre une facture saisie ou écartée."),
)
