"""What a row of a file means for the opening stock."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from db.catalog.items.rules import number_key
from db.parties.intake.rules import Identity
from db.records.search.rules import fold

ORIGIN = "import_batch"


@dataclass(frozen=True)
class StockRow:
    """One readable row: so much of an item at a place; `quantity` as it was typed, in the item's unit or a package."""

    line: int
    number: str
    place: str
    quantity: str
    on: datetime | None = None
    unit_cost: Decimal | None = None
    key: tuple[Identity, ...] = ()


def identities_of(row: StockRow) -> tuple[Identity, ...]:
    """Return by what an opening stock is recognised: the item and the place."""
    return (Identity("stock", f"{number_key(row.number)} {fold(row.place)}"),)
