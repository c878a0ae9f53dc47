"""Valid hand-ins, findings and scores in one call each."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.doors import do
from db.access.rules import Actor, system_actor
from db.insights.approvals.actions import approve
from db.insights.predictions.actions import put_in_service
from db.insights.predictions.rules import Scored
from db.insights.proposals.actions import Findings, HandedIn, hand_in, propose_version
from db.insights.proposals.queries import find_version
from db.session import reading

MODEL = "lead_score"


def manifest(artifact: bytes, notebook: bytes, **changes: Any) -> dict[str, Any]:
    """A complete manifest for two files."""
    return {
        "cutoff_at": "2026-11-01T00:00:00+00:00",
        "data_fingerprint": "f" * 64,
        "files": {
            "artifact.skops": hashlib.sha256(artifact).hexdigest(),
            "notebook.py": hashlib.sha256(notebook).hexdigest(),
        },
        "packages": {"scikit-learn": "1.9.1"},
        "params": {"trees": 1},
        "columns": {"source": "choice"},
        "claimed": {"auc": 0.9},
        "seed": 7,
        "valid_until": None,
    } | changes


def hand_in_one(by: Actor, at: datetime, *, artifact: bytes = b"a model", note: str = "Plus de sources") -> HandedIn:
    """Hand in a version; another `artifact` makes another version."""
    notebook = b"import marimo"
    return do(
        by,
        hand_in,
        at=at,
        model=MODEL,
        manifest=manifest(artifact, notebook),
        artifact=artifact,
        notebook=notebook,
        note=note,
    )


def findings(**changes: Any) -> Findings:
    """What a check that went well found."""
    given = {
        "measured": {"auc": 0.8},
        "live_measured": None,
        "live_version_id": None,
        "baselines": {},
        "same_data": True,
        "data_fingerprint": "f" * 64,
        "report_sha256": "0" * 64,
        "frozen_sha256": None,
        "frozen_problem": "pas de cahier",
    }
    return Findings(**(given | changes))


def proposed(by: Actor, at: datetime, *, artifact: bytes = b"a model") -> UUID:
    """Hand in a version and let the worker propose it."""
    version_id = hand_in_one(by, at, artifact=artifact).version_id
    do(system_actor(), propose_version, at=at, version_id=version_id, findings=findings())
    return version_id


def approved(author: Actor, manager: Actor, at: datetime, *, artifact: bytes = b"a model") -> UUID:
    """Propose a version and approve it."""
    version_id = proposed(author, at, artifact=artifact)
    do(manager, approve, at=at, version_id=version_id, reason="Mieux", expected_version=row_version(version_id))
    return version_id


def live(
    author: Actor, manager: Actor, at: datetime, *, artifact: bytes, rows: Sequence[Scored], instead_of: UUID | None
) -> UUID:
    """Put a new version into service with its scores."""
    version_id = approved(author, manager, at, artifact=artifact)
    serve(version_id, at, rows=rows, instead_of=instead_of)
    return version_id


def serve(version_id: UUID, at: datetime, *, rows: Sequence[Scored], instead_of: UUID | None) -> None:
    """Let the worker carry out a decision."""
    do(
        system_actor(),
        put_in_service,
        at=at,
        version_id=version_id,
        rows=rows,
        expected_live=instead_of,
        subject_kind="lead",
    )


def row_version(version_id: UUID) -> int:
    """Which state of the row a person saw."""
    with reading() as session:
        return find_version(session, version_id).row_version


def state_of(version_id: UUID) -> str:
    """In which state a version is."""
    with reading() as session:
        return find_version(session, version_id).state


def scored(subject_id: UUID, probability: float, **changes: Any) -> Scored:
    """One score with an interval and a reason."""
    given = {
        "low": probability * 0.9,
        "high": probability + (1 - probability) * 0.1,
        "rung": "model",
        "n_similar": 41,
        "n_similar_won": 31,
        "reasons": [{"text": "Source : salon", "points": 12.3}],
    }
    return Scored(subject_id, probability, **(given | changes))
