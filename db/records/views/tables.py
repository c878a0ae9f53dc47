"""Named states of a list, kept as the query string of its address; who pinned them; which one a role begins with."""

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint

from db.kernel.record import Record, plain


class SavedView(Record, table=True):
    """A list's search, filters, sort and columns under a name; a shared one is everyone's."""

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


class PinnedView(Record, table=True):
    """A view that a person keeps as a tab."""

    __tablename__ = "pinned_view"
    __table_args__ = (UniqueConstraint("user_id", "view_id"),)
    user_id: UUID = plain(nullable=False)
    view_id: UUID = plain(foreign_key="saved_view.id", nullable=False, index=True)


class DefaultView(Record, table=True):
    """The shared view that the people of a role see when they open a list."""

    __tablename__ = "default_view"
    __table_args__ = (UniqueConstraint("kind", "role"),)
    kind: str = plain(nullable=False)
    role: str = plain(nullable=False)
    view_id: UUID = plain(foreign_key="saved_view.id", nullable=False, index=True)
