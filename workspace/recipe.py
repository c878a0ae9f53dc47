"""The one way by which a notebook and the worker fit the lead score, so that both get the same from the same past."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from db.kernel.errors import BadInput
from workspace.facts import LeadTable
from workspace.models.lead_score.estimator import Knobs, fit
from workspace.models.lead_score.fitted import FittedScore


class UnknownKnob(BadInput):
    """The manifest turns a knob that the estimator does not have, or to where it does not go."""


def params_of(knobs: Knobs) -> dict[str, Any]:
    """Return knobs as JSON values, as a manifest keeps them."""
    return {**asdict(knobs), "excluded_columns": list(knobs.excluded_columns)}


def knobs_of(params: Mapping[str, Any]) -> Knobs:
    """Return the knobs that a manifest means.

    Raises:
        UnknownKnob: it names one that there is not, or a value that will not do.
    """
    unknown = sorted(set(params) - {field.name for field in fields(Knobs)})
    if unknown:
        raise UnknownKnob("Réglage inconnu : {names}.", names=", ".join(unknown))
    default = params_of(Knobs())
    wrong = sorted(name for name, value in params.items() if not _fits(value, default[name], name))
    if wrong:
        raise UnknownKnob("Réglage sans valeur utilisable : {names}.", names=", ".join(wrong))
    return Knobs(**{**params, "excluded_columns": tuple(params.get("excluded_columns", ()))})


def _fits(value: Any, default: Any, name: str) -> bool:
    if name == "half_life_share":
        return value is None or (_is_number(value) and 0 < value <= 1)
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return _is_number(value) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def fit_recipe(past: LeadTable, *, params: Mapping[str, Any], seed: int) -> FittedScore:
    """Fit on closed leads in the order of their reception; settings are chosen by time inside that past."""
    won = past.outcomes["won"].astype(bool)
    return fit(past.answers, won, knobs=knobs_of(params), seed=seed, known_at=in_order(past.answers))


def in_order(frame: pd.DataFrame) -> "pd.Series[object]":
    """Return the place of each row, for leads that are in the order of time already."""
    return pd.Series(range(len(frame)), index=frame.index, dtype=object)
