"""A score that is a sum of read-off tables: one per field, one per pair of fields that act together."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from workspace.models.lead_score.drift import design_effect, recency_weights
from workspace.models.lead_score.values import FloatArray

BoolArray = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
SMOOTHING_CASES = 5.0


@dataclass(frozen=True)
class PairTable:
    """What two fields add together beyond what each adds alone, shape (width of first, width of second)."""

    first: int
    second: int
    table: FloatArray


@dataclass(frozen=True)
class Tables:
    """Log odds as a sum: start + tables[j][code_j] + slopes[j] * line_j + pairs."""

    start: float
    tables: tuple[FloatArray, ...]
    slopes: FloatArray
    pairs: tuple[PairTable, ...] = ()

    def contributions(self, past: "Past") -> FloatArray:
        """Return what each field adds to the log odds, pairs shared half and half, shape (n, fields)."""
        parts = past.lines * self.slopes
        widest = np.array([len(table) - 1 for table in self.tables], dtype=np.int64)
        codes = np.minimum(past.codes, widest)
        for place, table in enumerate(self.tables):
            parts[:, place] += table[codes[:, place]]
        for pair in self.pairs:
            half = pair.table[codes[:, pair.first], codes[:, pair.second]] / 2
            parts[:, pair.first] += half
            parts[:, pair.second] += half
        return np.asarray(parts, dtype=np.float64)

    def log_odds(self, past: "Past") -> FloatArray:
        """Return the log odds of being won, shape (n,)."""
        return np.asarray(self.start + self.contributions(past).sum(axis=1), dtype=np.float64)

    def scaled(self, factor: float, *, shift: float = 0.0) -> "Tables":
        """Return the same sum times a factor, plus a shift."""
        return Tables(
            start=factor * self.start + shift,
            tables=tuple(factor * table for table in self.tables),
            slopes=factor * self.slopes,
            pairs=tuple(PairTable(pair.first, pair.second, factor * pair.table) for pair in self.pairs),
        )

    def plus(self, other: "Tables") -> "Tables":
        """Return the sum of two sums over the same fields."""
        return Tables(
            start=self.start + other.start,
            tables=tuple(mine + theirs for mine, theirs in zip(self.tables, other.tables, strict=True)),
            slopes=self.slopes + other.slopes,
            pairs=self.pairs + other.pairs,
        )


@dataclass(frozen=True)
class Past:
    """Leads as `LeadFeatures` reads them: codes and lines, shape (n, fields) each; which fields are ordered."""

    codes: Codes
    lines: FloatArray
    continuous: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @classmethod
    def of(cls, matrix: FloatArray, continuous: tuple[bool, ...] | None = None) -> "Past":
        """Split a matrix of `LeadFeatures`, shape (n, 2 * fields)."""
        codes = matrix[:, 0::2].astype(np.int64)
        ordered = np.array(continuous or (False,) * codes.shape[1], dtype=bool)
        return cls(codes, np.asarray(matrix[:, 1::2], dtype=np.float64), ordered)

    def rows(self, chosen: npt.NDArray[np.int64] | slice) -> "Past":
        """Return some of the leads."""
        return Past(self.codes[chosen], self.lines[chosen], self.continuous)

    @property
    def widths(self) -> npt.NDArray[np.int64]:
        """Return how many codes each field shows."""
        return np.asarray(self.codes.max(axis=0, initial=0) + 1, dtype=np.int64)


def fit_lines(past: Past, won: BoolArray, weights: FloatArray, *, penalty: float, drift_penalty: float) -> Tables:
    """Fit a ridge logistic regression over codes and lines; fields that drift over time are held back the more.

    With `drift_penalty` 1 a column whose design effect is d pays d times the penalty, as if it had been seen on
    n / d leads; with 0 all pay alike and the order of rows means nothing.
    """
    widths = past.widths
    columns = sp.hstack([one_hot(past.codes, widths), sp.csr_matrix(past.lines)], format="csr")
    scale = np.ones(columns.shape[1])
    if drift_penalty > 0:
        effect = _held_with_its_line(design_effect(columns), widths, past.continuous)
        scale = effect ** (-drift_penalty / 2)
    model = LogisticRegression(C=1 / penalty, max_iter=400, tol=1e-5)
    model.fit(columns @ sp.diags(scale), won, sample_weight=weights)
    effects = model.coef_[0] * scale
    tables = np.split(effects[: int(widths.sum())], np.cumsum(widths)[:-1])
    return Tables(float(model.intercept_[0]), tuple(tables), effects[int(widths.sum()) :])


def one_hot(codes: Codes, widths: npt.NDArray[np.int64]) -> sp.csr_matrix:
    """Return one column per code of each field, shape (n, sum of widths)."""
    rows, fields = codes.shape
    places = codes + np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.int64)
    pointer = np.arange(rows + 1) * fields
    return sp.csr_matrix((np.ones(rows * fields), places.ravel(), pointer), shape=(rows, int(widths.sum())))


def _held_with_its_line(effect: FloatArray, widths: npt.NDArray[np.int64], continuous: BoolArray) -> FloatArray:
    """Return the design effects with the bins of a number drifting at least as much as its line."""
    of_line = np.where(continuous, effect[int(widths.sum()) :], 1.0)
    floor = np.concatenate([np.repeat(of_line, widths), np.ones(len(widths))])
    return np.asarray(np.maximum(effect, floor), dtype=np.float64)


def fit_marginal(past: Past, won: BoolArray) -> Tables:
    """Count for each word the log odds among the leads that gave it over those of all, smoothed by a few cases."""
    rate = float(expit(rate_log_odds(won)))
    tables = []
    for place in range(past.codes.shape[1]):
        counts = np.bincount(past.codes[:, place]).astype(np.float64)
        wins = np.bincount(past.codes[:, place], weights=won) + SMOOTHING_CASES * rate
        table = np.log(wins / (counts + SMOOTHING_CASES - wins)) - np.log(rate / (1 - rate))
        table[0] = 0.0  # an unanswered field says nothing here
        tables.append(np.zeros_like(table) if past.continuous[place] else table)
    return Tables(rate_log_odds(won), tuple(tables), np.zeros(past.codes.shape[1]))


def rate_log_odds(won: BoolArray) -> float:
    """Return the log odds of the share of won leads, half a case of each kind added."""
    return float(np.log((won.sum() + 0.5) / ((~won).sum() + 0.5)))


class AdditiveScore(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Serve a sum of tables as a classifier over what `LeadFeatures` returns.

    Parameters:
        penalty, drift_penalty: see `fit_lines`; `estimator.fit` chooses them, and what is blended with the lines, by
            validation inside the past and sets the blend through `with_tables`.
        half_life_share: share of the past, in row order, after which a case counts half; None = all alike.
    """

    tables_: Tables

    def __init__(self, penalty: float = 3.0, drift_penalty: float = 0.0, half_life_share: float | None = None) -> None:
        self.penalty = penalty
        self.drift_penalty = drift_penalty
        self.half_life_share = half_life_share

    def fit(self, matrix: FloatArray, y: BoolArray) -> Self:
        """Fit the lines alone on leads whose outcome is known, shape (n, 2 * fields) and (n,)."""
        won = np.asarray(y).astype(bool)
        weights = recency_weights(len(won), self.half_life_share)
        lines = fit_lines(Past.of(matrix), won, weights, penalty=self.penalty, drift_penalty=self.drift_penalty)
        return self.with_tables(lines)

    def with_tables(self, tables: Tables) -> Self:
        """Take a sum that was fitted elsewhere."""
        self.tables_ = tables
        self.classes_ = np.array([False, True])
        self.n_features_in_ = 2 * len(tables.tables)
        return self

    def contributions(self, matrix: FloatArray) -> FloatArray:
        """Return what each field adds to the log odds, shape (n, fields)."""
        return self._fitted().contributions(Past.of(matrix))

    def decision_function(self, matrix: FloatArray) -> FloatArray:
        """Return the log odds of being won, shape (n,)."""
        return self._fitted().log_odds(Past.of(matrix))

    def predict_proba(self, matrix: FloatArray) -> FloatArray:
        """Return the probabilities of lost and won, shape (n, 2)."""
        won = expit(self.decision_function(matrix))
        return np.column_stack([1 - won, won])

    def predict(self, matrix: FloatArray) -> BoolArray:
        """Return whether won is likelier than lost, shape (n,)."""
        return np.asarray(self.decision_function(matrix) > 0)

    def _fitted(self) -> Tables:
        if not hasattr(self, "tables_"):
            raise NotFittedError("This score was not fitted yet; call fit first.")
        return self.tables_
