"""The manifest of a hand-in: what an analyst claims, in the same bytes whenever the same thing is handed in."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

ARTIFACT, NOTEBOOK = "artifact.skops", "notebook.py"
PACKAGES = ("scikit-learn", "numpy", "pandas", "skops")


def manifest(
    *,
    cutoff_at: datetime,
    data_fingerprint: str,
    artifact: bytes,
    notebook: bytes,
    params: Mapping[str, Any],
    columns: Mapping[str, Any],
    claimed: Mapping[str, Any],
    seed: int,
    valid_until: datetime | None = None,
) -> dict[str, Any]:
    """Return the manifest as JSON values; `cutoff_at` is aware, `claimed` holds numbers."""
    return {
        "cutoff_at": cutoff_at.isoformat(),
        "data_fingerprint": data_fingerprint,
        "files": {
            ARTIFACT: hashlib.sha256(artifact).hexdigest(),
            NOTEBOOK: hashlib.sha256(notebook).hexdigest(),
        },
        "packages": {name: version(name) for name in PACKAGES},
        "params": dict(params),
        "columns": dict(columns),
        "claimed": dict(claimed),
        "seed": seed,
        "valid_until": valid_until.isoformat() if valid_until else None,
    }
