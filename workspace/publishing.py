"""What the worker recomputes of a version that was handed in, on the company's own data; what people see is this.

The artifact was fitted on everything up to its cut-off, so that scoring that past with it would flatter it. Its metrics
are therefore those of its recipe: the same knobs, columns and seed are fitted anew on the earlier 70 % of the closed
leads and tried on the later 30 %, and the artifact must be what the recipe gives on all of them (`most_different`). The
live version is tried on the same cases: as it is when it has not seen them, else by its own recipe fitted on the same
earlier leads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from db.kernel.errors import NotAllowed
from workspace.evaluation import (
    BoolArray,
    Evaluation,
    FloatArray,
    Scorer,
    calibration_table,
    evaluate_by_time,
    lift,
    metrics,
    train_rows,
)
from workspace.facts import KnownLead, LeadTable, fingerprint, lead_table
from workspace.models.lead_score import artifact, recipe
from workspace.models.lead_score.baseline import FieldFrequencies
from workspace.models.lead_score.fitted import FittedScore
from workspace.wording import reasons_by_lead

TEST_SHARE = 0.3
FEWEST_CLOSED = 60
FEWEST_TESTED = 20
# How far the artifact may be from what its recipe gives, in probability: another processor, or another kernel of the
# same libraries, moves a fit on 25,000 leads by 0.0007 (measured); half a point is below what anybody is shown.
SAME = 0.005
MOST_MOVES = 20
GAIN_STEPS = 20
WELL_CALIBRATED = 0.03  # mean gap that no sample is too small for
HELD = 0.8  # of the bands must hold what was announced; 95 % intervals hold 95 % of the time

Report = Callable[[int, int, str], None]


class TooFewCases(NotAllowed):
    """The past is too short to measure a version on."""


class ArtifactRefused(NotAllowed):
    """The artifact is no lead score, or holds what a lead score never holds."""


class RecipeNotFollowed(NotAllowed):
    """The manifest names knobs that the score does not have."""


class NotWhatItClaims(NotAllowed):
    """The artifact is not what its recipe gives on the company's data."""


@dataclass(frozen=True)
class Candidate:
    """One version: its artifact and the recipe by which it was fitted."""

    version: int
    artifact: bytes
    params: Mapping[str, Any]
    columns: Sequence[str]
    seed: int
    cutoff_at: datetime


@dataclass(frozen=True)
class Material:
    """All that a check needs; `history` as known at the new version's cut-off, `open_now` as known now."""

    new: Candidate
    live: Candidate | None
    claimed_fingerprint: str
    history: Sequence[KnownLead]
    open_now: Sequence[KnownLead]
    labels: Mapping[str, str]  # column → what people call it


def check(material: Material, report: Report) -> dict[str, Any]:
    """Return what was found about a version, as JSON values.

    Raises:
        TooFewCases: fewer than 60 closed leads, or fewer than 20 of one outcome to learn or test with.
        NotWhatItClaims: the artifact differs from its recipe.
        ArtifactRefused: it is damaged, or holds foreign types.
        RecipeNotFollowed: its knobs are not those of the score.
    """
    report(0, 5, "Lecture de l’artefact")
    fitted = load(material.new.artifact)
    past = closed_leads(material.history, material.new.columns)
    check_enough(past)
    report(1, 5, "Apprentissage sur le passé, essai sur la suite")
    tried = try_recipe(material.new, past)
    report(2, 5, "Comparaison avec la recette annoncée")
    different = most_different(material.new, fitted, past)
    report(3, 5, "La version en service sur les mêmes cas")
    live = try_live(material.live, past, material.history, tried) if material.live else None
    report(4, 5, "Pistes qui bougent le plus")
    moves = largest_moves(fitted, material)
    found = {
        **_figures(tried, live),
        "same_data": fingerprint(material.history, columns=material.new.columns) == material.claimed_fingerprint,
        "data_fingerprint": fingerprint(material.history, columns=material.new.columns),
        "most_different": different,
        "period": _period(past, tried),
        "moves": moves,
        "open_leads": len(material.open_now),
    }
    report(5, 5, "Contrôlé")
    return found | {"guard_rails": guard_rails(found)}


def closed_leads(history: Sequence[KnownLead], columns: Sequence[str]) -> LeadTable:
    """Return the leads whose outcome was known, in the order of reception."""
    table = lead_table(history, columns=columns)
    known = table.is_closed
    return LeadTable(table.answers[known], table.outcomes[known])


