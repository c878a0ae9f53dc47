"""From past leads and their outcome to a score that says how sure it is."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from workspace.models.lead_score import choosing
from workspace.models.lead_score.additive import AdditiveScore, BoolArray, Past, Tables
from workspace.models.lead_score.choosing import Blend, Choice, Fits, Horizon, Settings, Trials
from workspace.models.lead_score.drift import recency_weights
from workspace.models.lead_score.features import LeadFeatures, LeadFrame
from workspace.models.lead_score.fitted import FittedScore
from workspace.models.lead_score.ladder import Rung, Segments, fit_bins, fit_segments, rung_of
from workspace.models.lead_score.purify import purified
from workspace.models.lead_score.reasons import reference_of

__all__ = ["Blend", "Horizon", "Knobs", "Settings", "fit"]

BASE_PENALTY = 3.0
SEEN_SELDOM = 5  # past leads with the same answer, below which a field is strange to the model


@dataclass(frozen=True)
class Knobs:
    """What an analyst may turn.

    Attributes:
        regularisation: factor on how strongly effects are held back; above 1 is more careful.
        boosted_trees: let pairs of fields act together.
        half_life_share: share of the past after which a case counts half; None = chosen by validation.
        excluded_columns: never looked at, for example because they were filled in after contact.
        minimum_cases: closed cases below which the segment rate is shown instead of the model.
        holdout_share: last share of the leads (by time) kept for the test.
    """

    regularisation: float = 1.0
    boosted_trees: bool = True
    half_life_share: float | None = None
    excluded_columns: tuple[str, ...] = ()
    minimum_cases: int = 150
    holdout_share: float = 0.3


def fit(
    frame: LeadFrame,
    outcome: "pd.Series[bool]",
    *,
    knobs: Knobs,
    seed: int,
    known_at: "pd.Series[object] | None" = None,
    horizon: Horizon | None = None,
    trials: Trials | None = None,
) -> FittedScore:
    """Fit the score on past leads with known outcome.

    `known_at` puts the leads in time order and has the settings chosen by validation by time, as far ahead as
    `horizon` says (default: as long as the holdout); without it leads count as shuffled. Whoever refits on a growing
    past hands in the same `trials` each time, so that a validation is done once.
    """
    if known_at is not None:
        order = np.argsort(known_at.to_numpy(), kind="stable")
        frame, outcome = frame.iloc[order], outcome.iloc[order]
    won = outcome.to_numpy(dtype=bool)
    features = LeadFeatures(knobs.excluded_columns).fit(frame)
    past = _past(features, frame)
    words = np.array([not field.has_line for field in features.fields_], dtype=bool)
    segments = fit_segments(past.codes, won, words=words)
    rung = rung_of(won, minimum_cases=knobs.minimum_cases)
    choice = None
    if rung == "model" and past.codes.shape[1] > 0:
        length = int(len(won) * knobs.holdout_share / (1 - knobs.holdout_share))
        ahead = (horizon or Horizon(length)) if known_at is not None else None
        choice = _choice(past, won, knobs, horizon=ahead, trials={} if trials is None else trials, seed=seed)
    if choice is None:
        choice = Choice(
            Blend((Settings(boosted_share=0.0),), (1.0,)),
            np.arange(0),
            np.zeros(0),
            np.zeros(0, dtype=bool),
            np.inf,
            np.inf,
        )
        rung = "rule" if rung == "rule" else "segment"
    return _assembled(features, past, won, segments, choice=choice, rung=rung, seed=seed)


def _past(features: LeadFeatures, frame: LeadFrame) -> Past:
    continuous = tuple(field.has_line for field in features.fields_)
    return Past.of(features.transform(frame), continuous)


def _choice(
    past: Past, won: BoolArray, knobs: Knobs, *, horizon: Horizon | None, trials: Trials, seed: int
) -> Choice | None:
    """Return the settings to fit with; None when no model beats the plain rate on leads it was not fitted on."""
    penalty = BASE_PENALTY * knobs.regularisation
    if horizon is not None:
        tried = choosing.candidates_by_time(penalty, boosted=knobs.boosted_trees, half_life_share=knobs.half_life_share)
        choice = choosing.choose_by_time(past, won, tried, horizon=horizon, seed=seed, trials=trials)
    else:
        tried = choosing.candidates_by_folds(penalty, boosted=knobs.boosted_trees)
        choice = choosing.choose_by_folds(past, won, tried, seed=seed)
    if choice is None or choice.log_loss >= choice.plain_loss:
        return None
    return _calibrated(choice) if horizon is None else choice


def _calibrated(choice: Choice) -> Choice:
    """Return the choice with a straight line over its out-of-fold log odds; only where folds were shuffled."""
    log_odds = np.log(choice.probability / (1 - choice.probability))
    line = LogisticRegression(C=1e6).fit(log_odds[:, None], choice.won)
    slope, shift = float(line.coef_[0, 0]), float(line.intercept_[0])
    if slope <= 0:
        return choice
    blend = replace(choice.blend, slope=slope, shift=shift)
    return replace(choice, blend=blend, probability=expit(slope * log_odds + shift))


def _assembled(
    features: LeadFeatures,
    past: Past,
    won: BoolArray,
    segments: Segments,
    *,
    choice: Choice,
    rung: Rung,
    seed: int,
) -> FittedScore:
    leading = choice.blend.leading
    weights = recency_weights(len(won), leading.level_share or leading.half_life_share)
    if rung == "model":
        tables = purified(Fits(past, won, seed=seed).tables(choice.blend), past, weights)
    else:
        tables = _silent(past, segments.rate)
    parts = tables.contributions(past)
    counts = [np.bincount(past.codes[:, place], minlength=2) for place in range(past.codes.shape[1])]
    return FittedScore(
        pipeline=Pipeline([("features", features), ("score", AdditiveScore().with_tables(tables))]),
        blend=choice.blend,
        rung=rung,
        segments=segments,
        bins=fit_bins(choice.probability, choice.won),
        reference=reference_of(past, won, parts, start=tables.start, weights=weights, fallback=segments.rate),
        strange=tuple(count < SEEN_SELDOM for count in counts),
        importance=parts.std(axis=0) if len(won) else np.zeros(past.codes.shape[1]),
        n_cases=len(won),
        seed=seed,
    )


def _silent(past: Past, rate: float) -> Tables:
    """Return tables that give every lead the same rate."""
    tables = tuple(np.zeros(width) for width in past.widths)
    return Tables(float(np.log(rate / (1 - rate))), tables, np.zeros(past.codes.shape[1]))
