"""Items: the goods and services that the firm sells, buys and stores."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text

from db.catalog.items.rules import PRICE_PLACES
from db.catalog.units.rules import PLACES
from db.kernel.record import Record, Scaled, plain

ORDERS = ("number_order", "name_order", "group_name", "price_order", "on_hand", "updated_at")


class Item(Record, table=True):
    """An article or a service. `on_hand` and `stock_state` follow from the done moves (a trigger of the stock)."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("number <> ''", name="item_number"),
        CheckConstraint("name <> ''", name="item_name"),
        CheckConstraint("kind in ('article', 'service')", name="item_kind"),
        CheckConstraint("state in ('active', 'archived')", name="item_state"),
        CheckConstraint("sale_price is null or sale_price >= 0", name="item_sale_price"),
        CheckConstraint("purchase_price is null or purchase_price >= 0", name="item_purchase_price"),
        CheckConstraint("minimum_stock is null or minimum_stock >= 0", name="item_minimum_stock"),
        Index(
            "item_barcode_once",
            "barcode",
            unique=True,
            sqlite_where=text("barcode <> ''"),
            postgresql_where=text("barcode <> ''"),
        ),
        Index("item_facets", "state", "stock_state", "kind", "group_name", "vat_code", "search_number", "id"),
        *[Index(f"item_by_{name}", name, "id", "search_number") for name in ORDERS],
    )
    number: str = plain(nullable=False)
    name: str = plain(nullable=False)
    name_de: str = plain(default="", nullable=False)
    name_en: str = plain(default="", nullable=False)
    kind: str = plain(default="article", nullable=False)
    unit: str = plain(default="pce", nullable=False)
    packages: str = plain(default="", nullable=False)
    group_name: str = plain(default="", nullable=False)
    sale_price: Decimal | None = plain(sa_type=Scaled(PRICE_PLACES), default=None)
    purchase_price: Decimal | None = plain(sa_type=Scaled(PRICE_PLACES), default=None)
    vat_code: str = plain(default="standard", nullable=False)
    barcode: str = plain(default="", nullable=False)
    minimum_stock: Decimal | None = plain(sa_type=Scaled(PLACES), default=None)
    supplier_id: UUID | None = plain(default=None, foreign_key="party.id", index=True)
    note: str = plain(default="", nullable=False)
    state: str = plain(default="active", nullable=False)
    number_key: str = plain(default="", nullable=False, tracked=False, unique=True)
    number_order: str = plain(default="", nullable=False, tracked=False)
    name_order: str = plain(default="", nullable=False, tracked=False)
    price_order: int = plain(sa_type=BigInteger, default=-1, nullable=False, tracked=False)
    on_hand: Decimal = plain(sa_type=Scaled(PLACES), default=Decimal(0), nullable=False, tracked=False)
    stock_state: str = plain(default="none", nullable=False, tracked=False)
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)
