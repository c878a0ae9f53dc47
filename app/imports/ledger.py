"""Opening balances and open items as kinds that files are read into."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.imports.kinds import Kind, Situation, Target
from app.imports.values import SWITZERLAND
from db.kernel.findings import BadFields, Finding
from db.kernel.money import round_to_cent
from db.ledger.intake.actions import BALANCE_IMPORT, ITEM_IMPORT
from db.ledger.intake.queries import balance_matches, item_matches
from db.ledger.intake.rules import BalanceRow, ItemRow, balance_key, item_key
from db.parties.intake.rules import Identity

ZERO = Decimal("0.00")
PAYABLE = ("fournisseur", "creancier", "kreditor", "lieferant", "supplier", "vendor", "payable", "creditor")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


class BadRow(BadFields):
    """A row cannot be a balance or an open item."""


BALANCE_TARGETS = (
    Target("number", "Compte", "code", _words(
        "compte|no compte|no de compte|numero de compte|numero|n|no|konto|kontonummer|konto nr|account|account number|"
        "account no"), is_identity=True, example="1020"),
    Target("debit", "Débit", "number", _words("debit|doit|soll|solde debiteur|debit balance"), example="12'500.00"),
    Target("credit", "Crédit", "number", _words("credit|avoir|haben|solde crediteur|credit balance"), example=""),
    Target("amount", "Solde", "number", _words(
        "solde|solde d ouverture|solde initial|montant|saldo|anfangssaldo|eroffnungssaldo|balance|opening balance")),
)  # fmt: skip
ITEM_TARGETS = (
    Target("party", "Client ou fournisseur", "text", _words(
        "client|fournisseur|debiteur|creancier|societe|nom|kunde|lieferant|debitor|kreditor|firma|name|customer|supplier|"
        "party"), is_identity=True, example="Menuiserie Favre SA"),
    Target("uid", "N° IDE", "uid", _words("n ide|no ide|ide|uid|no tva|vat number|mwst nr"), example=""),
    Target("side", "Genre", "text", _words("genre|type|sens|art|side|kind"), example="client"),
    Target("document", "Pièce", "code", _words(
        "piece|no piece|facture|no facture|numero de facture|document|reference|beleg|belegnummer|rechnung|"
        "rechnungsnummer|invoice|invoice number|invoice no"), is_identity=True, example="F-2025-0938"),
    Target("item_date", "Date", "date", _words("date|date facture|date de facture|datum|rechnungsdatum|invoice date"),
           example="03.11.2025"),
    Target("due_date", "Échéance", "date", _words("echeance|date d echeance|fallig|falligkeit|faellig am|due|due date"),
           example="03.12.2025"),
    Target("amount", "Montant ouvert", "number", _words(
        "montant ouvert|solde|ouvert|reste|montant|montant chf|offen|offener betrag|betrag|saldo|open amount|open|"
        "amount|balance"), example="1'240.00"),
)  # fmt: skip


def build_balance(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> BalanceRow:
    """Return the balance of one row: debit less credit, or a signed balance. Raises: BadInput."""
    number = str(values.get("number") or "").split(" ")[0].upper()
    found = [] if number else [Finding("number", "Indiquez le numéro du compte.")]
    given = [values.get(name) for name in ("debit", "credit", "amount")]
    if all(value is None for value in given):
        found.append(Finding("amount", "Indiquez un montant au débit ou au crédit, ou un solde."))
    if found:
        raise BadRow(found)
    debit, credit, amount = (value or ZERO for value in given)
    return BalanceRow(where.line, number, round_to_cent(debit - credit if debit or credit else amount))


def build_item(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> ItemRow:
    """Return the open item of one row; without a word for it, it is a customer’s. Raises: BadInput."""
    found = []
    party, uid = " ".join(str(values.get("party") or "").split()), str(values.get("uid") or "")
    if not party and not uid:
        found.append(Finding("party", "Indiquez le client ou le fournisseur."))
    if not values.get("document"):
        found.append(Finding("document", "Indiquez le numéro de la pièce."))
    if not values.get("amount"):
        found.append(Finding("amount", "Indiquez le montant encore ouvert."))
    if found:
        raise BadRow(found)
    word = str(values.get("side") or "").lower().replace("é", "e")
    side = "payable" if word.startswith(PAYABLE) else "receivable"
    days = [_day(values.get(name)) for name in ("item_date", "due_date")]
    document = " ".join(str(values["document"]).split())[:40]
    return ItemRow(where.line, side, party, uid, document, *days, round_to_cent(values["amount"]))


def _day(moment: Any) -> date | None:
    return moment.astimezone(SWITZERLAND).date() if moment is not None else None


def identify_balance(read: BalanceRow) -> tuple[Identity, ...]:
    """Return by what a balance is recognised."""
    return balance_key(read.number)


def identify_item(read: ItemRow) -> tuple[Identity, ...]:
    """Return by what an open item is recognised."""
    return item_key(read.side, read.party, read.uid, read.document)


def row(line: int, read: Any, given: dict[str, Any], key: tuple[Identity, ...]) -> Any:
    """Return the row as the business takes it."""
    return replace(read, line=line, key=key)


BALANCES = Kind(
    name="balances",
    record_kind="journal_entry",
    label="Soldes d’ouverture",
    permission="ledger.import",
    undo_permission="ledger.undo_import",
    targets=BALANCE_TARGETS,
    states={},
    state_labels={},
    key_targets=frozenset(),
    field_of={},
    reserved=frozenset(),
    build=build_balance,
    row=row,
    deeds=BALANCE_IMPORT,
    find=balance_matches,
    identify=identify_balance,
    recognised="Le numéro du compte.",
    takes_custom=False,
    icon="scale",
    page="/ecritures",
    purpose="Les soldes des comptes au début des livres ; ils deviennent un brouillon, comptabilisé après contrôle.",
)
OPEN_ITEMS = replace(
    BALANCES,
    name="open_items",
    label="Postes ouverts",
    targets=ITEM_TARGETS,
    build=build_item,
    deeds=ITEM_IMPORT,
    find=item_matches,
    identify=identify_item,
    recognised="Le client ou fournisseur avec le numéro de la pièce.",
    icon="receipt",
    purpose="Factures de clients et de fournisseurs encore ouvertes ; leur somme est comparée au compte collectif.",
)
