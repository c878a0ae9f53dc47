"""Hanging files on records and taking them off."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.documents.attachments.rules import check_content, media_type_of, plain_name
from db.documents.attachments.tables import AttachedFile
from db.documents.store import put
from db.kernel.errors import NotFound
from db.records.reach.queries import check_record
from db.records.search.actions import hide_part, make_part_findable
from db.records.timeline.actions import add_entry

ORIGIN = "attached_file"


@gate("documents.receive")
def attach_file(
    session: Session, *, kind: str, record_id: UUID, name: str, content: bytes, by: Actor, at: datetime
) -> UUID:
    """Hang a file on a record and tell so in its story; the same content is stored once. Return the file's id.

    Raises: FileRefused, NotFound, NotAllowed.
    """
    name = plain_name(name)
    check_content(name, content)
    check_record(session, kind=kind, record_id=record_id, by=by)
    file = AttachedFile(
        kind=kind,
        record_id=record_id,
        name=name,
        sha256=put(content),
        size_bytes=len(content),
        media_type=media_type_of(content),
        by_id=by.user_id,
        by_name=by.name,
    )
    session.add(file)
    session.flush()
    add_entry(
        session,
        kind=kind,
        record_id=record_id,
        icon="file",
        message_id="Fichier joint : {name}",
        params={"name": name},
        origin=(ORIGIN, file.id),
        by=by,
        at=at,
    )
    make_part_findable(session, place=(ORIGIN, file.id), parent=(kind, record_id), title=name, text="", by=by, at=at)
    return file.id


@gate("documents.receive")
def detach_file(session: Session, *, file_id: UUID, by: Actor, at: datetime) -> None:
    """Take a file off its record; its content stays in the store, where other records may show it.

    Raises: NotFound, NotAllowed.
    """
    file = session.get(AttachedFile, file_id, with_for_update=True)
    if file is None:
        raise NotFound("Ce fichier n’existe pas ou plus.")
    check_record(session, kind=file.kind, record_id=file.record_id, by=by)
    session.delete(file)
    hide_part(session, place=(ORIGIN, file.id), by=by, at=at)
    add_entry(
        session,
        kind=file.kind,
        record_id=file.record_id,
        icon="file_gone",
        message_id="Fichier retiré : {name}",
        params={"name": file.name},
        by=by,
        at=at,
    )
