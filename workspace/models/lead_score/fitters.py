"""The score and its baseline as what `workspace.evaluation` fits: leads and outcomes in, probabilities out."""

import numpy as np
import pandas as pd

from workspace.evaluation import Fitter, Scorer
from workspace.models.lead_score.additive import BoolArray
from workspace.models.lead_score.baseline import FieldFrequencies
from workspace.models.lead_score.choosing import Horizon, Trials
from workspace.models.lead_score.estimator import Knobs, fit
from workspace.models.lead_score.fitted import FittedScore

DEFAULT_KNOBS = Knobs()


def scorer(score: FittedScore) -> Scorer:
    """Return the announced probabilities of a fitted score as a function of leads."""
    return lambda frame: score.score(frame)["probability"].to_numpy(dtype=np.float64)


def score_by_folds(*, seed: int, knobs: Knobs = DEFAULT_KNOBS) -> Fitter:
    """Return a fit of the score on leads without order."""
    return lambda frame, won: scorer(fit(frame, _outcome(frame, won), knobs=knobs, seed=seed))


def score_by_time(*, seed: int, test_share: float, knobs: Knobs = DEFAULT_KNOBS) -> Fitter:
    """Return a fit of the score on leads in time order, chosen for use as far ahead as the test reaches."""

    def fitted(frame: pd.DataFrame, won: BoolArray) -> Scorer:
        horizon = Horizon(max(1, int(len(frame) * test_share / (1 - test_share))))
        return scorer(fit(frame, _outcome(frame, won), knobs=knobs, seed=seed, known_at=_rows(frame), horizon=horizon))

    return fitted


def refitted(*, seed: int, every: int, delay: int, knobs: Knobs = DEFAULT_KNOBS) -> Fitter:
    """Return a fit for a run of refits, chosen each time by how the settings did on the latest stretches."""
    horizon, trials = Horizon(every, gap=delay), Trials()

    def fitted(frame: pd.DataFrame, won: BoolArray) -> Scorer:
        outcome, order = _outcome(frame, won), _rows(frame)
        return scorer(fit(frame, outcome, knobs=knobs, seed=seed, known_at=order, horizon=horizon, trials=trials))

    return fitted


def naive_bayes(frame: pd.DataFrame, won: BoolArray) -> Scorer:
    """Fit the naive Bayes of field frequencies."""
    fitted = FieldFrequencies().fit(frame, won)
    return lambda coming: np.asarray(fitted.predict_proba(coming)[:, 1], dtype=np.float64)


def _outcome(frame: pd.DataFrame, won: BoolArray) -> "pd.Series[bool]":
    return pd.Series(won, index=frame.index)


def _rows(frame: pd.DataFrame) -> "pd.Series[object]":
    """Return the places of leads that are in time order already."""
    return pd.Series(np.arange(len(frame)), index=frame.index)


__all__ = ["naive_bayes", "refitted", "score_by_folds", "score_by_time", "scorer"]