def check_enough(past: LeadTable) -> None:
    """Refuse a past on which nothing can be measured.

    Raises:
        TooFewCases: says how many there are.
    """
    won = past.outcomes["won"].to_numpy(dtype=bool)
    cut = train_rows(len(won), TEST_SHARE)
    parts = (won[:cut], won[cut:])
    both = all(part.any() and not part.all() for part in parts)
    if len(won) < FEWEST_CLOSED or len(parts[1]) < FEWEST_TESTED or not both:
        raise TooFewCases(
            "{closed} affaires closes, dont {won} signées : pas assez pour mesurer une version (il en faut {fewest}).",
            closed=len(won),
            won=int(won.sum()),
            fewest=FEWEST_CLOSED,
        )


def load(content: bytes) -> FittedScore:
    """Return the score of an artifact.

    Raises:
        ArtifactRefused: names the file and what it holds.
    """
    try:
        return artifact.load(content)
    except artifact.UntrustedArtifact as problem:
        raise ArtifactRefused(
            "Le fichier « artifact.skops » est refusé, rien n’en a été exécuté : {problem}", problem=str(problem)
        ) from problem


def probabilities(fitted: FittedScore) -> Scorer:
    """Return what gives the probabilities that would be shown, shape (n,)."""
    return lambda frame: fitted.score(frame)["probability"].to_numpy(dtype=np.float64)


def try_recipe(candidate: Candidate, past: LeadTable) -> Evaluation:
    """Fit the recipe on the earlier leads and try it on the later ones, beside the naive Bayes of field frequencies.

    Raises:
        RecipeNotFollowed: its knobs are not those of the score.
    """
    try:
        excluded = recipe.knobs_of(candidate.params).excluded_columns
    except (TypeError, ValueError) as problem:
        raise RecipeNotFollowed(
            "Les réglages annoncés ne sont pas ceux du modèle : {why}", why=str(problem)
        ) from problem

    def fit_new(frame: pd.DataFrame, won: BoolArray) -> Scorer:
        return probabilities(recipe.fit(frame, won, params=candidate.params, seed=candidate.seed))

    def fit_naive(frame: pd.DataFrame, won: BoolArray) -> Scorer:
        naive = FieldFrequencies(excluded).fit(frame, won)
        return lambda later: np.asarray(naive.predict_proba(later)[:, 1], dtype=np.float64)

    outcomes = past.outcomes
    return evaluate_by_time(
        past.answers,
        outcomes["won"].astype(bool),
        outcomes["received_at"],
        fit=fit_new,
        baseline=fit_naive,
        test_share=TEST_SHARE,
    )


def most_different(candidate: Candidate, fitted: FittedScore, past: LeadTable) -> float:
    """Return how far the artifact is at most from what its recipe gives on the whole past, in probability.

    Raises:
        NotWhatItClaims: further than rounding explains.
    """
    won = past.outcomes["won"].to_numpy(dtype=bool)
    again = recipe.fit(past.answers, won, params=candidate.params, seed=candidate.seed)
    gap = float(np.abs(probabilities(again)(past.answers) - probabilities(fitted)(past.answers)).max())
    if not gap <= SAME:
        raise NotWhatItClaims(
            "L’artefact n’est pas ce que donnent ses réglages sur les données de l’entreprise "
            "(écart de {gap} points sur au moins une piste) : l’ajuster sur un instantané récent, puis publier.",
            gap=round(100 * gap, 2),
        )
    return gap


@dataclass(frozen=True)
class LiveTried:
    """The live version on the same cases; `by` = `artifact` (it had not seen them) or `recipe` (fitted anew)."""

    version: int
    by: str
    probability: FloatArray


def try_live(live: Candidate, past: LeadTable, history: Sequence[KnownLead], tried: Evaluation) -> LiveTried:
    """Return what the live version would have said about the same later leads, without having seen their outcome."""
    cases = tried.predictions.index
    begun = past.outcomes.loc[cases, "received_at"].min()
    theirs = closed_leads(history, live.columns)
    if pd.Timestamp(live.cutoff_at) <= begun:
        said = probabilities(load(live.artifact))(theirs.answers.loc[cases])
        return LiveTried(live.version, "artifact", said)
    again = try_recipe(live, theirs)
    return LiveTried(live.version, "recipe", again.predictions.loc[cases, "probability"].to_numpy(dtype=np.float64))


