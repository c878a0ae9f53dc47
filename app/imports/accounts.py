"""A chart of accounts as a kind that files are read into."""

from typing import Any

from app.imports.kinds import Kind, Situation, Target, said_in
from db.ledger.accounts.intake.actions import ACCOUNT_IMPORT
from db.ledger.accounts.intake.queries import account_matches
from db.ledger.accounts.intake.rules import AccountRow, identities_of
from db.ledger.accounts.rules import KIND_LABELS, AccountDraft, AccountKind, Collective, check_account, draft_of
from db.parties.intake.rules import Identity


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


# Winbiz calls the columns of a chart CLASSE (1 to 6, another division than the Swiss chart's: it is not read), NUMERO
# and COMPTE, which is the name.
# Source: helpcenter.winbiz.ch/hc/de/articles/115002181953 (Wie importiert man einen Kontenplan?), read 2026-11.
TARGETS = (
    Target("number", "Numéro", "code", _words(
        "numero|compte|no compte|no de compte|numero de compte|n|no|konto|kontonummer|konto nr|nummer|account|"
        "account number|account no|code|cpt"), is_identity=True, example="1020"),
    Target("name", "Nom du compte", "text", _words(
        "nom|nom du compte|libelle|intitule|designation|description|bezeichnung|kontobezeichnung|name|account name|"
        "text|texte|compte|konto"), example="Banque, compte courant"),
    Target("name_de", "Nom allemand", "text", _words("nom allemand|deutsch|name de|designation allemande")),
    Target("name_en", "Nom anglais", "text", _words("nom anglais|english|anglais|name en")),
    Target("kind", "Genre", "state", _words("genre|type|nature|art|kontoart|kontotyp|kind|classe|bclass|category"),
           example="actif"),
    Target("currency", "Monnaie", "code", _words("monnaie|devise|wahrung|waehrung|currency"), example="CHF"),
    Target("collective", "Postes ouverts", "text", _words(
        "postes ouverts|collectif|compte collectif|sammelkonto|collective|open items")),
    Target("is_archived", "Archivé", "yes_no", _words("archive|inactif|bloque|gesperrt|inaktiv|archived|inactive")),
)  # fmt: skip
STATES = {
    AccountKind.ASSET.value: frozenset(_words("actif|actifs|aktiven|aktiv|aktivkonto|asset|assets|a")),
    AccountKind.LIABILITY.value: frozenset(_words(
        "passif|passifs|dettes|dette|capitaux etrangers|fremdkapital|passiven|passivkonto|liability|liabilities|p")),
    AccountKind.EQUITY.value: frozenset(_words("fonds propres|capitaux propres|eigenkapital|equity")),
    AccountKind.INCOME.value: frozenset(_words("produit|produits|ertrag|erlos|ertragskonto|income|revenue")),
    AccountKind.EXPENSE.value: frozenset(_words("charge|charges|aufwand|aufwandkonto|expense|expenses|cost")),
    AccountKind.CLOSING.value: frozenset(_words("cloture|bouclement|abschluss|closing")),
}  # fmt: skip
CUSTOMERS = ("client", "debiteur", "debitor", "kunde", "customer", "receivable")
SUPPLIERS = ("fournisseur", "creancier", "kreditor", "lieferant", "supplier", "payable")


def build(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> AccountDraft:
    """Return the account of one row. Raises: BadInput: the values cannot be kept."""
    number = str(values.get("number") or "").split(" ")[0]
    return check_account(draft_of({**values, "number": number, "collective": _side(values)}))


def _side(values: dict[str, Any]) -> str:
    word = str(values.get("collective") or "").lower().replace("é", "e")
    if word.startswith(CUSTOMERS):
        return Collective.RECEIVABLE.value
    return Collective.PAYABLE.value if word.startswith(SUPPLIERS) else ""


def identify(draft: AccountDraft) -> tuple[Identity, ...]:
    """Return by what the account of a row is recognised."""
    return identities_of(draft)


def row(line: int, draft: AccountDraft, given: dict[str, Any], key: tuple[Identity, ...]) -> AccountRow:
    """Return the row as the business takes it: the columns of the account that the file fills, as they are kept."""
    said = said_in(draft, given)
    return AccountRow(line, draft, said, key or identities_of(draft))


ACCOUNTS = Kind(
    name="accounts",
    record_kind="account",
    label="Plan comptable",
    permission="ledger.import",
    undo_permission="ledger.undo_import",
    targets=TARGETS,
    states=STATES,
    state_labels={kind.value: label for kind, label in KIND_LABELS.items()},
    key_targets=frozenset({"number"}),
    field_of={},
    reserved=frozenset(),
    build=build,
    row=row,
    deeds=ACCOUNT_IMPORT,
    find=account_matches,
    identify=identify,
    recognised="Le numéro du compte.",
    takes_custom=False,
    icon="list-tree",
    page="/comptes",
    purpose="Votre propre plan, de Winbiz, Banana ou Excel ; un compte connu par son numéro est mis à jour.",
)
