"""The recipe of a version: knobs and seed, from which anybody fits the very same score on the same leads.

The notebook fits by it, and the worker fits by it again to see that the artifact is what its recipe gives.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workspace.models.lead_score import estimator
from workspace.models.lead_score.estimator import Knobs
from workspace.models.lead_score.features import LeadFrame
from workspace.models.lead_score.fitted import FittedScore


class UnknownKnob(ValueError):
    """The parameters name a knob that the score does not have."""


def params_of(knobs: Knobs) -> dict[str, Any]:
    """Return knobs as JSON values."""
    return {**asdict(knobs), "excluded_columns": sorted(knobs.excluded_columns)}


def knobs_of(params: Mapping[str, Any]) -> Knobs:
    """Return the knobs that JSON values mean; what is not named stays as it is by default.

    Raises:
        UnknownKnob: a name is none of the knobs.
    """
    unknown = sorted(set(params) - {field.name for field in fields(Knobs)})
    if unknown:
        raise UnknownKnob(f"There is no knob called {', '.join(unknown)}.")
    given = dict(params)
    if "excluded_columns" in given:
        given["excluded_columns"] = tuple(sorted(str(name) for name in given["excluded_columns"]))
    return Knobs(**given)


def fit(leads: LeadFrame, won: npt.ArrayLike, *, params: Mapping[str, Any], seed: int) -> FittedScore:
    """Fit the score on leads in the order of their reception, with known outcome, shape (n,)."""
    outcome = pd.Series(np.asarray(won, dtype=bool), index=leads.index)
    order = pd.Series(np.arange(len(leads)), index=leads.index)
    return estimator.fit(leads, outcome, knobs=knobs_of(params), seed=seed, known_at=order)
