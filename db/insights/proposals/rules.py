"""The life of a model version, what a manifest must say, and how long a proposal waits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from db.kernel.errors import BadInput, NotAllowed
from db.kernel.lifecycle import Lifecycle


class VersionState(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"  # handed in; the worker has not checked it yet
    PROPOSED = "proposed"  # checked and recomputed; waits for a decision
    APPROVED = "approved"  # decided; its scores are being computed
    LIVE = "live"  # the one that screens show
    RETIRED = "retired"  # was live; can be put back
    REFUSED = "refused"  # by the checks or by a person
    EXPIRED = "expired"  # nobody decided in time


VERSION_LIFE = Lifecycle[VersionState](
    "version de modèle",
    {
        VersionState.DRAFT: frozenset({VersionState.PROPOSED, VersionState.REFUSED}),
        VersionState.PROPOSED: frozenset({VersionState.APPROVED, VersionState.REFUSED, VersionState.EXPIRED}),
        VersionState.APPROVED: frozenset({VersionState.LIVE, VersionState.REFUSED}),
        VersionState.LIVE: frozenset({VersionState.RETIRED}),
        VersionState.RETIRED: frozenset({VersionState.LIVE}),
        VersionState.REFUSED: frozenset(),
        VersionState.EXPIRED: frozenset(),
    },
)

PROPOSAL_WAITS = timedelta(days=30)  # a proposal rests on data that ages
MODELS = {"lead_score": "Chances de signature des pistes"}
ARTIFACT, NOTEBOOK, MANIFEST = "artifact.skops", "notebook.py", "manifest.json"
MOST_BYTES = {ARTIFACT: 50_000_000, NOTEBOOK: 2_000_000, MANIFEST: 1_000_000}
MOST_NOTE = 2_000


class NoSuchModel(BadInput):
    """The name is none of the models that this product knows."""


class ManifestIncomplete(BadInput):
    """The manifest does not say what it must."""


class FileTooLarge(BadInput):
    """A file exceeds what a version may weigh."""


class FileTampered(NotAllowed):
    """A file is not the one that its manifest names."""


class BuiltWithAnotherLibrary(NotAllowed):
    """The artifact was made by a scikit-learn that reads and computes differently."""


@dataclass(frozen=True)
class Manifest:
    """What an analyst claims about a version; `claimed` is never shown as measured."""

    cutoff_at: datetime
    data_fingerprint: str
    files: Mapping[str, str]
    packages: Mapping[str, str]
    params: Mapping[str, Any]
    columns: Mapping[str, Any]
    claimed: Mapping[str, Any]
    seed: int
    valid_until: datetime | None


def check_model(model: str) -> None:
    """Refuse a model that the product does not know.

    Raises:
        NoSuchModel: its name is none of `MODELS`.
    """
    if model not in MODELS:
        raise NoSuchModel("Aucun modèle ne s’appelle « {model} ».", model=model)


def check_size(name: str, size: int) -> None:
    """Refuse a file that is empty or too large.

    Raises:
        FileTooLarge: it is.
    """
    most = MOST_BYTES[name]
    if size == 0 or size > most:
        raise FileTooLarge(
            "« {name} » pèse {size} octets ; il en faut au moins 1 et au plus {most}.",
            name=name,
            size=size,
            most=most,
        )


def read_manifest(given: Mapping[str, Any]) -> Manifest:
    """Return the manifest that a mapping of JSON values means.

    Raises:
        ManifestIncomplete: a field is missing or is not what it should be.
    """
    return Manifest(
        cutoff_at=_instant(given, "cutoff_at"),
        data_fingerprint=_text(given, "data_fingerprint"),
        files=_hashes(given),
        packages={str(k): str(v) for k, v in _mapping(given, "packages").items()},
        params=_mapping(given, "params"),
        columns=_mapping(given, "columns"),
        claimed=_mapping(given, "claimed"),
        seed=_whole(given, "seed"),
        valid_until=None if given.get("valid_until") is None else _instant(given, "valid_until"),
    )


def _missing(name: str) -> ManifestIncomplete:
    return ManifestIncomplete("Le manifeste ne donne pas « {field} » comme il faut.", field=name)


def _mapping(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    if not isinstance(value, Mapping):
        raise _missing(name)
    return value


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value or len(value) > 200:
        raise _missing(name)
    return value


def _whole(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _missing(name)
    return value


def _instant(given: Mapping[str, Any], name: str) -> datetime:
    try:
        instant = datetime.fromisoformat(str(given.get(name)))
    except ValueError:
        raise _missing(name) from None
    if instant.tzinfo is None:
        raise _missing(name)
    return instant


def _hashes(given: Mapping[str, Any]) -> Mapping[str, str]:
    files = {str(name): str(digest) for name, digest in _mapping(given, "files").items()}
    if set(files) != {ARTIFACT, NOTEBOOK} or not all(re.fullmatch("[0-9a-f]{64}", d) for d in files.values()):
        raise _missing("files")
    return files


def check_hash(name: str, *, promised: str, found: str) -> None:
    """Refuse a file that differs from what the manifest promised.

    Raises:
        FileTampered: it does; the sentence names the file.
    """
    if promised != found:
        raise FileTampered(
            "Le fichier « {name} » n’est pas celui du manifeste : attendu {promised}, reçu {found}.",
            name=name,
            promised=promised[:12],
            found=found[:12],
        )


def check_library(made_with: Mapping[str, str], *, running: str) -> None:
    """Refuse an artifact made with another scikit-learn release (major.minor).

    Raises:
        BuiltWithAnotherLibrary: it was.
    """
    made = made_with.get("scikit-learn", "?")
    if made.split(".")[:2] != running.split(".")[:2]:
        raise BuiltWithAnotherLibrary(
            "La version a été faite avec scikit-learn {made}, ici c’est {running} : l’ajuster et la publier à nouveau.",
            made=made,
            running=running,
        )


def expires_at(proposed_at: datetime) -> datetime:
    """Return until when a proposal can be decided."""
    return proposed_at + PROPOSAL_WAITS
