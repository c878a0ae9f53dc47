"""From the live version and the leads as they are known now to predictions with reasons.

Before a version is approved, and where too few cases are closed, the rate of the segment is said instead (its rung says so).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from db.insights.predictions.rules import Scored
from workspace.facts import KnownLead, lead_table
from workspace.models.lead_score import artifact
from workspace.models.lead_score.estimator import FittedScore
from workspace.models.lead_score.ladder import SegmentRates

PORTION = 10_000

Report = Callable[[int, int, str], None]


@lru_cache(maxsize=2)
def loaded(content: bytes) -> FittedScore:
    """Return the version that an artifact holds, kept between calls: its bytes are the key."""
    return artifact.load(content)


def score_leads(
    content: bytes, leads: Sequence[KnownLead], *, columns: Sequence[str], report: Report
) -> list[Scored]:
    """Return what a version says about each lead, in the order given."""
    fitted = loaded(content)
    rows: list[Scored] = []
    for part in _portions(leads):
        table = lead_table(part, columns=columns)
        rows += _rows(fitted.score(table.answers), fitted.reasons(table.answers))
        report(len(rows), len(leads), "Calcul des chances")
    return rows


def segment_rates(history: Sequence[KnownLead], leads: Sequence[KnownLead]) -> list[Scored]:
    """Return for each lead the rate of its segment in the past, shrunk towards the rate of all."""
    rates = SegmentRates.of(history)
    table = lead_table(leads)
    return _rows(rates.score(table.answers), rates.reasons(table.answers))


def _portions(leads: Sequence[KnownLead]) -> Iterator[Sequence[KnownLead]]:
    for start in range(0, len(leads), PORTION):
        yield leads[start : start + PORTION]


def _rows(scores: Any, reasons: Sequence[Any]) -> list[Scored]:
    columns = (
        scores.index,
        scores["probability"].tolist(),
        scores["low"].tolist(),
        scores["high"].tolist(),
        scores["rung"].tolist(),
        scores["n_similar"].tolist(),
        scores["n_similar_won"].tolist(),
    )
    return [
        Scored(UUID(str(lead)), p, low, high, rung, n, won, [reason.as_dict() for reason in why])
        for (lead, p, low, high, rung, n, won), why in zip(zip(*columns, strict=True), reasons, strict=True)
    ]
