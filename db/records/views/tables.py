"""Named states of a list, kept as the query string of its address."""

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint

from db.kernel.record import Record, plain


class SavedView(Record, table=True):
    """A list's search, filters, sort and columns under a name; a shared one is everyone's tab."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("kind", "owner_id", "name"),
        CheckConstraint("name <> ''", name="saved_view_name"),
    )
    kind: str = plain(nullable=False)
    owner_id: UUID = plain(nullable=False, index=True)
    name: str = plain(nullable=False)
    shared: bool = plain(default=False, nullable=False)
    query: str = plain(default="", nullable=False)
