"""What the order of past leads tells: how far each field drifts, how much the recent past should count."""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import brentq
from scipy.special import expit

from workspace.models.lead_score.values import FloatArray

BLOCKS = 40


def design_effect(columns: sp.csr_matrix, *, blocks: int = BLOCKS) -> FloatArray:
    """Return for each column by how much its drift over time shrinks the number of independent cases behind it.

    Rows are in time order and cut into consecutive blocks. With intra-block correlation r and m rows a block, n rows
    tell no more than n / (1 + (m - 1) r) independent ones: a macro-economic figure that is the same for a whole month
    has been seen a few times, however many leads came in that month. Shape (n_columns,), 1 = no drift.

    Source: Kish, Survey Sampling, 1965, section 5.4 (design effect of cluster samples).
    """
    rows = columns.shape[0]
    count = max(2, min(blocks, rows // 10))
    size = rows / count
    block = np.arange(rows) * count // rows
    sums = sp.csr_matrix((np.ones(rows), (block, np.arange(rows))), shape=(count, rows))
    per_block = np.asarray(sums.sum(axis=1)).ravel()
    means = np.asarray((sums @ columns).todense()) / per_block[:, None]
    mean = np.asarray(columns.mean(axis=0)).ravel()
    variance = np.asarray(columns.multiply(columns).mean(axis=0)).ravel() - mean**2
    between = means.var(axis=0) - variance / size
    correlation = np.clip(between / np.maximum(variance, 1e-12), 0.0, 1.0)
    return np.asarray(1.0 + (size - 1.0) * correlation, dtype=np.float64)


def recency_weights(rows: int, half_life_share: float | None) -> FloatArray:
    """Return a weight per row in time order, halved every `half_life_share` of all rows; all 1 for None. Shape (n,)."""
    if half_life_share is None:
        return np.ones(rows)
    return np.asarray(0.5 ** (np.arange(rows)[::-1] / (half_life_share * rows)), dtype=np.float64)


def level_shift(log_odds: FloatArray, outcome: npt.NDArray[np.bool_], weights: FloatArray) -> float:
    """Return what to add to the log odds so that the weighted mean probability meets the weighted share of won.

    One imagined won and lost case at the predicted rate keep the shift finite.
    """
    predicted = float(np.average(expit(log_odds), weights=weights))
    total = float(weights.sum())
    target = (float(weights @ outcome) + 2 * predicted) / (total + 2)

    def gap(shift: float) -> float:
        return float(np.average(expit(log_odds + shift), weights=weights)) - target

    return float(brentq(gap, -12.0, 12.0))
