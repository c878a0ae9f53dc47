"""Boosted trees over at most two fields each, turned into tables."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from workspace.models.lead_score.additive import BoolArray, Codes, PairTable, Past, Tables
from workspace.models.lead_score.values import FloatArray

MOST_PAIRED_FIELDS = 24
NEGLIGIBLE = 1e-9  # log odds below which a table says nothing


def fit_boosted(past: Past, won: BoolArray, weights: FloatArray, *, seed: int) -> Tables:
    """Fit boosted trees that use at most two fields each and read them off as tables.

    The trees' sum is a sum of functions of one and two fields, so that reading it off at all codes of each pair, the
    other fields held at a reference, gives it exactly.
    """
    fields = _strongest(past.codes, won)
    trees = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=150,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        interaction_cst="pairwise",
        categorical_features=[not bool(past.continuous[field]) for field in fields],
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(limits=1, user_api="openmp"):  # threads that wait for each other stall on a busy machine
        trees.fit(past.codes[:, fields].astype(np.float64), won, sample_weight=weights)
        return _read_off(trees, past.codes[:, fields], past.widths, fields)


def _strongest(codes: Codes, won: BoolArray) -> list[int]:
    """Return the fields worth pairing, strongest alone first, those that never change left out."""
    strength = []
    for field in range(codes.shape[1]):
        counts = np.bincount(codes[:, field])
        rates = np.bincount(codes[:, field], weights=won) / np.maximum(counts, 1)
        strength.append(float(counts @ (rates - won.mean()) ** 2))
    order = np.argsort(-np.array(strength), kind="stable")[:MOST_PAIRED_FIELDS]
    return sorted(int(field) for field in order)


def _read_off(
    trees: HistGradientBoostingClassifier, codes: Codes, widths: npt.NDArray[np.int64], fields: list[int]
) -> Tables:
    reference = np.array([np.bincount(column).argmax() for column in codes.T], dtype=np.float64)
    spans = [int(widths[field]) for field in fields]
    start = float(trees.decision_function(reference[None, :])[0])
    alone = _log_odds(trees, [_probe(reference, (place,), spans) for place in range(len(fields))])
    tables = [np.zeros(width) for width in widths]
    for field, values in zip(fields, alone, strict=True):
        tables[field] = values - start

    places = list(combinations(range(len(fields)), 2))
    pairs = []
    together = _log_odds(trees, [_probe(reference, both, spans) for both in places])
    for (first, second), values in zip(places, together, strict=True):
        parts = tables[fields[first]][:, None] + tables[fields[second]][None, :]
        table = values.reshape(spans[first], spans[second]) - start - parts
        if np.abs(table).max() > NEGLIGIBLE:
            pairs.append(PairTable(fields[first], fields[second], table))
    return Tables(start, tuple(tables), np.zeros(len(widths)), tuple(pairs))


def _probe(reference: FloatArray, places: tuple[int, ...], spans: list[int]) -> FloatArray:
    """Return the reference with every combination of codes at the given places."""
    grid = np.indices([spans[place] for place in places]).reshape(len(places), -1)
    probe = np.repeat(reference[None, :], grid.shape[1], axis=0)
    probe[:, list(places)] = grid.T
    return probe


def _log_odds(trees: HistGradientBoostingClassifier, probes: list[FloatArray]) -> list[FloatArray]:
    """Return the trees' log odds of each probe, all asked for at once."""
    if not probes:
        return []
    values = np.asarray(trees.decision_function(np.concatenate(probes)), dtype=np.float64)
    return np.split(values, np.cumsum([len(probe) for probe in probes])[:-1])
