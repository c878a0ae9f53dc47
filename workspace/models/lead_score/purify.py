"""Moves every effect to where it is read: what one field says alone into its table, the average into the start."""

import numpy as np

from workspace.models.lead_score.additive import PairTable, Past, Tables
from workspace.models.lead_score.values import FloatArray


def purified(tables: Tables, past: Past, weights: FloatArray) -> Tables:
    """Return the same score with every field averaging to zero over the weighted past, pairs along both sides.

    Nothing changes for answers that the past has shown; an answer that it never showed counts as the average.
    """
    seen = [np.bincount(past.codes[:, j], minlength=len(main)) > 0 for j, main in enumerate(tables.tables)]
    masses = [
        np.bincount(past.codes[:, j], weights=weights, minlength=len(main)) / weights.sum()
        for j, main in enumerate(tables.tables)
    ]
    mains, pairs = _pairs_centred(tables, masses)
    start = tables.start
    drift = tables.slopes * np.average(past.lines, axis=0, weights=weights)
    for j, main in enumerate(mains):
        level = float(masses[j] @ main + drift[j])
        start += level
        main -= level
        main[~seen[j]] = 0.0
    for pair in pairs:
        pair.table[~seen[pair.first], :] = 0.0
        pair.table[:, ~seen[pair.second]] = 0.0
    return Tables(float(start), tuple(mains), tables.slopes, tuple(pairs))


def _pairs_centred(tables: Tables, masses: list[FloatArray]) -> tuple[list[FloatArray], list[PairTable]]:
    """Return tables per field with what pairs say about one field alone moved into them, and the rest of the pairs."""
    mains = [main.astype(np.float64, copy=True) for main in tables.tables]
    pairs = []
    for pair in tables.pairs:
        by_first = pair.table @ masses[pair.second]
        by_second = masses[pair.first] @ pair.table
        level = float(masses[pair.first] @ by_first)
        mains[pair.first] += by_first
        mains[pair.second] += by_second - level
        rest = pair.table - by_first[:, None] - by_second[None, :] + level
        pairs.append(PairTable(pair.first, pair.second, rest))
    return mains, pairs
