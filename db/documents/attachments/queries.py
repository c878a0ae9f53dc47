"""Which files hang on a record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.documents.attachments.tables import AttachedFile
from db.kernel.errors import NotFound
from db.records.reach.queries import check_record, reached


@dataclass(frozen=True)
class Attachment:
    """One file on a record."""

    file_id: UUID
    kind: str
    record_id: UUID
    name: str
    sha256: str
    size_bytes: int
    media_type: str
    by_id: UUID | None
    by_name: str
    at: datetime


@readable("records.open")
def attachments(session: Session, *, kind: str, record_id: UUID, by: Actor) -> list[Attachment]:
    """Return the files of a record, newest first.

    Raises: NotFound, NotAllowed.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    wanted = select(AttachedFile).where(col(AttachedFile.kind) == kind, col(AttachedFile.record_id) == record_id)
    return [_facts(row) for row in session.scalars(wanted.order_by(col(AttachedFile.id).desc()))]


@readable("records.open")
def attachment(session: Session, *, file_id: UUID, by: Actor) -> Attachment:
    """Return one file to who may read the record on which it hangs.

    Raises: NotFound, also when she may not know of it.
    """
    row = session.get(AttachedFile, file_id)
    if row is None or not reached(session, places=[(row.kind, row.record_id)], by=by):
        raise NotFound("Ce fichier n’existe pas ou plus.")
    return _facts(row)


def _facts(row: AttachedFile) -> Attachment:
    return Attachment(
        row.id,
        row.kind,
        row.record_id,
        row.name,
        row.sha256,
        row.size_bytes,
        row.media_type,
        row.by_id,
        row.by_name,
        row.created_at,
    )
