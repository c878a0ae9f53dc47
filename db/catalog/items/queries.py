"""Questions about items."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, literal, or_, select
from sqlmodel import Session, SQLModel, col

from db.access.gate import readable
from db.access.rules import Actor, may_see_field
from db.catalog.items.rules import HOLDERS, ItemKind, ItemState, margin, number_key
from db.catalog.items.tables import Item
from db.catalog.units.rules import read_packages
from db.kernel.errors import NotFound
from db.parties.queries import party_names
from db.records.search.rules import escaped, fold

CHUNK = 500
PROPOSED = 12


@dataclass(frozen=True)
class ItemCard:
    """What is known of one item; a price or margin that the reader may not see is None."""

    item_id: UUID
    row_version: int
    number: str
    name: str
    name_de: str
    name_en: str
    kind: ItemKind
    unit: str
    packages: str
    group_name: str
    sale_price: Decimal | None
    purchase_price: Decimal | None
    margin: Decimal | None
    vat_code: str
    barcode: str
    minimum_stock: Decimal | None
    supplier_id: UUID | None
    supplier_name: str
    note: str
    state: ItemState
    on_hand: Decimal
    stock_state: str


@dataclass(frozen=True)
class NamedItem:
    """An item as others name it, with what a quantity of it can be typed in."""

    item_id: UUID
    number: str
    name: str
    unit: str
    kind: ItemKind
    state: ItemState
    barcode: str
    on_hand: Decimal
    packages: dict[str, Decimal]
    search_number: int

    @property
    def title(self) -> str:
        """Return number and name."""
        return f"{self.number} · {self.name}"


@readable("catalog.read")
def item_card(session: Session, *, item_id: UUID, by: Actor) -> ItemCard:
    """Return one item.

    Raises: NotFound.
    """
    row = session.get(Item, item_id, populate_existing=True)
    if row is None:
        raise NotFound("Cet article n’existe pas ou plus.")
    supplier = party_names(session, party_ids=[row.supplier_id]) if row.supplier_id else {}
    copied = {name: getattr(row, name) for name in ItemCard.__annotations__ if name in Item.model_fields}
    seen: dict[str, Any] = {
        name: value if may_see_field(by, "item", name) else _unseen(value) for name, value in copied.items()
    }
    return ItemCard(
        **{
            **seen,
            "kind": ItemKind(row.kind),
            "state": ItemState(row.state),
            "item_id": row.id,
            "margin": margin(row.sale_price, row.purchase_price) if sees_margin(by) else None,
            "supplier_name": supplier[row.supplier_id].name if row.supplier_id in supplier else "",
        }
    )


def _unseen(value: Any) -> Any:
    return "" if isinstance(value, str) else None


def sees_margin(by: Actor) -> bool:
    """Test if the actor may know what an item earns: only who sees both prices."""
    return may_see_field(by, "item", "purchase_price") and may_see_field(by, "item", "sale_price")


@readable("catalog.read")
def items_named(session: Session, *, item_ids: Iterable[UUID]) -> dict[UUID, NamedItem]:
    """Return items by id; what does not exist is absent."""
    wanted, found = sorted(set(item_ids)), {}
    for start in range(0, len(wanted), CHUNK):
        rows = session.scalars(select(Item).where(col(Item.id).in_(wanted[start : start + CHUNK])))
        found.update({row.id: named(row) for row in rows})
    return found


@readable("catalog.read")
def items_like(session: Session, *, text: str, most: int = PROPOSED) -> list[NamedItem]:
    """Return active items whose number or barcode contains the text, or whose name has words that begin so."""
    folded = fold(text)
    if not folded:
        return []
    bare = number_key(text)
    in_name = [
        or_(
            col(Item.name_order).like(escaped(word) + "%", escape="\\"),
            col(Item.name_order).like("% " + escaped(word) + "%", escape="\\"),
        )
        for word in folded.split()
    ]
    by_number = col(Item.number_key).like("%" + escaped(bare) + "%", escape="\\")
    by_code = col(Item.barcode).like("%" + escaped(bare) + "%", escape="\\") if bare.isdigit() else literal(False)
    wanted = (
        select(Item)
        .where(col(Item.state) == ItemState.ACTIVE.value, or_(by_number, by_code, and_(*in_name)))
        .order_by((col(Item.number_key) != bare), (col(Item.barcode) != bare), col(Item.number_order))
        .limit(most)
    )
    return [named(row) for row in session.scalars(wanted)]


@readable("catalog.read")
def item_by_code(session: Session, *, code: str) -> NamedItem | None:
    """Return the item with exactly this barcode or number, as a scanner types it."""
    bare = number_key(code)
    if not bare:
        return None
    wanted = select(Item).where(or_(col(Item.barcode) == bare, col(Item.number_key) == bare))
    row = session.scalars(wanted.order_by(col(Item.barcode) != bare)).first()
    return None if row is None else named(row)


@readable("catalog.read")
def item_groups(session: Session) -> list[str]:
    """Return the groups that items are in, in alphabetical order."""
    wanted = select(col(Item.group_name)).where(col(Item.group_name) != "").distinct()
    return sorted(session.scalars(wanted), key=fold)


def is_used(session: Session, item_id: UUID) -> bool:
    """Test if anything counts the item in its unit."""
    for table, column in HOLDERS:
        found = SQLModel.metadata.tables[table]
        wanted = select(literal(1)).select_from(found).where(found.c[column] == item_id).limit(1)
        if session.connection().execute(wanted).first():
            return True
    return False


def named(row: Item) -> NamedItem:
    """Return an item as others name it."""
    return NamedItem(
        row.id,
        row.number,
        row.name,
        row.unit,
        ItemKind(row.kind),
        ItemState(row.state),
        row.barcode,
        row.on_hand,
        read_packages(row.packages, row.unit),
        row.search_number,
    )
