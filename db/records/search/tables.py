"""One row of folded text per record that can be found."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from db.kernel.record import personal, plain


class SearchEntry(SQLModel, table=True):
    """What a record is found by. `number` ties it to the text index and to the record's own `search_number`."""

    __tablename__ = "search_entry"
    __table_args__ = (
        UniqueConstraint("kind", "record_id"),
        Index("search_entry_of_kind", "kind", "number"),
    )
    number: int = plain(primary_key=True)
    kind: str = plain(nullable=False)
    record_id: UUID = plain(nullable=False)
    permission: str = plain(nullable=False)  # what one needs in order to find it
    title: str = personal(nullable=False)
    subtitle: str = personal(default="", nullable=False)
    folded: str = personal(nullable=False)
