"""Which files were handed in."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from db.access.gate import readable
from db.access.rules import Actor
from db.documents.received.tables import ReceivedFile
from db.kernel.errors import NotFound


@dataclass(frozen=True)
class FileFacts:
    """One file: its name, the name of its content in the store, its size."""

    file_id: UUID
    name: str
    sha256: str
    size_bytes: int


@readable("documents.read")
def own_file(session: Session, *, file_id: UUID, by: Actor) -> FileFacts:
    """Return a file to the person who handed it in.

    Raises:
        NotFound: no such file, or somebody else's.
    """
    file = session.get(ReceivedFile, file_id)
    if file is None or (file.owner_id != by.user_id and not by.system):
        raise NotFound("Ce fichier n’existe pas ou n’est pas le vôtre.")
    return FileFacts(file.id, file.name, file.sha256, file.size_bytes)
