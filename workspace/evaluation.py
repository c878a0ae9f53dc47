"""How good probabilities are: on later leads, on held-out ones, against the base rate and against the live version."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Scorer = Callable[[pd.DataFrame], FloatArray]
Fitter = Callable[[pd.DataFrame, BoolArray], Scorer]
"""Fits on leads in time order (or shuffled ones) and their outcome; returns what gives probabilities, shape (n,)."""

BINS = 10


@dataclass(frozen=True)
class Metrics:
    """How well probabilities met outcomes.

    Attributes:
        auc: chance that a won lead was scored above a lost one; None when only one outcome occurred.
        log_loss: mean negative log likelihood, natural logarithm.
        brier: mean squared error.
        ece: mean gap between announced and observed rate over 10 bins of equal counts, weighted by count.
        lift_10: share won in the best-scored tenth over the share won in all; None when nothing was won.
    """

    n: int
    base_rate: float
    auc: float | None
    log_loss: float
    brier: float
    ece: float
    lift_10: float | None

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the figures by name."""
        return asdict(self)


def metrics(outcome: npt.ArrayLike, probability: npt.ArrayLike) -> Metrics:
    """Return how well probabilities, shape (n,), met outcomes, shape (n,).

    Example:
        >>> metrics([True, False], [0.8, 0.2]).brier
        0.04
    """
    won, announced = _checked(outcome, probability)
    both = bool(won.any() and not won.all())
    return Metrics(
        n=len(won),
        base_rate=float(won.mean()),
        auc=float(roc_auc_score(won, announced)) if both else None,
        log_loss=float(log_loss(won, np.clip(announced, 1e-15, 1 - 1e-15), labels=[False, True])),
        brier=round(float(np.mean((announced - won) ** 2)), 12),
        ece=expected_calibration_error(won, announced),
        lift_10=lift(won, announced, share=0.1),
    )


