"""What a snapshot holds, kept beside it, so that pages tell without opening it (or importing what makes it)."""

import json
from dataclasses import asdict, dataclass

from app.notebooks.places import Home

FACTS = "facts.json"


@dataclass(frozen=True)
class SnapshotFacts:
    """What a snapshot holds; `cutoff_at` is ISO 8601, `columns` the answers that models may use."""

    company: str
    analyst: str
    cutoff_at: str
    fingerprint: str
    leads: int
    columns: list[str]
    tables: dict[str, int]
    left_out: dict[str, list[str]]
    live_version: int | None
    bytes: int = 0


def write_snapshot_facts(home: Home, facts: SnapshotFacts) -> None:
    """Keep what the new snapshot holds."""
    (home.snapshot / FACTS).write_text(json.dumps(asdict(facts), ensure_ascii=False), encoding="utf-8")


def read_snapshot_facts(home: Home) -> SnapshotFacts | None:
    """Return what the last snapshot holds; None before the first."""
    try:
        return SnapshotFacts(**json.loads((home.snapshot / FACTS).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
