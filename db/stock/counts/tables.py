"""Count sheets and what was counted."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from db.catalog.units.rules import PLACES
from db.kernel.guards import FrozenWhen, guard
from db.kernel.record import Instant, Record, Scaled, personal, plain

ORDERS = ("name_order", "opened_at", "state")


class StockCount(Record, table=True):
    """One counting of a place, or of a group of items there."""

    __tablename__ = "stock_count"
    __table_args__ = (
        CheckConstraint("state in ('open', 'review', 'approved', 'cancelled')", name="stock_count_state"),
        CheckConstraint("name <> ''", name="stock_count_name"),
        CheckConstraint("(state = 'approved') = (approved_at is not null)", name="stock_count_approved"),
        Index("stock_count_facets", "state", "place_id", "search_number", "id"),
        *[Index(f"stock_count_by_{name}", name, "id", "search_number") for name in ORDERS],
    )
    name: str = plain(nullable=False)
    place_id: UUID = plain(foreign_key="stock_place.id", nullable=False)
    group_name: str = plain(default="", nullable=False)
    blind: bool = plain(default=True, nullable=False)
    state: str = plain(default="open", nullable=False)
    opened_at: datetime = plain(sa_type=Instant, nullable=False)
    opened_by: UUID | None = plain(default=None, foreign_key="user_account.id")
    approved_at: datetime | None = plain(sa_type=Instant, default=None)
    approved_by: UUID | None = plain(default=None, foreign_key="user_account.id")
    name_order: str = plain(default="", nullable=False, tracked=False)
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)


class StockCountLine(Record, table=True):
    """One item on the sheet; `counted` is None until somebody has counted it."""

    __tablename__ = "stock_count_line"
    __table_args__ = (
        UniqueConstraint("count_id", "item_id", name="stock_count_line_once"),
        CheckConstraint("counted is null or counted >= 0", name="stock_count_line_counted"),
        CheckConstraint("(counted is null) = (counted_at is null)", name="stock_count_line_when"),
        Index("stock_count_line_in_order", "count_id", "place_in_sheet"),
    )
    count_id: UUID = plain(foreign_key="stock_count.id", nullable=False)
    item_id: UUID = plain(foreign_key="item.id", nullable=False, index=True)
    place_in_sheet: int = plain(default=0, nullable=False)
    counted: Decimal | None = plain(sa_type=Scaled(PLACES), default=None)
    counted_at: datetime | None = plain(sa_type=Instant, default=None)
    counted_by: UUID | None = plain(default=None, foreign_key="user_account.id")
    counted_by_name: str = personal(default="", nullable=False)


guard(FrozenWhen("stock_count", "old.state = 'approved'", free=("name_order",)))
