"""What can be asked about versions: their state, their author, what was claimed and what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.documents import store
from db.insights.proposals.rules import FileTampered, VersionState
from db.insights.proposals.tables import ModelCheck, ModelVersion
from db.kernel.errors import NotFound


@dataclass(frozen=True)
class VersionFacts:
    """One version as its author handed it in; `claimed` are the author's figures."""

    id: UUID
    model: str
    version: int
    state: VersionState
    author_id: UUID
    author_name: str
    note: str
    cutoff_at: datetime
    data_fingerprint: str
    manifest_sha256: str
    files: Mapping[str, str]
    packages: Mapping[str, str]
    params: Mapping[str, Any]
    columns: Mapping[str, Any]
    claimed: Mapping[str, Any]
    seed: int
    valid_until: datetime | None
    handed_in_at: datetime
    proposed_at: datetime | None
    expires_at: datetime | None
    live_at: datetime | None
    retired_at: datetime | None
    problem: str | None
    job_id: UUID | None
    row_version: int


@dataclass(frozen=True)
class CheckFacts:
    """What the worker recomputed for one version; the only figures that a decision rests on."""

    version_id: UUID
    measured: Mapping[str, Any]
    live_measured: Mapping[str, Any] | None
    live_version_id: UUID | None
    baselines: Mapping[str, Any]
    same_data: bool
    data_fingerprint: str
    report_sha256: str
    frozen_sha256: str | None
    frozen_problem: str | None
    checked_at: datetime


def _facts(row: ModelVersion) -> VersionFacts:
    names = VersionFacts.__dataclass_fields__
    return VersionFacts(**{name: getattr(row, name) for name in names} | {"state": VersionState(row.state)})


def _check(row: ModelCheck) -> CheckFacts:
    return CheckFacts(**{name: getattr(row, name) for name in CheckFacts.__dataclass_fields__})


@readable("insights.read_models")
def versions(session: Session, *, model: str) -> Sequence[VersionFacts]:
    """Return every version of a model, newest first."""
    wanted = select(ModelVersion).where(ModelVersion.model == model).order_by(col(ModelVersion.version).desc())
    return [_facts(row) for row in session.exec(wanted)]


@readable("insights.read_models")
def version(session: Session, *, model: str, number: int) -> VersionFacts:
    """Return one version by its number.

    Raises:
        NotFound: there is none.
    """
    wanted = select(ModelVersion).where(ModelVersion.model == model, ModelVersion.version == number)
    row = session.exec(wanted).first()
    if row is None:
        raise NotFound(
            "La version {number} du modèle « {model} » n’existe pas.",
            number=number,
            model=model,
        )
    return _facts(row)


@readable("insights.read_models")
def version_by_id(session: Session, *, version_id: UUID) -> VersionFacts:
    """Return one version by its id.

    Raises:
        NotFound: there is none.
    """
    return _facts(find_version(session, version_id))


@readable("insights.read_models")
def live_version(session: Session, *, model: str) -> VersionFacts | None:
    """Return the version that screens show; None before the first approval."""
    wanted = select(ModelVersion).where(ModelVersion.model == model, ModelVersion.state == VersionState.LIVE.value)
    row = session.exec(wanted).first()
    return _facts(row) if row else None


@readable("insights.read_models")
def check_of(session: Session, *, version_id: UUID) -> CheckFacts | None:
    """Return what was recomputed for a version; None while it is not checked."""
    row = session.exec(select(ModelCheck).where(ModelCheck.version_id == version_id)).first()
    return _check(row) if row else None


@readable("insights.read_models")
def checks(session: Session, *, model: str) -> Mapping[UUID, CheckFacts]:
    """Return what was recomputed for each checked version of a model."""
    wanted = select(ModelCheck).join(ModelVersion, col(ModelVersion.id) == ModelCheck.version_id)
    return {row.version_id: _check(row) for row in session.exec(wanted.where(ModelVersion.model == model))}


@readable("insights.approve_model")
def proposals_to_decide(session: Session) -> Sequence[VersionFacts]:
    """Return the proposals that wait for somebody, oldest first."""
    wanted = select(ModelVersion).where(ModelVersion.state == VersionState.PROPOSED.value)
    return [_facts(row) for row in session.exec(wanted.order_by(col(ModelVersion.proposed_at)))]


@readable("insights.read_models")
def waiting_for_decision(session: Session) -> int:
    """Return how many proposals wait for somebody."""
    wanted = select(ModelVersion.id).where(ModelVersion.state == VersionState.PROPOSED.value)
    return len(session.exec(wanted).all())


def find_version(session: Session, version_id: UUID, *, locked: bool = False) -> ModelVersion:
    """Return the row of a version, locked for the transaction when it is going to change.

    Raises:
        NotFound: there is none.
    """
    row = session.get(ModelVersion, version_id, with_for_update=True if locked else None)
    if row is None:
        raise NotFound("Cette version n’existe pas.")
    return row


def file_of(version_facts: VersionFacts, name: str) -> bytes:
    """Return the bytes of a version's file, verified against the hash in the registry.

    Raises:
        FileTampered: the file was altered or is gone; the sentence names it.
    """
    return verified_file(name, version_facts.files[name])


def verified_file(name: str, sha256: str) -> bytes:
    """Return a stored file under the name that people know it by.

    Raises:
        FileTampered: the file was altered or is gone; the sentence names it.
    """
    try:
        return store.get(sha256)
    except (store.FileAltered, FileNotFoundError, NotFound) as problem:
        raise FileTampered(
            "Le fichier « {name} » ({short}) a été altéré ou manque : la version n’est pas utilisée.",
            name=name,
            short=sha256[:12],
        ) from problem
