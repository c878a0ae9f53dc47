"""One row of folded text per record that can be found, and the words that typing errors are measured against."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from db.kernel.record import personal, plain


class SearchEntry(SQLModel, table=True):
    """What a record is found by. `number` ties it to the text index and to the record's own `search_number`.

    `folded` has one line per field, the title first; `fields` names them in the same order (`name,email`), so that
    nobody finds a record by a field that is hidden from her. What hangs on another record (a note, a file) names it as
    its parent and is found by those who reach the parent.
    """

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
    fields: str | None = plain(default=None)
    parent_kind: str | None = plain(default=None)
    parent_id: UUID | None = plain(default=None)


class SearchWord(SQLModel, table=True):
    """A word of the firm's texts under itself and under itself without each one of its letters."""

    __tablename__ = "search_word"
    variant: str = personal(primary_key=True)
    word: str = personal(primary_key=True)
