"""An analyst's snapshot, opened: leads as known at its cut-off, and the version in use to compare with."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from workspace.facts import LeadTable, lead_table
from workspace.models.lead_score import artifact
from workspace.models.lead_score.fitted import FittedScore

ARTIFACT_FILE, RECIPE_FILE = "live.skops", "live.json"


class NoSnapshot(Exception):
    """There is no snapshot at the place named."""


@dataclass(frozen=True)
class LiveVersion:
    """The version in use with the recipe by which it was fitted; `columns` are the answers that it knows."""

    version: int
    fitted: FittedScore
    params: Mapping[str, Any]
    seed: int
    cutoff_at: datetime
    columns: tuple[str, ...]


@dataclass(frozen=True)
class LeadSnapshot:
    """What was known of all leads at the cut-off, and the fingerprint of just that."""

    cutoff_at: datetime
    fingerprint: str
    leads: LeadTable
    live: LiveVersion | None

    @property
    def columns(self) -> list[str]:
        """The answers that models may learn from."""
        return [str(name) for name in self.leads.answers.columns]

    @property
    def closed(self) -> LeadTable:
        """The leads whose outcome was known, in the order of reception."""
        known = self.leads.is_closed
        return LeadTable(self.leads.answers[known], self.leads.outcomes[known])


@dataclass(frozen=True)
class _Known:
    lead_id: str
    received_at: datetime
    closed_at: datetime | None
    won: bool | None
    fields: Mapping[str, str | None]


def open_snapshot(file: Path) -> LeadSnapshot:
    """Read a snapshot.

    Raises:
        NoSnapshot: the file is not there, or is none.
    """
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
            about = json.loads(source.execute("select facts from about").fetchone()[0])
            rows = source.execute("select lead_id, received_at, closed_at, won, answers from lead_fact").fetchall()
    except sqlite3.Error as problem:
        raise NoSnapshot(f"« {file} » n’est pas un instantané de Boussole ({problem}).") from problem
    return LeadSnapshot(
        cutoff_at=datetime.fromisoformat(about["cutoff_at"]),
        fingerprint=about["fingerprint"],
        leads=lead_table([_known(*row) for row in rows], columns=about["columns"]),
        live=_live(file.parent),
    )


def _known(lead_id: str, received_at: str, closed_at: str | None, won: int | None, answers: str) -> _Known:
    return _Known(
        lead_id,
        datetime.fromisoformat(received_at),
        datetime.fromisoformat(closed_at) if closed_at else None,
        None if won is None else bool(won),
        json.loads(answers),
    )


def _live(folder: Path) -> LiveVersion | None:
    if not (folder / RECIPE_FILE).exists():
        return None
    recipe = json.loads((folder / RECIPE_FILE).read_text(encoding="utf-8"))
    return LiveVersion(
        version=recipe["version"],
        fitted=artifact.load((folder / ARTIFACT_FILE).read_bytes()),
        params=recipe["params"],
        seed=recipe["seed"],
        cutoff_at=datetime.fromisoformat(recipe["cutoff_at"]),
        columns=tuple(recipe["columns"]),
    )