def _checked(outcome: npt.ArrayLike, probability: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    won, announced = np.asarray(outcome, dtype=bool), np.asarray(probability, dtype=np.float64)
    if len(won) == 0 or won.shape != announced.shape:
        raise ValueError(f"As many outcomes as probabilities are needed, found {won.shape} and {announced.shape}.")
    return won, announced


def expected_calibration_error(outcome: npt.ArrayLike, probability: npt.ArrayLike, *, bins: int = BINS) -> float:
    """Return the mean absolute gap between announced and observed rate over bins of equal counts."""
    table = calibration_table(outcome, probability, bins=bins)
    return float(np.average((table["announced"] - table["observed"]).abs(), weights=table["n"]))


def lift(outcome: npt.ArrayLike, probability: npt.ArrayLike, *, share: float) -> float | None:
    """Return the rate won among the best-scored share of leads over the rate among all; ties share their place."""
    won, announced = _checked(outcome, probability)
    if not won.any():
        return None
    table = pd.DataFrame({"won": won, "score": announced}).groupby("score")["won"].agg(["sum", "count"])[::-1]
    wanted = max(1.0, share * len(won))
    before = table["count"].cumsum().shift(fill_value=0)
    taken = (wanted - before).clip(lower=0).clip(upper=table["count"])
    return float((table["sum"] / table["count"] * taken).sum() / wanted / won.mean())


def calibration_table(outcome: npt.ArrayLike, probability: npt.ArrayLike, *, bins: int = BINS) -> pd.DataFrame:
    """Return announced and observed rate per bin of equal counts, lowest scores first.

    Returns: index bin (0 …); low, high, announced (shares), n, won (counts), observed and its Wilson 95 % interval
    observed_low, observed_high (shares).
    """
    won, announced = _checked(outcome, probability)
    order = np.argsort(announced, kind="stable")
    rows = []
    for members in np.array_split(order, min(bins, len(order))):
        low, high = wilson_interval(int(won[members].sum()), len(members))
        rows.append(
            {
                "low": announced[members].min(),
                "high": announced[members].max(),
                "announced": announced[members].mean(),
                "n": len(members),
                "won": int(won[members].sum()),
                "observed": won[members].mean(),
                "observed_low": low,
                "observed_high": high,
            }
        )
    return pd.DataFrame(rows).rename_axis("bin")


def wilson_interval(won: int, total: int, *, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the Wilson score interval of a rate; (0, 1) for no case at all.

    Source: Wilson, Journal of the American Statistical Association 22, 1927.
    """
    if total == 0:
        return 0.0, 1.0
    rate = won / total
    centre = (rate + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * np.sqrt(rate * (1 - rate) / total + z * z / (4 * total * total))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))


def expected_value(
    outcome: npt.ArrayLike, probability: npt.ArrayLike, *, gain_if_won: float, cost_of_contact: float
) -> dict[str, float]:
    """Return what contacting would have brought: whom the score recommends, everybody, nobody, and a perfect choice.

    The score recommends a lead when probability * gain exceeds the cost of contact; amounts in one currency.
    """
    won, announced = _checked(outcome, probability)
    recommended = announced * gain_if_won > cost_of_contact
    by_score = float(gain_if_won * won[recommended].sum() - cost_of_contact * recommended.sum())
    everybody = float(gain_if_won * won.sum() - cost_of_contact * len(won))
    perfect = float(max(0.0, gain_if_won - cost_of_contact) * won.sum())
    return {"score": by_score, "everybody": everybody, "nobody": 0.0, "perfect": perfect}


@dataclass(frozen=True)
class Evaluation:
    """What a held-out test showed.

    Attributes:
        metrics: of the score; baseline: of the naive Bayes of field frequencies; base_rate_only: of the training rate.
        predictions: index of the test rows; probability, baseline, outcome.
    """

    n_train: int
    metrics: Metrics
    baseline: Metrics
    base_rate_only: Metrics
    predictions: pd.DataFrame


def evaluate_by_time(
    frame: pd.DataFrame,
    outcome: "pd.Series[bool]",
    known_at: "pd.Series[object]",
    *,
    fit: Fitter,
    baseline: Fitter,
    test_share: float,
) -> Evaluation:
    """Fit on the earlier leads and test on the last share of them in the order of `known_at`."""
    order = np.argsort(known_at.to_numpy(), kind="stable")
    return _evaluate(frame.iloc[order], outcome.iloc[order], fit=fit, baseline=baseline, test_share=test_share)


def evaluate_random(
    frame: pd.DataFrame, outcome: "pd.Series[bool]", *, fit: Fitter, baseline: Fitter, test_share: float, seed: int
) -> Evaluation:
    """Fit on a random part of the leads and test on the rest."""
    order = np.random.default_rng(seed).permutation(len(frame))
    return _evaluate(frame.iloc[order], outcome.iloc[order], fit=fit, baseline=baseline, test_share=test_share)


def _evaluate(
    frame: pd.DataFrame, outcome: "pd.Series[bool]", *, fit: Fitter, baseline: Fitter, test_share: float
) -> Evaluation:
    cut = train_rows(len(frame), test_share)
    won = outcome.to_numpy(dtype=bool)
    test = frame.iloc[cut:]
    probability = fit(frame.iloc[:cut], won[:cut])(test)
    naive = baseline(frame.iloc[:cut], won[:cut])(test)
    return _evaluation(won, cut, probability=probability, naive=naive, index=test.index)


def _evaluation(won: BoolArray, cut: int, *, probability: FloatArray, naive: FloatArray, index: pd.Index) -> Evaluation:
    flat = np.full(len(won) - cut, (won[:cut].sum() + 0.5) / (cut + 1))
    predictions = pd.DataFrame({"probability": probability, "baseline": naive, "outcome": won[cut:]}, index=index)
    return Evaluation(
        n_train=cut,
        metrics=metrics(won[cut:], probability),
        baseline=metrics(won[cut:], naive),
        base_rate_only=metrics(won[cut:], flat),
        predictions=predictions,
    )


def train_rows(rows: int, test_share: float) -> int:
    """Return how many of the rows come before the test."""
    return round(rows * (1 - test_share))


def refit_run(
    frame: pd.DataFrame,
    outcome: "pd.Series[bool]",
    *,
    fit: Fitter,
    baseline: Fitter,
    test_share: float,
    every: int,
    delay: int,
) -> Evaluation:
    """Score the last share of leads in order, refitted every `every` rows on outcomes known `delay` rows earlier.

    Rows must be in time order. A model that scores row i has seen no outcome after row i - delay - 1, nor any lead
    that came after the first row of its stretch.
    """
    cut = train_rows(len(frame), test_share)
    won = outcome.to_numpy(dtype=bool)
    scores, naive = [], []
    for known, start, end in stretches(len(frame), cut=cut, every=every, delay=delay):
        past, coming = frame.iloc[:known], frame.iloc[start:end]
        scores.append(fit(past, won[:known])(coming))
        naive.append(baseline(past, won[:known])(coming))
    return _evaluation(
        won, cut, probability=np.concatenate(scores), naive=np.concatenate(naive), index=frame.index[cut:]
    )


def stretches(rows: int, *, cut: int, every: int, delay: int) -> Iterator[tuple[int, int, int]]:
    """Yield for each fit the number of rows known, the first row it scores and the one after its last."""
    for start in range(cut, rows, every):
        yield max(0, start - delay), start, min(rows, start + every)


@dataclass(frozen=True)
class Comparison:
    """A new version against the live one on the same cases.

    Attributes:
        new, live: their metrics.
        first_tenth_new, first_tenth_live: share won in the tenth that each puts first.
        moves: index lead id; live, new, change: the leads whose probability moves most, largest change first.
    """

    new: Metrics
    live: Metrics
    first_tenth_new: float
    first_tenth_live: float
    moves: pd.DataFrame


def compare(
    new: Scorer, live: Scorer, frame: pd.DataFrame, outcome: "pd.Series[bool]", *, most: int = 20
) -> Comparison:
    """Compare two versions on the same cases, whose outcome neither has been fitted on."""
    won = outcome.to_numpy(dtype=bool)
    scores = pd.DataFrame({"live": live(frame), "new": new(frame)}, index=frame.index)
    scores["change"] = scores["new"] - scores["live"]
    largest = scores["change"].abs().sort_values(ascending=False, kind="stable").index[:most]
    by_new, by_live = metrics(won, scores["new"]), metrics(won, scores["live"])
    return Comparison(
        new=by_new,
        live=by_live,
        first_tenth_new=(by_new.lift_10 or 0.0) * by_new.base_rate,
        first_tenth_live=(by_live.lift_10 or 0.0) * by_live.base_rate,
        moves=scores.loc[largest],
    )
