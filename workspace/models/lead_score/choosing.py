"""How the score is fitted is chosen by validation inside the past: by time where there is one, else by folds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from workspace.models.lead_score.additive import BoolArray, Past, Tables, fit_lines, fit_marginal, rate_log_odds
from workspace.models.lead_score.boosting import fit_boosted
from workspace.models.lead_score.drift import level_shift, recency_weights
from workspace.models.lead_score.values import FloatArray

Kept = TypeVar("Kept")
PartKey = tuple[str, float | None, float | None, float | None]
Trials = dict[tuple[int, int, int], list[FloatArray]]
"""Log odds per settings, and of the plain rate, by (rows known, first and last row scored) of a validation by time."""
FOLDS = 4
WORSE_SHARE = 0.005
LEAST_WEIGHT = 0.1  # against the best settings' 1, below which settings are left out
WINDOWS = 4


@dataclass(frozen=True)
class Settings:
    """How one score is blended and fitted.

    Attributes:
        penalty: strength of the ridge penalty of the lines.
        drift_penalty: power of the design effect by which fields that drift over time are held back (0 = not at all).
        half_life_share: share of the past after which a case counts half in the lines; None = all alike.
        boosted_share: share of the boosted trees in the sum, 0 to 1.
        marginal_share: share, in what is not boosted, of what each word says alone; it lasts better than effects net
            of one another where the fields' ties to one another change.
        level_share: share of the past at whose rate the score is levelled; None = not levelled.
    """

    penalty: float = 3.0
    drift_penalty: float = 0.0
    half_life_share: float | None = None
    boosted_share: float = 0.5
    marginal_share: float = 0.0
    level_share: float | None = None


@dataclass(frozen=True)
class Blend:
    """Several settings averaged in log odds, the better in validation the more, and a last straight line over it.

    Attributes:
        shares: of each settings, summing to 1; slope, shift: calibration of the average.
    """

    settings: tuple[Settings, ...]
    shares: tuple[float, ...]
    slope: float = 1.0
    shift: float = 0.0

    @property
    def leading(self) -> Settings:
        """Return the settings with the largest share."""
        return self.settings[int(np.argmax(self.shares))]


@dataclass(frozen=True)
class Horizon:
    """How far ahead a score is used, in leads: `gap` whose outcome is not known yet, then `length`."""

    length: int
    gap: int = 0


@dataclass(frozen=True)
class Choice:
    """The chosen blend and what it predicted for leads it was not fitted on.

    Attributes:
        rows: places of those leads in the past, shape (m,); probability and won: theirs, shape (m,).
        log_loss: mean over the stretches predicted; plain_loss: of the rate known at the time, instead of a score.
    """

    blend: Blend
    rows: npt.NDArray[np.int64]
    probability: FloatArray
    won: BoolArray
    log_loss: float
    plain_loss: float


class Fits:
    """Keeps the parts fitted on one stretch of the past, so that many settings share them."""

    def __init__(self, past: Past, won: BoolArray, *, seed: int, coming: Past | None = None) -> None:
        self.past, self.won, self.seed = past, won, seed
        self.coming = past if coming is None else coming
        self._fitted: dict[object, Tables] = {}
        self._past_scores: dict[object, FloatArray] = {}
        self._coming_scores: dict[object, FloatArray] = {}

    def tables(self, blend: Blend) -> Tables:
        """Return the one sum of tables that the blend asks for."""
        shares: dict[PartKey, float] = {}
        shift = 0.0
        for share, settings in zip(blend.shares, blend.settings, strict=True):
            shift += share * self._levelling(settings)
            for part_share, key in _parts(settings):
                shares[key] = shares.get(key, 0.0) + share * part_share
        (key, share), *others = shares.items()
        blended = self._part(key).scaled(share)
        for other, other_share in others:
            blended = blended.plus(self._part(other).scaled(other_share))
        return blended.scaled(blend.slope, shift=blend.slope * shift + blend.shift)

    def coming_log_odds(self, settings: Settings) -> FloatArray:
        """Return the log odds that the settings give to the coming leads, shape (n,)."""
        parts = [
            share * _remembered(self._coming_scores, key, partial(self._log_odds, key, self.coming))
            for share, key in _parts(settings)
        ]
        log_odds: FloatArray = np.sum(parts, axis=0) + self._levelling(settings)
        return log_odds

    def trial(self, tried: list[Settings]) -> list[FloatArray]:
        """Return the log odds of each settings for the coming leads, and last those of the plain past rate."""
        plain = np.full(len(self.coming.codes), rate_log_odds(self.won))
        return [*(self.coming_log_odds(settings) for settings in tried), plain]

    def _levelling(self, settings: Settings) -> float:
        if settings.level_share is None:
            return 0.0
        parts = [
            share * _remembered(self._past_scores, key, partial(self._log_odds, key, self.past))
            for share, key in _parts(settings)
        ]
        weights = recency_weights(len(self.won), settings.level_share)
        return level_shift(np.sum(parts, axis=0), self.won, weights)

    def _log_odds(self, key: PartKey, leads: Past) -> FloatArray:
        return self._part(key).log_odds(leads)

    def _part(self, key: PartKey) -> Tables:
        return _remembered(self._fitted, key, lambda: self._fit(key))

    def _fit(self, key: PartKey) -> Tables:
        if key[0] == "marginal":
            return fit_marginal(self.past, self.won)
        if key[0] == "boosted":
            return fit_boosted(self.past, self.won, np.ones(len(self.won)), seed=self.seed)
        _, penalty, drift_penalty, half_life_share = key
        weights = recency_weights(len(self.won), half_life_share)
        return fit_lines(self.past, self.won, weights, penalty=penalty or 0.0, drift_penalty=drift_penalty or 0.0)


def _remembered(kept: dict[object, Kept], key: object, make: Callable[[], Kept]) -> Kept:
    if key not in kept:
        kept[key] = make()
    return kept[key]


def _parts(settings: Settings) -> list[tuple[float, PartKey]]:
    """Return the parts that the settings blend, each with its share."""
    plain = 1 - settings.boosted_share
    lines: PartKey = ("lines", settings.penalty, settings.drift_penalty, settings.half_life_share)
    parts = [
        (plain * (1 - settings.marginal_share), lines),
        (plain * settings.marginal_share, ("marginal", None, None, None)),
        (settings.boosted_share, ("boosted", None, None, None)),
    ]
    return [(share, key) for share, key in parts if share > 0]


def candidates_by_time(penalty: float, *, boosted: bool, half_life_share: float | None) -> list[Settings]:
    """Return the settings tried where leads have an order, from a settled world to a drifting one."""
    settled = Settings(penalty)
    tried = [
        replace(settled, boosted_share=0.6),
        replace(settled, boosted_share=0.6, half_life_share=0.25),
        replace(settled, boosted_share=0.3, half_life_share=0.25, penalty=3 * penalty, level_share=0.05),
        replace(settled, boosted_share=0.3, half_life_share=0.06, drift_penalty=0.5, level_share=0.05),
        replace(_DRIFTING, drift_penalty=0.0, penalty=3 * penalty, half_life_share=0.25),
        replace(_DRIFTING, penalty=penalty, half_life_share=0.125),
        replace(_DRIFTING, penalty=3 * penalty, half_life_share=0.25),
    ]
    if half_life_share is not None:
        tried = [replace(each, half_life_share=half_life_share) for each in tried]
    return list(dict.fromkeys(each if boosted else replace(each, boosted_share=0.0) for each in tried))


_DRIFTING = Settings(drift_penalty=1.0, boosted_share=0.0, marginal_share=0.15, level_share=0.05)


def candidates_by_folds(penalty: float, *, boosted: bool) -> list[Settings]:
    """Return the settings tried where leads have no order."""
    shares = (0.0, 0.3, 0.6, 0.9) if boosted else (0.0,)
    return [Settings(factor * penalty, boosted_share=share) for factor in (0.3, 1.0, 3.0, 10.0) for share in shares]


def windows(rows: int, horizon: Horizon) -> Iterator[tuple[int, int, int]]:
    """Yield train end, test start and test end of validations by time, as far ahead as the score will be used.

    The latest ends at the last row; the earlier ones move back by a share of what comes before, so that a horizon as
    long as the past still leaves several.
    """
    length = min(horizon.length, rows // 3)
    step = max(length, rows // 20) if length < rows // 10 else rows // 10
    for back in range(WINDOWS):
        end = rows - back * step
        start = end - length
        known = start - min(horizon.gap, start // 4)
        if known >= rows // 5:
            yield known, start, end


def choose_by_time(
    past: Past, won: BoolArray, tried: list[Settings], *, horizon: Horizon, seed: int, trials: Trials
) -> Choice | None:
    """Choose the settings with the best mean log loss over validations by time inside the past.

    What `trials` remembers of an earlier choice on the first rows of the same past is not tried again; new trials are
    added to it.
    """
    rows: list[npt.NDArray[np.int64]] = []
    scores: list[list[FloatArray]] = []
    for known, start, end in windows(len(won), horizon):
        if 0 < won[:known].sum() < known:
            if (known, start, end) not in trials:
                fits = Fits(past.rows(slice(0, known)), won[:known], seed=seed, coming=past.rows(slice(start, end)))
                trials[known, start, end] = fits.trial(tried)
            rows.append(np.arange(start, end))
            scores.append(trials[known, start, end])
    return _best(won, tried, rows, scores)


def choose_by_folds(past: Past, won: BoolArray, tried: list[Settings], *, seed: int) -> Choice | None:
    """Choose the settings with the best log loss over shuffled folds, and calibrate them there."""
    order = np.random.default_rng(seed).permutation(len(won))
    parts = [np.sort(part) for part in np.array_split(order, FOLDS)]
    scores = []
    for part in parts:
        kept = np.setdiff1d(np.arange(len(won)), part)
        fits = Fits(past.rows(kept), won[kept], seed=seed, coming=past.rows(part))
        scores.append(fits.trial(tried))
    return _best(won, tried, parts, scores)


def _best(
    won: BoolArray, tried: list[Settings], rows: list[npt.NDArray[np.int64]], scores: list[list[FloatArray]]
) -> Choice | None:
    """Return the blend of the best settings by mean loss; the last score of each stretch is the plain rate."""
    if not rows:
        return None
    losses = np.array(
        [[log_loss_of(won[where], each) for each in stretch] for where, stretch in zip(rows, scores, strict=True)]
    ).mean(axis=0)
    blend = _blended(tried, losses[:-1], plain=float(losses[-1]))
    shares = [blend.shares[blend.settings.index(each)] if each in blend.settings else 0.0 for each in tried]
    stretches = [np.average(stretch[:-1], axis=0, weights=shares) for stretch in scores]
    reached = [log_loss_of(won[where], each) for where, each in zip(rows, stretches, strict=True)]
    where = np.concatenate(rows)
    return Choice(
        blend, where, expit(np.concatenate(stretches)), won[where], float(np.mean(reached)), float(losses[-1])
    )


def _blended(tried: list[Settings], losses: FloatArray, *, plain: float) -> Blend:
    """Return the settings about as good as the best: each half per cent of the plain loss worse divides by e."""
    weights = np.exp(-(losses - losses.min()) / (WORSE_SHARE * plain))
    kept = np.flatnonzero(weights >= LEAST_WEIGHT)
    shares = weights[kept] / weights[kept].sum()
    return Blend(tuple(tried[place] for place in kept), tuple(float(share) for share in shares))


def log_loss_of(won: BoolArray, log_odds: FloatArray) -> float:
    """Return the mean negative log likelihood of outcomes under log odds."""
    return float(np.mean(np.logaddexp(0.0, log_odds) - won * log_odds))
