"""Files that people handed in."""

from uuid import UUID

from sqlalchemy import CheckConstraint

from db.kernel.record import Record, personal, plain


class ReceivedFile(Record, table=True):
    """One file as somebody handed it in; the content lies in `db.documents.store` under its sha256."""

    __tablename__ = "received_file"
    __table_args__ = (CheckConstraint("size_bytes > 0", name="received_file_size"),)
    name: str = personal(nullable=False)
    sha256: str = plain(nullable=False, index=True)
    size_bytes: int = plain(nullable=False)
    owner_id: UUID | None = plain(default=None, index=True)
