"""Exports over the API: a list's view as CSV or Excel, and the whole company in one archive."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel

from app.api.permission import allowed
from app.api.proof import Code, proven
from app.doors import do, now
from app.exchange.kept import export_path, kept_exports
from app.imports.starter import starter_set
from app.lists.export import answer_with
from app.lists.register import list_called
from db.access.rules import Actor
from db.jobs.exports.actions import ask_for_company_export, note_export_taken

router = APIRouter(tags=["Exports"])
Opener = Annotated[Actor, Depends(allowed("records.open"))]
Everything = Annotated[Actor, Depends(allowed("access.export_everything"))]
Receiver = Annotated[Actor, Depends(allowed("documents.receive"))]


class CompanyExport(BaseModel):
    """A company's archive, until when it can be taken."""

    name: str
    bytes: int
    made_at: datetime
    until: datetime


class Asked(BaseModel):
    """The job that writes it: `GET /jobs/{job_id}`."""

    job_id: UUID


@router.get("/lists/{key}/export/{form}", response_class=Response)
def export_list(by: Opener, key: str, form: Literal["csv", "xlsx"], request: Request) -> Response:
    """Écrire une vue de liste en CSV ou Excel : même adresse, mêmes lignes et mêmes colonnes qu'à l'écran."""
    return answer_with(list_called(key), by, request.url.query, form)


@router.get("/company-exports")
def exports(by: Everything) -> list[CompanyExport]:
    """Lister les exports de toute l'entreprise qui sont prêts."""
    at = now()
    return [
        CompanyExport(name=one.name, bytes=one.bytes, made_at=one.made_at, until=one.until)
        for one in kept_exports()
        if one.until > at
    ]


@router.post("/company-exports", status_code=202)
def ask_for_export(by: Everything, code: Code = "") -> Asked:
    """Demander l'export de toute l'entreprise ; demande le second facteur."""
    return Asked(job_id=do(proven(by, code), ask_for_company_export))


@router.get("/company-exports/{name}", response_class=Response)
def take_export(by: Everything, name: str, code: Code = "") -> Response:
    """Télécharger un export ; demande le second facteur, c'est noté dans l'historique."""
    path = export_path(name, at=now())
    do(proven(by, code), note_export_taken, name=path.name)
    return FileResponse(path, media_type="application/zip", filename=path.name)


@router.get("/starter-files", response_class=Response)
def starter_files(by: Receiver) -> Response:
    """Télécharger les modèles de fichiers à importer."""
    return Response(starter_set(person=by.name), media_type="application/zip")
