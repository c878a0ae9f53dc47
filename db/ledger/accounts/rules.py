"""What an account is, and the Swiss chart for small firms that a new company begins with."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from db.kernel.errors import NotAllowed
from db.kernel.findings import BadFields, Finding
from db.records.kinds.rules import RecordKind, register_kind

KIND = "account"
WHOLE = frozenset[str]()  # books are read whole or not at all
register_kind(RecordKind(KIND, "Compte", "Comptes", "account", "ledger.read", "ledger.manage_accounts", hideable=WHOLE))
CHART = Path(__file__).with_name("chart.csv")
HOME = "CHF"
LONGEST_NAME = 120
NUMBER = re.compile(r"[0-9][0-9A-Z.]{0,11}")


class AccountKind(StrEnum):
    """On which side of the books an account stands."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"
    CLOSING = "closing"


class Collective(StrEnum):
    """Whose open items an account gathers."""

    NONE = ""
    RECEIVABLE = "receivable"
    PAYABLE = "payable"


KIND_LABELS = {
    AccountKind.ASSET: "Actif",
    AccountKind.LIABILITY: "Dettes",
    AccountKind.EQUITY: "Fonds propres",
    AccountKind.INCOME: "Produits",
    AccountKind.EXPENSE: "Charges",
    AccountKind.CLOSING: "Clôture",
}
COLLECTIVE_LABELS = {
    Collective.NONE: "Non",
    Collective.RECEIVABLE: "Postes ouverts des clients",
    Collective.PAYABLE: "Postes ouverts des fournisseurs",
}
BALANCE_SHEET = frozenset({AccountKind.ASSET, AccountKind.LIABILITY, AccountKind.EQUITY})
_BY_FIRST = {"1": AccountKind.ASSET, "2": AccountKind.LIABILITY, "3": AccountKind.INCOME, "9": AccountKind.CLOSING}


class BadAccount(BadFields):
    """Values of an account cannot be kept; `findings` says which and why."""


class AccountInUse(NotAllowed):
    """Entries use the account."""


@dataclass(frozen=True)
class AccountDraft:
    """An account as somebody enters it."""

    number: str
    name: str
    kind: str = ""
    name_de: str = ""
    name_en: str = ""
    currency: str = HOME
    collective: str = ""
    co_position: str = ""
    is_archived: bool = False


DRAFT_FIELDS = tuple(one.name for one in fields(AccountDraft))
FIXED_IN_USE = ("number", "kind", "currency", "collective")


def usual_kind(number: str) -> AccountKind:
    """Return the kind of a number in the Swiss chart: class 1 assets, 28 and 29 equity, 3 income, 4 to 8 costs."""
    if number[:2] in ("28", "29"):
        return AccountKind.EQUITY
    return _BY_FIRST.get(number[:1], AccountKind.EXPENSE)


def draft_of(values: Mapping[str, Any]) -> AccountDraft:
    """Return a draft from values by the names of their columns."""
    texts = {name: " ".join(str(values.get(name) or "").split()) for name in DRAFT_FIELDS if name != "is_archived"}
    return AccountDraft(**texts, is_archived=bool(values.get("is_archived")))


def check_account(draft: AccountDraft) -> AccountDraft:
    """Return the draft in its usual form; without a kind it has the one of its number.

    Raises: BadAccount: with all its findings.
    """
    number, currency = draft.number.upper().replace(" ", ""), draft.currency.upper() or HOME
    draft = replace(draft, number=number, currency=currency, kind=draft.kind or usual_kind(number).value)
    found = []
    if not NUMBER.fullmatch(number):
        found.append(Finding("number", "Un numéro de compte commence par un chiffre ; écrivez par exemple 1020."))
    if not draft.name:
        found.append(Finding("name", "Donnez un nom au compte."))
    if draft.kind not in set(AccountKind):
        found.append(Finding("kind", "Choisissez le genre du compte."))
    if draft.collective not in set(Collective):
        found.append(Finding("collective", "« {text} » n’est pas au choix.", {"text": draft.collective[:40]}))
    if not re.fullmatch(r"[A-Z]{3}", currency):
        found.append(Finding("currency", "Une monnaie s’écrit en trois lettres, par exemple EUR."))
    for name in ("name", "name_de", "name_en"):
        if len(getattr(draft, name)) > LONGEST_NAME:
            found.append(Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_NAME}))
    if found:
        raise BadAccount(found)
    return draft


def swiss_chart(language: str) -> list[AccountDraft]:
    """Return the accounts that a new company begins with, named in its language first.

    Source: Swiss chart of accounts for small and medium firms (Sterchi/Mattle/Helbling), positions of CO 959a and 959b.
    """
    with CHART.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    column = f"name_{language}" if language in ("de", "en") else "name_fr"
    return [
        AccountDraft(
            row["number"],
            row[column],
            row["kind"],
            row["name_de"],
            row["name_en"],
            co_position=row["co_position"],
            collective=row["collective"],
        )
        for row in rows
    ]
