"""What people wrote about a record."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index

from db.kernel.record import Record, personal, plain


class Note(Record, table=True):
    """A note on any record."""

    __tablename__ = "note"
    __table_args__ = (
        Index("note_of_record", "kind", "record_id"),
        CheckConstraint("text <> ''", name="note_text"),
    )
    kind: str = plain(nullable=False)
    record_id: UUID = plain(nullable=False)
    text: str = personal(nullable=False)
    by_id: UUID | None = plain(default=None)
    by_name: str = personal(nullable=False)
