"""Which items the rows of a file mean."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.catalog.items.intake.rules import ItemRow
from db.catalog.items.rules import number_key
from db.catalog.items.tables import Item
from db.kernel.sentences import Sentence
from db.parties.intake.queries import companies_named
from db.parties.intake.rules import Match, several_companies
from db.records.search.rules import fold

CHUNK = 500


@readable("catalog.read")
def item_matches(session: Session, *, rows: Sequence[ItemRow], by: Actor) -> dict[int, Match]:
    """Return, by line, the item that each row means; a row that means a new one is absent."""
    known = ids_by_key(session, [row.draft.number for row in rows])
    suppliers = companies_named(session, names=[row.supplier for row in rows])
    codes = _by_barcode(session, [row.draft.barcode for row in rows])
    found: dict[int, Match] = {}
    for row in rows:
        same = known.get(number_key(row.draft.number))
        other = codes.get(row.draft.barcode)
        if len(suppliers.get(fold(row.supplier), [])) > 1:
            found[row.line] = Match(problem=several_companies(row.supplier))
        elif other is not None and other[0] != same:
            found[row.line] = Match(problem=Sentence("Ce code-barres est déjà celui de « {name} ».", name=other[1]))
        elif same is not None:
            found[row.line] = Match(same)
    return found


def ids_by_key(session: Session, numbers: Sequence[str]) -> dict[str, UUID]:
    """Return items by the key of their number."""
    keys, found = sorted({number_key(number) for number in numbers}), {}
    for start in range(0, len(keys), CHUNK):
        wanted = select(col(Item.number_key), col(Item.id)).where(col(Item.number_key).in_(keys[start : start + CHUNK]))
        found.update({row[0]: row[1] for row in session.connection().execute(wanted)})
    return found


def _by_barcode(session: Session, barcodes: Sequence[str]) -> dict[str, tuple[UUID, str]]:
    wanted, found = sorted({code for code in barcodes if code}), {}
    for start in range(0, len(wanted), CHUNK):
        rows = select(col(Item.barcode), col(Item.id), col(Item.number)).where(
            col(Item.barcode).in_(wanted[start : start + CHUNK])
        )
        found.update({row[0]: (row[1], row[2]) for row in session.connection().execute(rows)})
    return found
