"""Adding items and changing them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.catalog.items.queries import is_used
from db.catalog.items.rules import (
    EDITABLE,
    FIXED_ONCE_USED,
    KIND,
    BadItem,
    ItemDraft,
    ItemState,
    clean_item,
    draft_of,
    number_key,
    number_order,
    price_order,
    stock_state,
)
from db.catalog.items.tables import Item
from db.kernel.errors import ChangedMeanwhile, NotFound
from db.kernel.findings import Finding
from db.parties.queries import party_names
from db.records.listing.changes import check_fields_seen
from db.records.search.actions import Findable, add_search_entries, change_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import fold, search_lines
from db.records.timeline.actions import add_entry, tell_also_on

EDIT, READ = "catalog.edit", "catalog.read"
TAKEN = {
    "number": "Ce numéro est déjà celui de « {name} » ({number}).",
    "barcode": "Ce code-barres est déjà celui de « {name} » ({number}).",
}


@gate(EDIT)
def add_item(session: Session, *, draft: ItemDraft, by: Actor, at: datetime) -> UUID:
    """Add an item; return its id.

    Raises: BadItem: a value does not fit, or its number or barcode is another's.
    """
    draft = clean_item(draft)
    check_once(session, draft, but=None)
    _check_supplier(session, draft)
    [number] = next_numbers(session, count=1)
    row = Item(**vars(draft), search_number=number)
    derive(row)
    session.add(row)
    session.flush()
    add_search_entries(session, entries=[findable(row)], by=by, at=at)
    add_entry(session, kind=KIND, record_id=row.id, icon="created", message_id="Article créé", by=by, at=at)
    return row.id


@gate(EDIT)
def change_item(
    session: Session, *, item_id: UUID, values: Mapping[str, Any], expected_version: int, by: Actor, at: datetime
) -> int:
    """Change some fields of an item (names of its columns); return the new version.

    Raises: NotFound, ChangedMeanwhile, BadItem.
    """
    check_fields_seen(by, "item", list(values))
    row = session.get(Item, item_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Cet article n’existe pas ou plus.")
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Cet article a été modifié entre-temps ; vos valeurs n’ont pas été enregistrées.")
    before = {name: getattr(row, name) for name in EDITABLE}
    draft = clean_item(draft_of({**before, **values}))
    check_once(session, draft, but=item_id)
    _check_fixed(session, row, draft)
    if draft.supplier_id != row.supplier_id:
        _check_supplier(session, draft)
    for name in EDITABLE:
        if getattr(draft, name) != before[name]:
            setattr(row, name, getattr(draft, name))
    derive(row)
    session.flush()
    change_search_entries(session, entries=[findable(row)], by=by, at=at)
    if draft.supplier_id and draft.supplier_id != before["supplier_id"]:
        tell_also_on(session, source=(KIND, row.id), target=("party", draft.supplier_id), by=by, at=at)
    if draft.state != before["state"]:
        said = "Article archivé" if draft.state == ItemState.ARCHIVED else "Article remis en service"
        add_entry(session, kind=KIND, record_id=row.id, icon="changed", message_id=said, by=by, at=at)
    return row.row_version


def check_once(session: Session, draft: ItemDraft, *, but: UUID | None) -> None:
    """Refuse a number or a barcode that another item has.

    Raises: BadItem.
    """
    key = number_key(draft.number)
    same = select(Item).where(
        or_(col(Item.number_key) == key, (col(Item.barcode) == draft.barcode) & (col(Item.barcode) != ""))
    )
    found = []
    for other in session.scalars(same):
        if other.id == but:
            continue
        field = "number" if other.number_key == key else "barcode"
        params = {"name": other.name, "number": other.number}
        found.append(Finding(field, TAKEN[field], params))
    if found:
        raise BadItem(found)


def _check_fixed(session: Session, row: Item, draft: ItemDraft) -> None:
    changed = [name for name in FIXED_ONCE_USED if getattr(row, name) != getattr(draft, name)]
    if changed and is_used(session, row.id):
        message = "Cet article a des mouvements ou des pièces : son unité et son genre ne changent plus."
        raise BadItem([Finding(changed[0], message)])


def _check_supplier(session: Session, draft: ItemDraft) -> None:
    if draft.supplier_id and draft.supplier_id not in party_names(session, party_ids=[draft.supplier_id]):
        raise BadItem([Finding("supplier_id", "Choisissez un fournisseur du carnet d’adresses.")])


def derive(row: Item) -> None:
    """Set what follows from the fields: orders, the unique key, the state beside the minimum."""
    row.number_key, row.number_order = number_key(row.number), number_order(row.number)
    row.name_order, row.price_order = fold(row.name), price_order(row.sale_price)
    row.stock_state = stock_state(row.on_hand, row.minimum_stock).value


def findable(row: Item) -> Findable:
    """Return how an item is found: by its names, number, barcode and group."""
    named, folded = search_lines(
        [(name, getattr(row, name)) for name in ("name", "name_de", "name_en", "group_name")],
        identifiers=[("number", row.number), ("barcode", row.barcode)],
    )
    return Findable(row.search_number, KIND, row.id, READ, row.name, row.number, folded, named)
