"""What a row of a file means for the items."""

from dataclasses import dataclass, field
from typing import Any

from db.catalog.items.rules import ItemDraft, number_key
from db.parties.intake.rules import Identity


@dataclass(frozen=True)
class ItemRow:
    """One readable row: the item as it would be if new, what the file says of it, and its supplier's name."""

    line: int
    draft: ItemDraft
    given: dict[str, Any] = field(default_factory=dict)
    key: tuple[Identity, ...] = ()
    supplier: str = ""


def identities_of(draft: ItemDraft) -> tuple[Identity, ...]:
    """Return by what an item is recognised: its number."""
    return (Identity("number", number_key(draft.number)),)
