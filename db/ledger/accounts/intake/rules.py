"""What a row of a file means for the chart of accounts."""

from dataclasses import dataclass, field
from typing import Any

from db.ledger.accounts.rules import AccountDraft
from db.parties.intake.rules import Identity


@dataclass(frozen=True)
class AccountRow:
    """One readable row: the account as it would be if new, and what the file says of it."""

    line: int
    draft: AccountDraft
    given: dict[str, Any] = field(default_factory=dict)
    key: tuple[Identity, ...] = ()


def identities_of(draft: AccountDraft) -> tuple[Identity, ...]:
    """Return by what an account is recognised: its number."""
    return (Identity("account", draft.number),)
