"""What a row of a file means for the books: a balance at the opening, or an item that is still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from db.parties.intake.rules import Identity
from db.records.search.rules import fold

BALANCES, ITEMS = "opening_balances", "opening_items"
SUSPENSE = "1090"
UNKNOWN_ACCOUNT = "Le compte {number} n’existe pas : le créer d’abord dans le plan comptable."
UNKNOWN_PARTY = "« {name} » n’est pas dans le carnet d’adresses : importer d’abord les sociétés."
SEVERAL = "Plusieurs sociétés s’appellent « {name} » : indiquer le n° IDE."


@dataclass(frozen=True)
class BalanceRow:
    """The balance of one account when the books begin: above zero on the debit side."""

    line: int
    number: str
    amount: Decimal
    key: tuple[Identity, ...] = ()


@dataclass(frozen=True)
class ItemRow:
    """One item that was open when the books began; `amount` is what is owed (a credit note is below zero)."""

    line: int
    side: str  # receivable, payable
    party: str
    uid: str
    document: str
    item_date: date | None
    due_date: date | None
    amount: Decimal
    key: tuple[Identity, ...] = ()

    @property
    def debit(self) -> Decimal:
        """Return the amount as the books see it: above zero on the debit side."""
        return self.amount if self.side == "receivable" else -self.amount


def balance_key(number: str) -> tuple[Identity, ...]:
    """Return by what a balance is recognised."""
    return (Identity("account", number),)


def item_key(side: str, party: str, uid: str, document: str) -> tuple[Identity, ...]:
    """Return by what an open item is recognised: whose it is, and the number of its document."""
    return (Identity("document", f"{side} {uid or fold(party)} {fold(document)}"),)


def sums(amounts: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Return the sum of what is above zero and of what is below it, both as positive amounts."""
    zero = Decimal("0.00")
    return sum((a for a in amounts if a > 0), zero), -sum((a for a in amounts if a < 0), zero)
