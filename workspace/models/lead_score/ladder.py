"""How much may be said with few closed cases: a rule, the rate of a segment, or the model; and how sure it is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betaln
from scipy.stats import beta

from workspace.evaluation import wilson_interval
from workspace.models.lead_score.additive import BoolArray, Codes
from workspace.models.lead_score.values import FloatArray

Rung = Literal["rule", "segment", "model"]

RULE_WON, RULE_CLOSED = 1.0, 4.0  # the rule starts from one in four and gives way with every closed case
FEWEST_FOR_SEGMENT = 15
FEWEST_OF_EACH_OUTCOME = 20  # won and lost, below which no model is fitted
FEWEST_IN_BIN = 100
MOST_SCORE_BINS = 20
LOWEST, HIGHEST = 0.006, 0.994  # what is shown never rounds to 0 % or 100 %


def rule_rate(won: int, closed: int) -> float:
    """Return the rate of all closed cases, started from one in four.

    Example:
        >>> rule_rate(0, 0)
        0.25
    """
    return (won + RULE_WON) / (closed + RULE_CLOSED)


def rung_of(outcome: BoolArray, *, minimum_cases: int) -> Rung:
    """Return the highest rung that this many closed cases allow."""
    closed, rarer = len(outcome), int(min(outcome.sum(), (~outcome).sum()))
    if closed >= minimum_cases and rarer >= FEWEST_OF_EACH_OUTCOME:
        return "model"
    return "segment" if closed >= FEWEST_FOR_SEGMENT else "rule"


@dataclass(frozen=True)
class Segments:
    """Won and closed cases per answer of the field that tells most, and how strongly they lean on the whole.

    Attributes:
        field: place of the field; -1 where none tells more than the whole.
        lean: closed cases of the whole that each segment is given beside its own (empirical Bayes).
        won, closed: counts per code, shape (width,).
    """

    field: int
    rate: float
    total_won: int
    total_closed: int
    lean: float
    won: FloatArray
    closed: FloatArray

    def score(self, codes: Codes) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return rate of each lead's segment and its 95 % credible interval, shape (n,) each."""
        if self.field < 0:
            won = np.full(len(codes), float(self.total_won))
            closed = np.full(len(codes), float(self.total_closed))
            start_won, start_closed = RULE_WON, RULE_CLOSED
        else:
            place = np.minimum(codes[:, self.field], len(self.won) - 1)
            won, closed = self.won[place], self.closed[place]
            start_won, start_closed = self.lean * self.rate, self.lean
        first, second = start_won + won, start_closed - start_won + closed - won
        return first / (first + second), beta.ppf(0.025, first, second), beta.ppf(0.975, first, second)

    def counts(self, codes: Codes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return closed and won cases of each lead's segment, shape (n,) each."""
        if self.field < 0:
            return np.full(len(codes), self.total_closed), np.full(len(codes), self.total_won)
        place = np.minimum(codes[:, self.field], len(self.won) - 1)
        return self.closed[place].astype(np.int64), self.won[place].astype(np.int64)


def fit_segments(codes: Codes, outcome: BoolArray, *, words: npt.NDArray[np.bool_]) -> Segments:
    """Find the word field whose segments differ most beyond chance, and how far to trust their own rates.

    The strength with which a segment leans on the whole maximises the beta-binomial likelihood of all segments; a
    field must be e times as likely as no difference at all, times the number of fields among which it was found.
    Source: Casella, An introduction to empirical Bayes data analysis, The American Statistician 39, 1985.
    """
    rate = rule_rate(int(outcome.sum()), len(outcome))
    best = Segments(-1, rate, int(outcome.sum()), len(outcome), RULE_CLOSED, np.zeros(1), np.zeros(1))
    if len(outcome) < FEWEST_FOR_SEGMENT:
        return best
    best_gain = 1.0 + float(np.log(max(1, words.sum())))
    for place in np.flatnonzero(words):
        closed = np.bincount(codes[:, place]).astype(np.float64)
        won = np.bincount(codes[:, place], weights=outcome).astype(np.float64)
        for lean in (2.0, 5.0, 12.0, 30.0, 80.0, 200.0):
            gain = _beta_binomial(won, closed, rate, lean) - _beta_binomial(won, closed, rate, 1e6)
            if gain > best_gain:
                best_gain = gain
                best = Segments(int(place), rate, int(outcome.sum()), len(outcome), lean, won, closed)
    return best


def _beta_binomial(won: FloatArray, closed: FloatArray, rate: float, lean: float) -> float:
    first, second = lean * rate, lean * (1 - rate)
    return float(np.sum(betaln(won + first, closed - won + second) - betaln(first, second)))


@dataclass(frozen=True)
class ScoreBins:
    """Past cases with a similar score that the model had not been fitted on.

    Attributes:
        edges: inner borders of the bins, shape (bins - 1,).
        closed, won: cases per bin; low, high: Wilson 95 % interval of their rate, shape (bins,) each.
    """

    edges: FloatArray
    closed: npt.NDArray[np.int64]
    won: npt.NDArray[np.int64]
    low: FloatArray
    high: FloatArray

    def of(self, probability: FloatArray) -> npt.NDArray[np.int64]:
        """Return the bin of each probability, shape (n,)."""
        return np.searchsorted(self.edges, probability, side="right").astype(np.int64)


def fit_bins(probability: FloatArray, outcome: BoolArray) -> ScoreBins:
    """Cut out-of-sample scores into bins of equal counts, never fewer than 100 cases each where there are as many."""
    count = int(np.clip(len(outcome) // FEWEST_IN_BIN, 1, MOST_SCORE_BINS))
    if len(outcome) == 0:
        return ScoreBins(np.zeros(0), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1))
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, count + 1)[1:-1]))
    places = np.searchsorted(edges, probability, side="right")
    closed = np.bincount(places, minlength=len(edges) + 1)
    won = np.bincount(places, weights=outcome, minlength=len(edges) + 1).astype(np.int64)
    intervals = np.array([wilson_interval(int(w), int(c)) for w, c in zip(won, closed, strict=True)])
    return ScoreBins(edges, closed.astype(np.int64), won, intervals[:, 0], intervals[:, 1])
