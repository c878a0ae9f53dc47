"""What a prediction says, when it is worth logging, and how often such a prediction was right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from typing import Any
from uuid import UUID

from db.kernel.errors import BadInput, NotAllowed

A_POINT = 0.01
BANDS = 10
Z_95 = 1.959963984540054
FIRST, MOVED, SHOWN, ACTED = "first", "moved", "shown", "acted"
MOST_REASON = 2_000


class NotLive(NotAllowed):
    """Scores of a version that is not live never reach a screen."""


class ImpossibleProbability(BadInput):
    """A prediction claims certainty, or its interval does not hold it."""


class FeedbackUnclear(BadInput):
    """Disagreeing comes with a reason."""


@dataclass(frozen=True)
class Scored:
    """What a version says about one subject: P(success) in (0, 1), its interval, the rung, and why."""

    subject_id: UUID
    probability: float
    low: float
    high: float
    rung: str
    n_similar: int
    n_similar_won: int
    reasons: Sequence[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What became of a subject, and since when it is known; `happened` None = open again."""

    subject_id: UUID
    happened: bool | None
    known_at: datetime | None


@dataclass(frozen=True)
class Announced:
    """One prediction that was made before its outcome was known."""

    probability: float
    happened: bool


@dataclass(frozen=True)
class HitRate:
    """How often a kind of announcement came true: `won` of `cases`, with the 95 % Wilson interval (shares of 1)."""

    band_from: float
    band_to: float
    cases: int
    won: int
    announced: float
    low: float
    high: float

    @property
    def kept(self) -> bool:
        """Test if the mean announcement lies within the interval of what happened."""
        return self.low <= self.announced <= self.high


def check_probability(row: Scored) -> None:
    """Refuse certainty and intervals that do not hold their value.

    Raises:
        ImpossibleProbability: the row claims either.
    """
    if not (0 < row.probability < 1 and 0 <= row.low <= row.probability <= row.high <= 1):
        raise ImpossibleProbability(
            "Une prédiction de {p} entre {low} et {high} n’a pas de sens.",
            p=row.probability,
            low=row.low,
            high=row.high,
        )


def occasion_to_log(before: float | None, now: float) -> str | None:
    """Return why a new score belongs in the log: the first one, or one that moved by a point or more; else None."""
    if before is None:
        return FIRST
    return MOVED if abs(now - before) >= A_POINT else None


def wilson(won: int, cases: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate, as shares of 1. Source: Wilson 1927, JASA 22, p. 209.

    >>> [round(bound, 2) for bound in wilson(31, 41)]
    [0.61, 0.86]
    """
    if cases == 0:
        return 0.0, 1.0
    share, square = won / cases, Z_95**2
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    half = Z_95 * sqrt(share * (1 - share) / cases + square / (4 * cases**2)) / (1 + square / cases)
    return max(0.0, middle - half), min(1.0, middle + half)


def band_of(probability: float) -> int:
    """Return the tenth in which a probability was announced: 0 for 0–10 %, 9 for 90–100 %."""
    return min(int(probability * BANDS), BANDS - 1)


def hit_rates_of(announced: Iterable[Announced]) -> list[HitRate]:
    """Return how often each announced tenth came true; tenths without cases are left out."""
    bands: dict[int, list[Announced]] = {}
    for case in announced:
        bands.setdefault(band_of(case.probability), []).append(case)
    return [_rate(band, cases) for band, cases in sorted(bands.items())]


def _rate(band: int, cases: Sequence[Announced]) -> HitRate:
    won = sum(case.happened for case in cases)
    low, high = wilson(won, len(cases))
    mean = sum(case.probability for case in cases) / len(cases)
    return HitRate(band / BANDS, (band + 1) / BANDS, len(cases), won, mean, low, high)
