"""Models over the API: hand in a version, read what was measured, decide, go back. Same policy as the screens."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Path, UploadFile
from pydantic import BaseModel, Field

from app.api.permission import allowed
from app.api.proof import proven
from app.doors import ask, do
from db.access.rules import Actor
from db.insights.approvals.actions import approve, refuse, roll_back, try_again
from db.insights.approvals.queries import decisions, work_under_way
from db.insights.predictions.queries import count_predictions, feedback_counts, hit_rates
from db.insights.proposals.actions import hand_in
from db.insights.proposals.queries import (
    CheckFacts,
    VersionFacts,
    check_of,
    checks,
    proposals_to_decide,
    version,
    versions,
)
from db.insights.proposals.rules import ARTIFACT, MANIFEST, MODELS, MOST_BYTES, NOTEBOOK, ManifestIncomplete, check_size
from db.jobs.queries import JobStatus

router = APIRouter(prefix="/models", tags=["Modèles"])
Reader = Annotated[Actor, Depends(allowed("insights.read_models"))]
Author = Annotated[Actor, Depends(allowed("insights.propose_model"))]
Decider = Annotated[Actor, Depends(allowed("insights.approve_model"))]
Returner = Annotated[Actor, Depends(allowed("insights.roll_back"))]

MOST_NUMBER = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]


class Receipt(BaseModel):
    """What a hand-in became; `already`: the same manifest had been handed in before."""

    version_id: UUID
    version: int
    job_id: UUID
    already: bool


class Work(BaseModel):
    """The work that a decision asked for, or how far it is."""

    job_id: UUID
    state: str
    done: int = 0
    total: int = 0
    message: str = ""
    error: str | None = None


class Version(BaseModel):
    """One version; `measured` is recomputed on the company's data, `claimed` is what its author said."""

    version_id: UUID
    version: int
    state: str
    author: str
    note: str
    cutoff_at: datetime
    handed_in_at: datetime
    proposed_at: datetime | None
    expires_at: datetime | None
    live_at: datetime | None
    retired_at: datetime | None
    valid_until: datetime | None
    problem: str | None
    packages: dict[str, str]
    params: dict[str, Any]
    files: dict[str, str]
    claimed: dict[str, Any]
    measured: dict[str, Any] | None
    live_measured: dict[str, Any] | None
    baselines: dict[str, Any] | None
    same_data: bool | None
    row_version: int


class Model(BaseModel):
    """One model and its live version; `agreed` and `disputed`: people's words on its predictions."""

    model: str
    purpose: str
    live: int | None
    versions: int
    predictions: int
    agreed: int
    disputed: int


class Decision(BaseModel):
    """A decision with its reason; `expected_version` is the `row_version` that was read, `code` the second factor."""

    reason: str = Field(max_length=2000)
    expected_version: int = Field(ge=1, le=MOST_NUMBER)
    code: str = ""


class Return(BaseModel):
    """Why the version before comes back."""

    reason: str = Field(max_length=2000)


class Made(BaseModel):
    """A decision that was made."""

    version: int
    verdict: str
    reason: str
    by: str
    alone: bool
    decided_at: datetime


class Hits(BaseModel):
    """How often announcements of one tenth came true, with the 95 % interval."""

    band_from: float
    band_to: float
    cases: int
    won: int
    announced: float
    low: float
    high: float


@router.get("")
def list_models(by: Reader) -> list[Model]:
    """Lister les modèles et leur version en service."""
    found = []
    for model, purpose in MODELS.items():
        known = ask(by, versions, model=model)
        live = next((facts.version for facts in known if facts.state == "live"), None)
        agreed, disputed = ask(by, feedback_counts, model=model)
        counted = {"predictions": ask(by, count_predictions, model=model), "agreed": agreed, "disputed": disputed}
        found.append(Model(model=model, purpose=purpose, live=live, versions=len(known), **counted))
    return found


@router.get("/waiting")
def list_waiting(by: Decider) -> list[Version]:
    """Lister les versions qui attendent une décision, la plus ancienne d'abord."""
    return [_version(facts, ask(by, check_of, version_id=facts.id)) for facts in ask(by, proposals_to_decide)]


@router.get("/{model}/versions")
def list_versions(model: str, by: Reader) -> list[Version]:
    """Lister les versions d'un modèle, la plus récente d'abord."""
    measured = ask(by, checks, model=model)
    return [_version(facts, measured.get(facts.id)) for facts in ask(by, versions, model=model)]


