"""Places where goods lie."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from db.kernel.record import Record, plain


class StockPlace(Record, table=True):
    """A warehouse, a shelf, a van. `path_order` sorts the tree; both it and the search number are derived."""

    __tablename__ = "stock_place"
    __table_args__ = (
        CheckConstraint("name <> ''", name="stock_place_name"),
        CheckConstraint("code <> ''", name="stock_place_code"),
        CheckConstraint("state in ('active', 'closed')", name="stock_place_state"),
        CheckConstraint("parent_id is null or parent_id <> id", name="stock_place_parent"),
        Index("stock_place_by_path", "path_order", "id"),
        Index("stock_place_by_code", "code", "id"),
    )
    name: str = plain(nullable=False)
    code: str = plain(nullable=False, unique=True)
    parent_id: UUID | None = plain(default=None, foreign_key="stock_place.id", index=True)
    allows_negative: bool = plain(default=False, nullable=False, sa_column_kwargs={"server_default": text("false")})
    state: str = plain(default="active", nullable=False)
    path: str = plain(default="", nullable=False, tracked=False)
    path_order: str = plain(default="", nullable=False, tracked=False)
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)
