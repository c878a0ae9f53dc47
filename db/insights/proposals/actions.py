"""Hand in a version, and let the worker propose or refuse it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from db.access.evidence.actions import give_evidence
from db.access.gate import gate
from db.access.history import canonical
from db.access.rules import Actor
from db.documents import store
from db.insights.proposals.queries import find_version
from db.insights.proposals.rules import (
    ARTIFACT,
    MANIFEST,
    MOST_NOTE,
    NOTEBOOK,
    VERSION_LIFE,
    Manifest,
    VersionState,
    check_hash,
    check_model,
    check_size,
    expires_at,
    read_manifest,
)
from db.insights.proposals.tables import ModelCheck, ModelVersion
from db.jobs.actions import ask_for_job, publish
from db.kernel.errors import BadInput, NotAllowed


@dataclass(frozen=True)
class HandedIn:
    """The receipt of a hand-in; `already` = the same manifest had been handed in before."""

    version_id: UUID
    version: int
    job_id: UUID
    already: bool


@dataclass(frozen=True)
class Findings:
    """What the worker recomputed."""

    measured: Mapping[str, Any]
    live_measured: Mapping[str, Any] | None
    live_version_id: UUID | None
    baselines: Mapping[str, Any]
    same_data: bool
    data_fingerprint: str
    report_sha256: str
    frozen_sha256: str | None
    frozen_problem: str | None


class NoteMissing(BadInput):
    """A version comes with a sentence that says why."""


@gate("insights.propose_model")
def hand_in(
    session: Session,
    *,
    model: str,
    manifest: Mapping[str, Any],
    artifact: bytes,
    notebook: bytes,
    note: str,
    by: Actor,
    at: datetime,
) -> HandedIn:
    """Keep a version's files and claims as a draft, and ask the worker to check it; the same manifest twice is one.

    Raises:
        NoSuchModel, ManifestIncomplete, FileTooLarge, FileTampered, NoteMissing: it is refused whole, nothing is kept.
    """
    check_model(model)
    claims = read_manifest(manifest)
    _check_note(note)
    author = _author(by)
    files = _verified(claims, {ARTIFACT: artifact, NOTEBOOK: notebook})
    canon = canonical(manifest).encode()
    check_size(MANIFEST, len(canon))
    manifest_sha256 = hashlib.sha256(canon).hexdigest()

    one_at_a_time(session, model)
    earlier = _with_manifest(session, model, manifest_sha256)
    if earlier is not None:
        return _receipt(session, earlier, already=True, by=by, at=at)

    stored = {name: store.put(content) for name, content in (*files.items(), (MANIFEST, canon))}
    row = _draft(claims, stored, manifest_sha256=manifest_sha256, at=at)
    row.model, row.version, row.note = model, _next_number(session, model), note.strip()
    row.author_id, row.author_name = author, by.name
    session.add(row)
    session.flush()
    return _receipt(session, row, already=False, by=by, at=at)


def _draft(claims: Manifest, stored: Mapping[str, str], *, manifest_sha256: str, at: datetime) -> ModelVersion:
    """Return the row of a version with what its manifest claims."""
    return ModelVersion(
        cutoff_at=claims.cutoff_at,
        data_fingerprint=claims.data_fingerprint,
        manifest_sha256=manifest_sha256,
        notebook_sha256=stored[NOTEBOOK],
        files=dict(stored),
        packages=dict(claims.packages),
        params=dict(claims.params),
        columns=dict(claims.columns),
        claimed=dict(claims.claimed),
        seed=claims.seed,
        valid_until=claims.valid_until,
        handed_in_at=at,
    )


def _receipt(session: Session, row: ModelVersion, *, already: bool, by: Actor, at: datetime) -> HandedIn:
    job_id = ask_for_job(
        session,
        kind="insights.publish",
        arguments={"version_id": str(row.id)},
        by=by,
        at=at,
        once=f"insights.publish:{row.id}",
    )
    row.job_id = job_id
    return HandedIn(row.id, row.version, job_id, already)


def _check_note(note: str) -> None:
    if not note.strip() or len(note) > MOST_NOTE:
        raise NoteMissing(
            "Dire en une phrase pourquoi cette version ({most} signes au plus).",
            most=MOST_NOTE,
        )


def _author(by: Actor) -> UUID:
    if by.user_id is None:
        raise NotAllowed("Une version a un auteur : il faut une personne.")
    return by.user_id


def _verified(claims: Manifest, files: dict[str, bytes]) -> dict[str, bytes]:
    for name, content in files.items():
        check_size(name, len(content))
        check_hash(name, promised=claims.files[name], found=hashlib.sha256(content).hexdigest())
    return files


def one_at_a_time(session: Session, model: str) -> None:
    """Let one transaction at a time number or promote the versions of a model (SQLite writes one at a time anyway)."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(
            text("select pg_advisory_xact_lock(hashtext(:name))"),
            {"name": f"model_version:{model}"},
        )