def _figures(tried: Evaluation, live: LiveTried | None) -> dict[str, Any]:
    won = tried.predictions["outcome"].to_numpy(dtype=bool)
    said = tried.predictions["probability"].to_numpy()
    found: dict[str, Any] = {
        "measured": _measured(won, said, n_train=tried.n_train),
        "baselines": {
            "naive_bayes": tried.baseline.as_dict(),
            "base_rate": tried.base_rate_only.as_dict(),
        },
        "calibration": _rows(calibration_table(won, said)),
        "gain": gain_curve(won, said),
        "live": None,
    }
    if live is not None:
        found["live"] = {
            "version": live.version,
            "by": live.by,
            "measured": _measured(won, live.probability, n_train=tried.n_train),
            "calibration": _rows(calibration_table(won, live.probability)),
            "gain": gain_curve(won, live.probability),
        }
    return found


def _measured(won: BoolArray, said: FloatArray, *, n_train: int) -> dict[str, Any]:
    figures = metrics(won, said).as_dict()
    first_tenth = (lift(won, said, share=0.1) or 0.0) * float(won.mean())
    return {**figures, "n_train": n_train, "first_tenth": first_tenth}


def _rows(table: pd.DataFrame) -> list[dict[str, float]]:
    return [{str(name): float(value) for name, value in row.items()} for row in table.to_dict("records")]


def gain_curve(won: BoolArray, said: FloatArray) -> list[dict[str, float]]:
    """Return which share of the won leads the best-scored shares hold: `contacted`, `caught`, from 0 to 1."""
    points = [{"contacted": 0.0, "caught": 0.0}]
    for step in range(1, GAIN_STEPS + 1):
        share = step / GAIN_STEPS
        points.append({"contacted": share, "caught": float((lift(won, said, share=share) or 0.0) * share)})
    return points


def largest_moves(fitted: FittedScore, material: Material) -> list[dict[str, Any]]:
    """Return the open leads whose probability the new version moves most, with its first reasons.

    Without a live version they are compared with the rate of the past, which is what is shown until then.
    """
    if not material.open_now:
        return []
    table = lead_table(material.open_now, columns=list(material.new.columns))
    new = probabilities(fitted)(table.answers)
    now = _shown_now(material, table)
    order = np.argsort(-np.abs(new - now), kind="stable")[:MOST_MOVES]
    reasons = reasons_by_lead(fitted.reasons(table.answers.iloc[order]), labels=material.labels)
    return [
        {
            "lead_id": str(table.answers.index[place]),
            "live": float(now[place]),
            "new": float(new[place]),
            "reasons": reasons.get(str(table.answers.index[place]), []),
        }
        for place in order
    ]


def _shown_now(material: Material, table: LeadTable) -> FloatArray:
    if material.live is None:
        won = [lead.won for lead in material.history if lead.won is not None]
        return np.full(len(table.answers), (sum(won) + 0.5) / (len(won) + 1))
    theirs = lead_table(material.open_now, columns=list(material.live.columns))
    return probabilities(load(material.live.artifact))(theirs.answers.loc[table.answers.index])


def _period(past: LeadTable, tried: Evaluation) -> dict[str, Any]:
    received = past.outcomes["received_at"]
    tested = past.outcomes.loc[tried.predictions.index, "received_at"]
    return {
        "train_from": received.min().isoformat(),
        "test_from": tested.min().isoformat(),
        "test_to": tested.max().isoformat(),
        "n_train": tried.n_train,
        "n_test": len(tested),
    }


def guard_rails(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what must hold of a version before one trusts it: name, if it holds, and the figures compared."""
    new, live = found["measured"], found["live"]
    naive, flat = found["baselines"]["naive_bayes"], found["baselines"]["base_rate"]
    bands = found["calibration"]
    held = sum(band["observed_low"] <= band["announced"] <= band["observed_high"] for band in bands)
    rails = [
        ("better_than_naive_bayes", new["log_loss"] < naive["log_loss"], new["log_loss"], naive["log_loss"]),
        ("better_than_base_rate", new["log_loss"] < flat["log_loss"], new["log_loss"], flat["log_loss"]),
        ("calibrated", new["ece"] <= WELL_CALIBRATED or held >= HELD * len(bands), held, len(bands)),
        ("same_data", bool(found["same_data"]), None, None),
        ("reproduced", found["most_different"] <= SAME, found["most_different"], SAME),
    ]
    if live is not None:
        theirs = live["measured"]
        is_no_worse = new["log_loss"] <= theirs["log_loss"]
        rails.insert(0, ("not_worse_than_live", is_no_worse, new["log_loss"], theirs["log_loss"]))
    return [{"name": name, "holds": bool(holds), "new": mine, "bound": bound} for name, holds, mine, bound in rails]
