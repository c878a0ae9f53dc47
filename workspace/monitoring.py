"""How often announced probabilities came true: predictions against outcomes that were known only afterwards."""

import numpy as np
import pandas as pd

from workspace.evaluation import Metrics, metrics, wilson_interval

BANDS = 10


def known_later(predictions: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return each prediction whose outcome became known after it was made, with that outcome.

    Parameters:
        predictions: lead_id, probability, predicted_at (aware instant); several per lead count each.
        outcomes: lead_id, won, known_at (aware instant); one row per lead, the latest counts.

    Returns: lead_id, probability, predicted_at, won, known_at. A prediction made at or after the instant at which the
    outcome was known is left out: it could not be wrong.
    """
    latest = outcomes.sort_values("known_at", kind="stable").drop_duplicates("lead_id", keep="last")
    joined = predictions[["lead_id", "probability", "predicted_at"]].merge(
        latest[["lead_id", "won", "known_at"]], on="lead_id", how="inner"
    )
    return joined[joined["predicted_at"] < joined["known_at"]].reset_index(drop=True)


def hit_rates(predictions: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return how often each announced band of ten points came true; see `known_later` for the two inputs.

    Returns: index band (0 = 0 to 10 % … 9 = 90 to 100 %), only bands with cases; announced (mean probability), n, won
    (counts), rate and its Wilson 95 % interval low, high (shares), as_announced (the interval holds the announced).
    """
    joined = known_later(predictions, outcomes)
    band = np.minimum((joined["probability"] * BANDS).astype(int), BANDS - 1)
    table = joined.groupby(band.rename("band")).agg(
        announced=("probability", "mean"), n=("won", "size"), won=("won", "sum")
    )
    table["won"] = table["won"].astype(int)
    table["rate"] = table["won"] / table["n"]
    intervals = [wilson_interval(int(won), int(n)) for won, n in zip(table["won"], table["n"], strict=True)]
    table["low"] = [low for low, _ in intervals]
    table["high"] = [high for _, high in intervals]
    table["as_announced"] = (table["low"] <= table["announced"]) & (table["announced"] <= table["high"])
    return table


def by_month(predictions: pd.DataFrame, outcomes: pd.DataFrame) -> dict[str, Metrics]:
    """Return the metrics of the predictions made in each month (`2026-11`), in order, where outcomes are known."""
    joined = known_later(predictions, outcomes)
    month = joined["predicted_at"].dt.strftime("%Y-%m")
    return {str(name): metrics(part["won"], part["probability"]) for name, part in joined.groupby(month)}