def _with_manifest(session: Session, model: str, manifest_sha256: str) -> ModelVersion | None:
    wanted = select(ModelVersion).where(ModelVersion.model == model, ModelVersion.manifest_sha256 == manifest_sha256)
    return session.exec(wanted).first()


def _next_number(session: Session, model: str) -> int:
    newest = session.exec(select(func.max(col(ModelVersion.version))).where(ModelVersion.model == model)).one()
    return (newest or 0) + 1


@gate("insights.check_proposal")
def propose_version(session: Session, *, version_id: UUID, findings: Findings, by: Actor, at: datetime) -> None:
    """Turn a checked draft into a proposal that waits for a decision; only the worker may, so figures are recomputed.

    Raises:
        WrongStep: it is no draft any more.
    """
    row = find_version(session, version_id, locked=True)
    row.state = VERSION_LIFE.step(VersionState(row.state), VersionState.PROPOSED).value
    row.proposed_at, row.expires_at, row.problem = at, expires_at(at), None
    check = ModelCheck(
        version_id=version_id,
        measured=dict(findings.measured),
        live_measured=None if findings.live_measured is None else dict(findings.live_measured),
        live_version_id=findings.live_version_id,
        baselines=dict(findings.baselines),
        same_data=findings.same_data,
        data_fingerprint=findings.data_fingerprint,
        report_sha256=findings.report_sha256,
        frozen_sha256=findings.frozen_sha256,
        frozen_problem=findings.frozen_problem,
        checked_at=at,
    )
    check.evidence_id = give_evidence(session, "model_check", check.model_dump(), at=at)
    session.add(check)
    publish(
        session,
        "insights.model_proposed",
        at=at,
        subject=version_id,
        model=row.model,
        version=row.version,
    )


@gate("insights.check_proposal")
def refuse_draft(session: Session, *, version_id: UUID, problem: str, by: Actor, at: datetime) -> None:
    """Refuse a version that did not pass the checks, with the sentence that says which.

    Raises:
        WrongStep: it is neither a draft nor on its way to live.
    """
    row = find_version(session, version_id, locked=True)
    row.state = VERSION_LIFE.step(VersionState(row.state), VersionState.REFUSED).value
    row.problem = problem
    publish(
        session,
        "insights.model_refused",
        at=at,
        subject=version_id,
        model=row.model,
        version=row.version,
    )


@gate("insights.check_proposal")
def expire_proposals(session: Session, *, by: Actor, at: datetime) -> int:
    """Close the proposals that nobody decided in time; return how many."""
    late = session.exec(
        select(ModelVersion).where(
            ModelVersion.state == VersionState.PROPOSED.value,
            col(ModelVersion.expires_at) <= at,
        )
    ).all()
    for row in late:
        row.state = VERSION_LIFE.step(VersionState(row.state), VersionState.EXPIRED).value
        row.problem = "Personne n’a décidé à temps."
    return len(late)
