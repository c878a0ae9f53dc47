"""From a notebook to the product: one click hands in one version; a knob that moves hands in nothing."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from workspace.lead_snapshot import LeadSnapshot
from workspace.manifest import ARTIFACT, NOTEBOOK, manifest
from workspace.models.lead_score import artifact, recipe
from workspace.models.lead_score.fitted import FittedScore

MODEL = "lead_score"
PATIENCE_SECONDS = 60.0


class HandInRefused(Exception):
    """The product did not take the version; the sentence says why."""


@dataclass
class PublishRequest:
    """What one click asked for; it can be taken once, so that a cell that runs again hands in nothing."""

    note: str
    _taken: bool = field(default=False, repr=False)

    def take(self) -> str | None:
        """Return the note the first time, None afterwards."""
        if self._taken:
            return None
        self._taken = True
        return self.note


@dataclass(frozen=True)
class Version:
    """All that is handed in: the artifact, what it was made from, and what its author claims."""

    artifact: bytes
    notebook: bytes
    manifest: Mapping[str, Any]


def prepare(
    snapshot: LeadSnapshot,
    fitted: FittedScore,
    *,
    params: Mapping[str, Any],
    claims: Mapping[str, Any],
    notebook: bytes,
) -> Version:
    """Describe a score that was fitted by its recipe on all closed leads of the snapshot."""
    content = artifact.dump(fitted)
    described = manifest(
        cutoff_at=snapshot.cutoff_at,
        data_fingerprint=snapshot.fingerprint,
        artifact=content,
        notebook=notebook,
        params=recipe.params_of(recipe.knobs_of(params)),
        columns=dict.fromkeys(snapshot.columns, "text"),
        claimed=claims,
        seed=fitted.seed,
    )
    return Version(content, notebook, described)


def hand_in(version: Version, *, note: str) -> str:
    """Hand a version to the product of this editor; return the sentence of the receipt.

    Raises:
        HandInRefused: with the product's own sentence.
    """
    address, token = os.environ.get("BOUSSOLE_API"), os.environ.get("BOUSSOLE_PUBLISH_TOKEN")
    if not address or not token:
        raise HandInRefused("Ce carnet ne tourne pas dans Boussole : il n’a pas de droit de proposer.")
    try:
        answer = httpx.post(
            f"{address}/models/{MODEL}/hand-ins",
            headers={"Authorization": f"Bearer {token}"},
            data={"manifest": json.dumps(version.manifest, ensure_ascii=False), "note": note},
            files={"artifact": (ARTIFACT, version.artifact), "notebook": (NOTEBOOK, version.notebook)},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        )
    except httpx.HTTPError as problem:
        raise HandInRefused(f"Boussole ne répond pas ({type(problem).__name__}).") from problem
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise HandInRefused("Le droit de proposer de ce carnet a expiré : le rouvrir depuis Boussole.")
    if answer.is_error:
        raise HandInRefused(answer.json().get("message", f"Refusé ({answer.status_code})."))
    receipt = answer.json()
    again = " : la même avait déjà été remise" if receipt["already"] else ", en cours de contrôle"
    return f"Version {receipt['version']} remise{again}."


def publish(request: PublishRequest | None, send: Callable[..., str], make: Callable[[], Version]) -> str:
    """Hand in one version for one click; return what happened in a sentence of Markdown."""
    note = request.take() if request else None
    if note is None:
        return "_Rien n’est publié._"
    try:
        return f"**{send(make(), note=note)}**"
    except HandInRefused as refusal:
        return f"**Non publié.** {refusal}"
