"""Taking files in."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.documents.received.tables import ReceivedFile


@gate("documents.receive")
def receive_file(session: Session, *, name: str, sha256: str, size_bytes: int, by: Actor, at: datetime) -> UUID:
    """Note that a person handed in a file whose content is in the store; return its id."""
    file = ReceivedFile(
        name=name.replace("\\", "/").rsplit("/", 1)[-1][:200], sha256=sha256, size_bytes=size_bytes, owner_id=by.user_id
    )
    session.add(file)
    session.flush()
    return file.id
