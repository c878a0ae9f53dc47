"""Stock moves, the only truth about what is where, and the balance that follows from them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import SQLModel

from db.catalog.items.rules import PRICE_PLACES
from db.catalog.units.rules import PLACES
from db.kernel.guards import Follows, FrozenWhen, guard
from db.kernel.record import Instant, Record, Scaled, plain

REVERSING = text("reverses_id is not null")  # an index over all would be nearly empty, and not used once analysed


class StockMove(Record, table=True):
    """So much of an item from one place to another. No place is outside: a supplier, a customer, a difference.

    `search_number` is that of the item, so that a list of moves is searched by what is known of their items.
    """

    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="stock_move_quantity"),
        CheckConstraint("from_place_id is not null or to_place_id is not null", name="stock_move_somewhere"),
        CheckConstraint("from_place_id <> to_place_id", name="stock_move_two_places"),
        CheckConstraint("state in ('planned', 'done', 'cancelled')", name="stock_move_state"),
        CheckConstraint(
            "kind in ('receipt', 'issue', 'transfer', 'count', 'opening', 'reversal')", name="stock_move_kind"
        ),
        CheckConstraint("(kind = 'reversal') = (reverses_id is not null)", name="stock_move_reverses"),
        CheckConstraint("unit_cost is null or unit_cost >= 0", name="stock_move_unit_cost"),
        Index("stock_move_of_item", "item_id", "moved_at", "id"),
        Index(
            "stock_move_reversed_once",
            "reverses_id",
            unique=True,
            sqlite_where=REVERSING,
            postgresql_where=REVERSING,
        ),
        Index("stock_move_by_moved_at", "moved_at", "id", "search_number"),
        Index("stock_move_by_quantity", "quantity", "id", "search_number"),
        Index("stock_move_origin", "origin_kind", "origin_id"),
        Index("stock_move_from", "from_place_id", "moved_at"),
        Index("stock_move_to", "to_place_id", "moved_at"),
        Index("stock_move_facets", "kind", "state", "from_place_id", "to_place_id", "search_number", "id"),
    )
    item_id: UUID = plain(foreign_key="item.id", nullable=False)
    kind: str = plain(nullable=False)
    state: str = plain(default="done", nullable=False)
    quantity: Decimal = plain(sa_type=Scaled(PLACES), nullable=False)
    from_place_id: UUID | None = plain(default=None, foreign_key="stock_place.id")
    to_place_id: UUID | None = plain(default=None, foreign_key="stock_place.id")
    moved_at: datetime = plain(sa_type=Instant, nullable=False)  # of a planned one: when it is expected
    note: str = plain(default="", nullable=False)
    unit_cost: Decimal | None = plain(sa_type=Scaled(PRICE_PLACES), default=None)
    origin_kind: str | None = plain(default=None)
    origin_id: UUID | None = plain(default=None)
    reverses_id: UUID | None = plain(default=None, foreign_key="stock_move.id")
    search_number: int = plain(default=0, sa_type=BigInteger, nullable=False, tracked=False, index=True)


class StockLevel(SQLModel, table=True):
    """How much of an item lies at a place: the sum of its done moves, kept by the database itself."""

    __tablename__ = "stock_level"
    __table_args__ = (
        CheckConstraint("quantity >= 0 or allows_negative", name="stock_level_negative"),
        Index("stock_level_of_place", "place_id", "item_id"),
    )
    item_id: UUID = plain(foreign_key="item.id", primary_key=True)
    place_id: UUID = plain(foreign_key="stock_place.id", primary_key=True)
    quantity: Decimal = plain(sa_type=Scaled(PLACES), default=Decimal(0), nullable=False)
    allows_negative: bool = plain(default=False, nullable=False, sa_column_kwargs={"server_default": text("false")})


guard(FrozenWhen("stock_move", "old.state = 'done'"))
_CHANGE = "case when new.to_place_id is null then -new.quantity else new.quantity end"
_THEN = f"(on_hand + {_CHANGE})"
_PLACES = (
    "insert into stock_level (item_id, place_id, quantity, allows_negative) "
    "select new.item_id, id, 0, allows_negative from stock_place where id in (new.from_place_id, new.to_place_id) "
    "order by id on conflict (item_id, place_id) do nothing"
)
_LESS, _MORE = (
    f"update stock_level set quantity = quantity {sign} new.quantity "
    f"where item_id = new.item_id and place_id = new.{column}"
    for sign, column in (("-", "from_place_id"), ("+", "to_place_id"))
)
_TOTAL = (
    f"update item set on_hand = {_THEN}, stock_state = case when {_THEN} < 0 then 'negative' "
    f"when minimum_stock is not null and {_THEN} < minimum_stock then 'low' "
    f"when {_THEN} = 0 then 'none' else 'ok' end "
    "where id = new.item_id and (new.from_place_id is null or new.to_place_id is null)"
)
BALANCE = (_PLACES, _LESS, _MORE, _TOTAL)
guard(Follows("stock_move", "stock_balance", "insert", "new.state = 'done'", BALANCE))
guard(Follows("stock_move", "stock_balance", "update", "new.state = 'done' and old.state <> 'done'", BALANCE))
