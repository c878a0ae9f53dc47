"""The list of items, with what is on hand of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor, may_see_field
from db.catalog.items.queries import sees_margin
from db.catalog.items.rules import KIND, ItemKind, ItemState, StockState, margin
from db.catalog.items.tables import Item
from db.kernel.errors import BadInput
from db.parties.queries import party_names
from db.records.custom_fields.rules import read_number
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Range, Source


@dataclass(frozen=True)
class ItemRow:
    """One item as the list shows it; a field that the reader may not see is None."""

    record_id: UUID
    row_version: int
    number: str
    name: str
    name_de: str | None
    name_en: str | None
    kind: ItemKind
    state: ItemState
    unit: str
    packages: str | None
    group_name: str | None
    sale_price: Decimal | None
    purchase_price: Decimal | None
    margin: Decimal | None
    vat_code: str | None
    barcode: str | None
    minimum_stock: Decimal | None
    on_hand: Decimal
    stock_state: str
    supplier_id: UUID | None
    supplier_name: str
    updated_at: datetime


_HIDEABLE = (
    *("name_de", "name_en", "packages", "group_name", "sale_price", "purchase_price"),
    *("vat_code", "barcode", "minimum_stock", "supplier_id"),
)


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[ItemRow]:
    """Return items in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(Item).where(col(Item.id).in_(ids)))}
    seen, margins = [name for name in _HIDEABLE if may_see_field(by, "item", name)], sees_margin(by)
    sees_supplier = "supplier_id" in seen
    suppliers = party_names(session, party_ids=[row.supplier_id for row in found.values() if row.supplier_id])
    return [
        ItemRow(
            record_id=row.id,
            row_version=row.row_version,
            number=row.number,
            name=row.name,
            kind=ItemKind(row.kind),
            state=ItemState(row.state),
            unit=row.unit,
            margin=margin(row.sale_price, row.purchase_price) if margins else None,
            on_hand=row.on_hand,
            stock_state=row.stock_state,
            supplier_name=suppliers[row.supplier_id].name if sees_supplier and row.supplier_id in suppliers else "",
            updated_at=row.updated_at,
            **{name: getattr(row, name) if name in seen else None for name in _HIDEABLE},
        )
        for row in (found[record_id] for record_id in ids)
    ]


def _ten_thousandths(text: str) -> int:
    return int(read_number(text).scaleb(4))


def _above(text: str) -> int:
    return _ten_thousandths(text) + 1


def _quantity(text: str) -> Decimal:
    """Return a quantity of an address.

    Raises: BadInput.
    """
    value = read_number(text)
    if value != value.quantize(Decimal("0.000001")):
        raise BadInput("« {text} » a trop de décimales.", text=text[:40])
    return value


def _just_above(text: str) -> Decimal:
    return _quantity(text) + Decimal("0.000001")


SOURCE = Source(
    KIND,
    Item,
    "catalog.read",
    load_rows,
    usual_sort="number",
    sorts={
        "number": Column(Item.number_order, "number"),
        "name": Column(Item.name_order, "name"),
        "group": Column(Item.group_name, "group_name"),
        "price": Column(Item.price_order, "sale_price"),
        "on_hand": Column(Item.on_hand, "on_hand"),
        "updated": Column(Item.updated_at, "updated_at"),
    },
    facets={
        "state": Column(Item.state, "state"),
        "stock": Column(Item.stock_state, "stock_state"),
        "kind": Column(Item.kind, "kind"),
        "group": Column(Item.group_name, "group_name"),
        "vat": Column(Item.vat_code, "vat_code"),
    },
    ranges={
        "price_from": Range(col(Item.price_order), "sale_price", _ten_thousandths, is_low=True),
        "price_to": Range(col(Item.price_order), "sale_price", _above, is_low=False),
        "on_hand_from": Range(col(Item.on_hand), "on_hand", _quantity, is_low=True),
        "on_hand_to": Range(col(Item.on_hand), "on_hand", _just_above, is_low=False),
    },
)
SHAPE = SOURCE.shape
ITEM_QUESTIONS = questions_of(SOURCE, name="item", module=__name__, export="catalog.export")


@readable("catalog.read")
def count_low(session: Session) -> int:
    """Return how many active items are below their minimum or below zero."""
    low = (StockState.LOW.value, StockState.NEGATIVE.value)
    wanted = select(func.count()).where(col(Item.state) == ItemState.ACTIVE.value, col(Item.stock_state).in_(low))
    return session.scalar(wanted) or 0
