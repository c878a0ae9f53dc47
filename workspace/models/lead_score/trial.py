"""Tries a recipe as it would have been used: learn from the earlier leads, announce the later ones, compare."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workspace.evaluation import Evaluation, Metrics, Scorer, evaluate_by_time, metrics
from workspace.facts import LeadTable
from workspace.lead_snapshot import LiveVersion
from workspace.models.lead_score import recipe
from workspace.models.lead_score.baseline import FieldFrequencies
from workspace.models.lead_score.features import LeadFrame
from workspace.models.lead_score.values import FloatArray

TEST_SHARE = 0.3
FEWEST_CLOSED = 60


class TooFewClosedLeads(ValueError):
    """The past is too short for a test by time."""


@dataclass(frozen=True)
class Trial:
    """What a recipe, its baselines and the version in use announced for the same later leads.

    Attributes:
        evaluation: predictions are indexed by lead; `live` (probability) is added where a version is in use.
        live: metrics of the version in use on the same leads; None without one.
        live_version: its number.
    """

    evaluation: Evaluation
    predictions: pd.DataFrame
    live: Metrics | None
    live_version: int | None

    @property
    def first_tenth(self) -> dict[str, float]:
        """Return the share won in the tenth that each puts first: `new`, `live` (where there is one), `all`."""
        evaluation = self.evaluation.metrics
        found = {"all": evaluation.base_rate, "new": (evaluation.lift_10 or 0.0) * evaluation.base_rate}
        if self.live is not None:
            found["live"] = (self.live.lift_10 or 0.0) * self.live.base_rate
        return found

    def claims(self) -> dict[str, Any]:
        """Return the figures that the author claims, as JSON values."""
        found: dict[str, Any] = {
            "measured": self.evaluation.metrics.as_dict(),
            "naive_bayes": self.evaluation.baseline.as_dict(),
            "base_rate": self.evaluation.base_rate_only.as_dict(),
        }
        return found | ({"live": self.live.as_dict()} if self.live is not None else {})


def try_recipe(past: LeadTable, *, params: Mapping[str, Any], seed: int, live: LiveVersion | None) -> Trial:
    """Fit the recipe on the earlier 70 % of closed leads and try it on the later 30 %, with all it is compared with.

    Raises:
        TooFewClosedLeads: fewer than 60, or only one outcome to learn from or to test with.
    """
    _check_enough(past)
    evaluation = _evaluate(past, params=params, seed=seed)
    if live is None:
        return Trial(evaluation, evaluation.predictions, None, None)
    announced = _announced_by_live(past, live, evaluation)
    predictions = evaluation.predictions.assign(live=announced)
    return Trial(evaluation, predictions, metrics(predictions["outcome"], announced), live.version)


def _check_enough(past: LeadTable) -> None:
    won = past.outcomes["won"].to_numpy(dtype=bool)
    cut = round(len(won) * (1 - TEST_SHARE))
    if len(won) < FEWEST_CLOSED or any(part.all() or not part.any() for part in (won[:cut], won[cut:])):
        raise TooFewClosedLeads(
            f"{len(won)} affaires closes, dont {int(won.sum())} signées : il en faut {FEWEST_CLOSED} des deux sortes."
        )


def _evaluate(past: LeadTable, *, params: Mapping[str, Any], seed: int) -> Evaluation:
    def fit(frame: LeadFrame, won: "np.ndarray[Any, Any]") -> Scorer:
        fitted = recipe.fit(frame, won, params=params, seed=seed)
        return lambda later: fitted.score(later)["probability"].to_numpy()

    def baseline(frame: LeadFrame, won: "np.ndarray[Any, Any]") -> Scorer:
        naive = FieldFrequencies(recipe.knobs_of(params).excluded_columns).fit(frame, won)
        return lambda later: naive.predict_proba(later)[:, 1]

    won = past.outcomes["won"].astype(bool)
    received = past.outcomes["received_at"]
    return evaluate_by_time(past.answers, won, received, fit=fit, baseline=baseline, test_share=TEST_SHARE)


def _announced_by_live(past: LeadTable, live: LiveVersion, tried: Evaluation) -> FloatArray:
    """Return what the version in use says of the later leads: itself if it had not seen them, else its recipe."""
    cases = tried.predictions.index
    theirs = LeadTable(past.answers.reindex(columns=list(live.columns)), past.outcomes)
    if pd.Timestamp(live.cutoff_at) <= past.outcomes.loc[cases, "received_at"].min():
        return np.asarray(live.fitted.score(theirs.answers.loc[cases])["probability"], dtype=np.float64)
    again = _evaluate(theirs, params=live.params, seed=live.seed)
    return np.asarray(again.predictions.loc[cases, "probability"], dtype=np.float64)
