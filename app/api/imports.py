"""Imports over the API: hand a file in, see what would happen, write, undo. The same steps as on the screen."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.doors import ask, do
from app.gateways.table_files import MOST_BYTES
from app.imports import steps
from app.imports.kinds import kind_named
from app.imports.mapping import given_plan, plan_from
from app.kept_words import why
from db.access.rules import Actor, check_may
from db.documents.imports import actions, queries
from db.documents.imports.queries import ImportStatus
from db.documents.imports.rules import FoundProblem, ImportState
from db.kernel.errors import BadInput

router = APIRouter(prefix="/imports", tags=["Imports"])
Reader = Annotated[Actor, Depends(allowed("documents.read"))]
Giver = Annotated[Actor, Depends(allowed("documents.receive"))]


class Import(BaseModel):
    """How an import stands; `plan` says where each column goes, `checked` what the dry run found."""

    id: UUID
    kind: str
    state: ImportState
    file_name: str
    sha256: str
    columns: list[dict[str, Any]]
    plan: dict[str, Any]
    checked: dict[str, int] | None
    job_id: UUID | None
    rows_in: int
    created: int
    updated: int
    unchanged: int
    refused: int
    began_at: datetime | None
    ended_at: datetime | None
    problem: str
    undone_at: datetime | None
    undo_result: dict[str, Any] | None


class PlanChoice(BaseModel):
    """What differs from the proposed plan: `columns` = column → target, `key` = the column that finds records."""

    model_config = ConfigDict(extra="forbid")
    columns: dict[str, Annotated[str, Field(max_length=200)]] = {}
    key: str = Field(default="", max_length=200)


@router.get("")
def imports(by: Reader, kind: Annotated[str, Query(max_length=60)] = "leads") -> list[Import]:
    """Lister ses imports d'un genre, le plus récent d'abord."""
    kind_named(kind)
    return [_import(status) for status in ask(by, queries.recent_imports, kind=kind, by=by)]


@router.post("", status_code=201)
def hand_in(by: Giver, kind: Annotated[str, Form(max_length=60)], file: Annotated[UploadFile, File()]) -> Import:
    """Remettre un fichier (CSV, XLSX, …) ; l'exécuteur en lit les colonnes et propose un plan."""
    check_may(by, kind_named(kind).permission)
    content = file.file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadInput("Le fichier dépasse 50 Mo. Le partager en plusieurs fichiers.")
    name = (file.filename or "fichier")[-200:]
    return _read(by, steps.take_in(content, name, kind=kind, options={}, with_job=True, by=by))


@router.get("/{import_id}")
def read(by: Reader, import_id: UUID) -> Import:
    """Dire où en est un import."""
    return _read(by, import_id)


@router.get("/{import_id}/problems")
def problems(
    by: Reader, import_id: UUID, is_dry: bool = False, most: Annotated[int, Query(ge=1, le=10_000)] = 1000
) -> list[FoundProblem]:
    """Lister les cellules refusées ; `is_dry` : celles de la vérification."""
    return list(ask(by, queries.problems, import_id=import_id, is_dry=is_dry, by=by, most=most))


@router.get("/{import_id}/left")
def left(by: Reader, import_id: UUID, most: Annotated[int, Query(ge=1, le=10_000)] = 1000) -> list[dict[str, str]]:
    """Lister ce que l'annulation d'un import a laissé tel quel, champ par champ, et pourquoi."""
    found = ask(by, queries.undo_left, import_id=import_id, by=by, most=most)
    return [
        {
            "record_id": str(one.record_id),
            "table": one.table,
            "column": one.column,
            "name": one.name,
            "why": why(one, by.language),
        }
        for one in found
    ]


@router.put("/{import_id}/plan")
def choose(by: Giver, import_id: UUID, given: PlanChoice) -> Import:
    """Changer le plan proposé."""
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    kind = kind_named(status.kind)
    if status.state is not ImportState.MAPPED:
        raise BadInput("Cet import n’attend pas de plan.")
    chosen = {name: value for name, value in given.model_dump().items() if value}
    steps.choose(import_id, given_plan(plan_from(status.plan), chosen, kind=kind), by=by)
    return _read(by, import_id)


@router.post("/{import_id}/check", status_code=202)
def check(by: Giver, import_id: UUID) -> Import:
    """Demander la vérification : chaque ligne est lue, rien n'est écrit."""
    do(by, actions.ask_for_check, import_id=import_id)
    return _read(by, import_id)


@router.post("/{import_id}/run", status_code=202)
def run(by: Giver, import_id: UUID) -> Import:
    """Lancer l'import, ou le reprendre."""
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    if not status.plan:
        raise BadInput("Les colonnes ne sont pas encore lues ; réessayer dans un instant.")
    steps.begin(import_id, with_job=True, by=by)
    return _read(by, import_id)


@router.post("/{import_id}/leave")
def leave(by: Giver, import_id: UUID) -> Import:
    """Renoncer à un import dont rien n'est écrit."""
    steps.leave(import_id, by=by)
    return _read(by, import_id)


@router.post("/{import_id}/undo", status_code=202)
def undo(by: Giver, import_id: UUID) -> Import:
    """Annuler un import en entier."""
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    do(by, kind_named(status.kind).deeds.ask_for_undo, import_id=import_id)
    return _read(by, import_id)


def _read(by: Actor, import_id: UUID) -> Import:
    return _import(ask(by, queries.import_status, import_id=import_id, by=by))


def _import(status: ImportStatus) -> Import:
    same = {name: getattr(status, name) for name in Import.model_fields if name != "id"}
    return Import(id=status.import_id, **same)
