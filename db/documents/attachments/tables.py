"""Files that hang on records."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index

from db.kernel.record import Record, personal, plain


class AttachedFile(Record, table=True):
    """A file on a record; its content lies in `db.documents.store` under its sha256, once however often it hangs."""

    __tablename__ = "attached_file"
    __table_args__ = (
        Index("attached_file_of_record", "kind", "record_id"),
        CheckConstraint("size_bytes > 0", name="attached_file_size"),
    )
    kind: str = plain(nullable=False)
    record_id: UUID = plain(nullable=False)
    name: str = personal(nullable=False)
    sha256: str = plain(nullable=False, index=True)
    size_bytes: int = plain(nullable=False)
    media_type: str = plain(nullable=False)
    by_id: UUID | None = plain(default=None)
    by_name: str = personal(nullable=False)
