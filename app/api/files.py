"""Files on records over the API: list, attach, read (as a download or to be shown), take off."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile
from pydantic import BaseModel

from app.api.permission import allowed
from app.doors import ask, do
from app.records.files import headers_of
from db.access.rules import Actor
from db.documents.attachments.actions import attach_file, detach_file
from db.documents.attachments.queries import Attachment, attachment, attachments
from db.documents.attachments.rules import MOST_BYTES
from db.documents.store import get

router = APIRouter(tags=["Fichiers"])
Opener = Annotated[Actor, Depends(allowed("records.open"))]
Giver = Annotated[Actor, Depends(allowed("documents.receive"))]


class AttachedFile(BaseModel):
    """A file on a record; `media_type` is what its first bytes say, whatever its name."""

    id: UUID
    kind: str
    record_id: UUID
    name: str
    sha256: str
    size_bytes: int
    media_type: str
    by: str
    at: datetime


@router.get("/records/{kind}/{record_id}/files")
def files(by: Opener, kind: str, record_id: UUID) -> list[AttachedFile]:
    """Lister les fichiers d'une fiche, le plus récent d'abord."""
    return [_file(one) for one in ask(by, attachments, kind=kind, record_id=record_id)]


@router.post("/records/{kind}/{record_id}/files", status_code=201)
def attach(by: Giver, kind: str, record_id: UUID, file: Annotated[UploadFile, File()]) -> AttachedFile:
    """Joindre un fichier à une fiche (25 Mo au plus)."""
    content = file.file.read(MOST_BYTES + 1)
    made = do(by, attach_file, kind=kind, record_id=record_id, name=file.filename or "", content=content)
    return _file(ask(by, attachment, file_id=made))


@router.get("/files/{file_id}")
def file(by: Opener, file_id: UUID) -> AttachedFile:
    """Dire ce qu'est un fichier."""
    return _file(ask(by, attachment, file_id=file_id))


@router.get("/files/{file_id}/content", response_class=Response)
def content(
    by: Opener,
    file_id: UUID,
    download: Annotated[bool, Query(description="false : image ou PDF à montrer plutôt qu'à enregistrer")] = True,
) -> Response:
    """Lire le contenu d'un fichier ; son sha256 est vérifié."""
    found = ask(by, attachment, file_id=file_id)
    return Response(get(found.sha256), headers=headers_of(found, as_download=download))


@router.delete("/files/{file_id}", status_code=204)
def detach(by: Giver, file_id: UUID) -> None:
    """Retirer un fichier de sa fiche ; s'annule comme tout acte."""
    do(by, detach_file, file_id=file_id)


def _file(one: Attachment) -> AttachedFile:
    same = {name: getattr(one, name) for name in AttachedFile.model_fields if hasattr(one, name)}
    return AttachedFile(id=one.file_id, by=one.by_name, **same)
