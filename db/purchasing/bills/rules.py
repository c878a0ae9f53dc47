"""A bill as it comes in: what it needs, and the life it leads until it is entered."""

import re
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from db.kernel.errors import BadInput, BusinessError, NotAllowed
from db.kernel.findings import BadFields, Finding
from db.kernel.lifecycle import Lifecycle
from db.kernel.money import round_to_cent
from db.purchasing.qr_bills.rules import is_iban, is_reference
from db.records.kinds.rules import RecordKind, register_kind
from db.records.relations.rules import Relation, register_relation

KIND = "bill"
PHOTOGRAPH, OWN, READ, EDIT = (
    "purchasing.photograph_bill", "purchasing.read_own_bills", "purchasing.read_bills", "purchasing.edit_bills",
)  # fmt: skip
EXPORT = "purchasing.export_bills"
register_kind(RecordKind(KIND, "Facture reçue", "Factures reçues", table="bill", read=READ, edit=EDIT))
register_relation(Relation(KIND, "party", table="bill", source="id", target="party_id"))

MEGABYTE = 1024**2
MOST_BYTES, MOST_FILES = 25 * MEGABYTE, 30
LONGEST_TEXT = 500
MOST_AMOUNT = Decimal("1000000000.00")
CURRENCIES = ("CHF", "EUR", "USD", "GBP")


class BillState(StrEnum):
    """Where a bill stands. It is never called paid here: that is asked of the ledger."""

    TO_ENTER = "to_enter"
    ENTERED = "entered"
    DISCARDED = "discarded"


STATE_LABELS = {BillState.TO_ENTER: "À saisir", BillState.ENTERED: "Saisie", BillState.DISCARDED: "Écartée"}
BILL_LIFE = Lifecycle[BillState](
    "Facture reçue",
    {
        BillState.TO_ENTER: frozenset({BillState.ENTERED, BillState.DISCARDED}),
        BillState.ENTERED: frozenset({BillState.TO_ENTER}),  # nothing is posted yet
        BillState.DISCARDED: frozenset({BillState.TO_ENTER}),
    },
)


class BadBill(BadFields):
    """Values of a bill cannot be kept; `findings` says which and why."""


class AlreadyReceived(BusinessError):
    """The very same file is on a bill already; `bill_id` names it."""

    def __init__(self, name: str, bill_id: UUID) -> None:
        self.bill_id = bill_id
        super().__init__("« {name} » est déjà reçu : la première facture garde le fichier.", name=name)


class BillEntered(NotAllowed):
    """The bill is not to be entered any more; it has to be taken back first."""


@dataclass(frozen=True)
class FileDraft:
    """A file as it was handed in: its content in the store, and the pictures that are shown of it."""

    name: str
    sha256: str
    size_bytes: int
    media_type: str
    pictures: tuple[str, ...] = ()  # sha256 of each page, without what a camera adds
    payload: str = ""  # of the QR code found on it


@dataclass(frozen=True)
class BillDraft:
    """What a person reads on a bill."""

    party_id: UUID | None = None
    number: str = ""
    bill_date: date | None = None
    due_date: date | None = None
    amount: Decimal | None = None
    currency: str = "CHF"
    iban: str = ""
    reference: str = ""
    note: str = ""


DRAFT_FIELDS = tuple(one.name for one in fields(BillDraft))
NEEDED = {
    "party_id": "Choisissez le fournisseur.",
    "number": "Indiquez le numéro de la facture.",
    "bill_date": "Indiquez la date de la facture.",
    "amount": "Indiquez le montant.",
}


def check_bill(draft: BillDraft) -> BillDraft:
    """Return the draft tidied; what is missing may come later.

    Raises: BadBill: with all its findings.
    """
    amount = None if draft.amount is None else round_to_cent(draft.amount)
    bare = re.sub(r"\s", "", draft.iban).upper()
    number, note = (" ".join(text.split()) for text in (draft.number, draft.note))
    reference = re.sub(r"\s", "", draft.reference).upper()
    draft = replace(draft, amount=amount, iban=bare, reference=reference, number=number, note=note)
    found = [
        Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_TEXT})
        for name in ("number", "note")
        if len(getattr(draft, name)) > LONGEST_TEXT
    ]
    if amount is not None and not 0 < abs(amount) < MOST_AMOUNT:
        found.append(Finding("amount", "Le montant n’est pas nul ; écrivez par exemple 1'234.50."))
    if bare and not is_iban(bare):
        found.append(Finding("iban", "Cet IBAN est faux : vérifiez les chiffres."))
    if reference and not is_reference(reference):
        found.append(Finding("reference", "Cette référence est fausse : 27 chiffres, ou RF et son numéro."))
    if draft.currency not in CURRENCIES:
        found.append(Finding("currency", "Monnaie : CHF, EUR, USD ou GBP."))
    if draft.bill_date and draft.due_date and draft.due_date < draft.bill_date:
        found.append(Finding("due_date", "L’échéance précède la date de la facture."))
    if found:
        raise BadBill(found)
    return draft


def check_complete(draft: BillDraft) -> None:
    """Refuse a bill that lacks what it takes to be entered.

    Raises: BadBill.
    """
    missing = [Finding(name, message) for name, message in NEEDED.items() if not getattr(draft, name)]
    if missing:
        raise BadBill(missing)


def check_files(files: tuple[FileDraft, ...]) -> None:
    """Refuse nothing at all, and more pages than a bill has.

    Raises: BadInput.
    """
    if not 1 <= len(files) <= MOST_FILES:
        raise BadInput("Une facture compte de 1 à {most} fichiers.", most=MOST_FILES)


def title_of(supplier: str, number: str, received: str) -> str:
    """Return how a bill is called: by supplier and number once they are known, else by its day."""
    known = " ".join(text for text in (supplier, number) if text)
    return known or f"Facture reçue le {received}"
