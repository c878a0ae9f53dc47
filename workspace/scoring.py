"""From the live version and the leads as they are known now to predictions with reasons.

Before a version is approved, and where too few cases are closed, the rate of the segment is said instead (its rung
says so).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import pandas as pd

from db.insights.predictions.rules import Scored
from workspace.facts import KnownLead, LeadTable, lead_table
from workspace.models.lead_score import recipe
from workspace.models.lead_score.fitted import FittedScore
from workspace.publishing import load
from workspace.wording import reasons_by_lead

PORTION = 10_000
NEVER = 10**9  # closed cases, more than there are

Report = Callable[[int, int, str], None]


@lru_cache(maxsize=2)
def loaded(content: bytes) -> FittedScore:
    """Return the version that an artifact holds, kept between calls: its bytes are the key.

    Raises:
        ArtifactRefused: it is damaged, or holds foreign types.
    """
    return load(content)


def score_leads(
    content: bytes,
    leads: Sequence[KnownLead],
    *,
    columns: Sequence[str],
    labels: Mapping[str, str],
    report: Report,
) -> list[Scored]:
    """Return what a version says about each lead, in the order of reception."""
    fitted = loaded(content)
    rows: list[Scored] = []
    for part in _portions(leads):
        rows += _rows(fitted, lead_table(part, columns=columns).answers, labels)
        report(len(rows), len(leads), "Calcul des chances")
    return rows


def segment_rates(
    history: Sequence[KnownLead], leads: Sequence[KnownLead], *, labels: Mapping[str, str]
) -> list[Scored]:
    """Return for each lead the rate of its segment among the closed leads, or the rule where hardly any is closed."""
    columns = sorted({name for lead in history[:1] for name in lead.fields})
    table = lead_table(history, columns=columns)
    past = LeadTable(table.answers[table.is_closed], table.outcomes[table.is_closed])
    won = past.outcomes["won"].to_numpy(dtype=bool)
    fitted = recipe.fit(past.answers, won, params={"minimum_cases": NEVER}, seed=0)
    return _rows(fitted, lead_table(leads, columns=columns).answers, labels)


def _portions(leads: Sequence[KnownLead]) -> Iterator[Sequence[KnownLead]]:
    for start in range(0, len(leads), PORTION):
        yield leads[start : start + PORTION]


def _rows(fitted: FittedScore, answers: pd.DataFrame, labels: Mapping[str, str]) -> list[Scored]:
    scores = fitted.score(answers)
    reasons = reasons_by_lead(fitted.reasons(answers), labels=labels)
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
        Scored(UUID(str(lead)), p, low, high, str(rung), int(n), int(won), reasons.get(str(lead), []))
        for lead, p, low, high, rung, n, won in zip(*columns, strict=True)
    ]