@router.get("/{model}/versions/{number}")
def read_version(model: str, number: Number, by: Reader) -> Version:
    """Lire une version : ce qui a été annoncé, ce qui a été mesuré."""
    facts = ask(by, version, model=model, number=number)
    return _version(facts, ask(by, check_of, version_id=facts.id))


@router.get("/{model}/versions/{number}/work")
def read_work(model: str, number: Number, by: Reader) -> Work | None:
    """Dire où en est le contrôle ou la mise en service d'une version."""
    facts = ask(by, version, model=model, number=number)
    status = ask(by, work_under_way, version_id=facts.id)
    return _work(status) if status else None


@router.get("/{model}/decisions")
def list_decisions(model: str, by: Reader) -> list[Made]:
    """Lister les décisions, la plus récente d'abord."""
    return [
        Made(
            version=made.version,
            verdict=made.verdict.value,
            reason=made.reason,
            by=made.by_name,
            alone=made.alone,
            decided_at=made.decided_at,
        )
        for made in ask(by, decisions, model=model)
    ]


@router.get("/{model}/hit-rates")
def read_hit_rates(model: str, by: Reader) -> list[Hits]:
    """Dire combien d'annonces se sont vérifiées, par dizaine annoncée."""
    fields = Hits.model_fields
    return [Hits(**{name: getattr(rate, name) for name in fields}) for rate in ask(by, hit_rates, model=model)]


@router.post("/{model}/hand-ins", status_code=201)
def receive_hand_in(
    model: str,
    by: Author,
    manifest: Annotated[str, Form()],
    note: Annotated[str, Form()],
    artifact: Annotated[UploadFile, File()],
    notebook: Annotated[UploadFile, File()],
) -> Receipt:
    """Remettre une version : manifeste JSON, artefact skops, source du carnet, et pourquoi. Deux fois la même = une."""
    receipt = do(
        by,
        hand_in,
        model=model,
        manifest=_json_object(manifest),
        artifact=_content(artifact, ARTIFACT),
        notebook=_content(notebook, NOTEBOOK),
        note=note,
    )
    return Receipt(**vars(receipt))


@router.post("/{model}/versions/{number}/approve", status_code=202)
def approve_version(model: str, number: Number, decision: Decision, by: Decider) -> Work:
    """Approuver une version (jamais la sienne) ; demande le second facteur, met en service tout de suite."""
    facts = ask(by, version, model=model, number=number)
    job_id = do(
        proven(by, decision.code),
        approve,
        version_id=facts.id,
        reason=decision.reason,
        expected_version=decision.expected_version,
    )
    return Work(job_id=job_id, state="waiting")


@router.post("/{model}/versions/{number}/refuse")
def refuse_version(model: str, number: Number, decision: Decision, by: Decider) -> Version:
    """Refuser une version avec la raison."""
    facts = ask(by, version, model=model, number=number)
    do(by, refuse, version_id=facts.id, reason=decision.reason, expected_version=decision.expected_version)
    return read_version(model, number, by)


@router.post("/{model}/versions/{number}/try-again", status_code=202)
def put_in_service_again(model: str, number: Number, by: Decider) -> Work:
    """Remettre en service une version approuvée dont la mise en service a échoué."""
    facts = ask(by, version, model=model, number=number)
    return Work(job_id=do(by, try_again, version_id=facts.id), state="waiting")


@router.post("/{model}/roll-back", status_code=202)
def return_to_previous(model: str, given: Return, by: Returner) -> Work:
    """Revenir à la version précédente avec les mêmes chiffres qu'alors."""
    return Work(job_id=do(by, roll_back, model=model, reason=given.reason), state="waiting")


def _json_object(text: str) -> dict[str, Any]:
    check_size(MANIFEST, len(text))
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ManifestIncomplete("Le manifeste n’est pas un objet JSON.")
    return value


def _content(upload: UploadFile, name: str) -> bytes:
    content = upload.file.read(MOST_BYTES[name] + 1)
    check_size(name, len(content))
    return content


def _version(facts: VersionFacts, check: CheckFacts | None) -> Version:
    common = {name: getattr(facts, name) for name in Version.model_fields if hasattr(facts, name)}
    return Version(
        **common,
        version_id=facts.id,
        author=facts.author_name,
        measured=dict(check.measured) if check else None,
        live_measured=dict(check.live_measured) if check and check.live_measured else None,
        baselines=dict(check.baselines) if check else None,
        same_data=check.same_data if check else None,
    )


def _work(status: JobStatus) -> Work:
    return Work(
        job_id=status.id,
        state=status.state.value,
        done=status.done,
        total=status.total,
        message=status.message,
        error=status.error,
    )
