"""Backups over the API: what there is, make, check, take and restore one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.api.proof import Code, proven
from app.backup.places import Backup, backups, path_of
from app.doors import do
from db.access.rules import Actor
from db.jobs.backups.actions import ask_for_backup, ask_for_check, ask_for_restore, note_download
from db.session import open_company

router = APIRouter(prefix="/backups", tags=["Sauvegardes"])
Manager = Annotated[Actor, Depends(allowed("access.manage_backups"))]


class Asked(BaseModel):
    """The job that does it: `GET /jobs/{job_id}`."""

    job_id: UUID


class Restoring(BaseModel):
    """The firm's name, typed to confirm."""

    model_config = ConfigDict(extra="forbid")
    typed: str = Field(max_length=300)


@router.get("")
def listed(by: Manager) -> list[Backup]:
    """Lister les sauvegardes, la plus récente d'abord, avec leur dernier contrôle."""
    return backups(open_company())


@router.post("", status_code=202)
def make(by: Manager) -> Asked:
    """Demander une sauvegarde ; elle est contrôlée par une restauration à côté."""
    return Asked(job_id=do(by, ask_for_backup))


@router.post("/{name}/check", status_code=202)
def check(by: Manager, name: str) -> Asked:
    """Contrôler une sauvegarde en la restaurant à côté."""
    return Asked(job_id=do(by, ask_for_check, name=path_of(name).name))


@router.post("/{name}/restore", status_code=202)
def restore(by: Manager, name: str, given: Restoring, code: Code = "") -> Asked:
    """Remplacer le présent par une sauvegarde ; demande le second facteur et la raison sociale."""
    return Asked(job_id=do(proven(by, code), ask_for_restore, name=path_of(name).name, typed=given.typed))


@router.get("/{name}", response_class=Response)
def take(by: Annotated[Actor, Depends(allowed("access.export_everything"))], name: str, code: Code = "") -> Response:
    """Télécharger une sauvegarde, qui contient tout ; demande le second facteur."""
    path = path_of(name)
    do(proven(by, code), note_download, name=path.name)
    return FileResponse(path, media_type="application/gzip", filename=path.name)
