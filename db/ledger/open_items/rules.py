"""What customers owe and what suppliers are owed, item by item, and which lines settle each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from db.access.policy.rules import declare_table
from db.kernel.errors import NotAllowed

TABLE = "open_item"
declare_table(TABLE, label="Postes ouverts", read="ledger.read", fields=frozenset())
LATE = (("30", 30), ("60", 60), ("90", 90))  # class of age, days past due at most
AGES = ("due", "30", "60", "90", "older")
AGE_LABELS = {
    "due": "Non échu",
    "30": "1 à 30 jours",
    "60": "31 à 60 jours",
    "90": "61 à 90 jours",
    "older": "plus de 90 jours",
}


class CannotReconcile(NotAllowed):
    """The items cannot settle each other."""


@dataclass(frozen=True)
class OpenPart:
    """What is open of one line: above zero on the debit side."""

    line_id: UUID
    balance: Decimal


@dataclass(frozen=True)
class Match:
    """A debit and a credit that settle each other to an amount."""

    debit_line_id: UUID
    credit_line_id: UUID
    amount: Decimal


def matches(parts: Sequence[OpenPart]) -> list[Match]:
    """Return which parts settle each other: in the order given, debits against credits, as far as they go."""
    debits = [part for part in parts if part.balance > 0]
    credits = [OpenPart(part.line_id, -part.balance) for part in parts if part.balance < 0]
    found: list[Match] = []
    while debits and credits:
        amount = min(debits[0].balance, credits[0].balance)
        found.append(Match(debits[0].line_id, credits[0].line_id, amount))
        debits, credits = _less(debits, amount), _less(credits, amount)
    return found


def _less(parts: list[OpenPart], amount: Decimal) -> list[OpenPart]:
    rest = OpenPart(parts[0].line_id, parts[0].balance - amount)
    return [rest, *parts[1:]] if rest.balance else parts[1:]


def age_of(due_date: date, *, on: date) -> str:
    """Return in which class of age an item falls: `due` when it is not due yet, then by days past due."""
    late = (on - due_date).days
    if late <= 0:
        return "due"
    return next((name for name, days in LATE if late <= days), "older")


SIDES = {"clients": "receivable", "fournisseurs": "payable"}  # as addresses name them


def side_named(word: str) -> str:
    """Return the side that an address names; the customers' when it names none."""
    return SIDES.get(word, "receivable")
