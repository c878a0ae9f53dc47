"""What a check recomputes: by time, without a look at the future, and fair to the live version."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from workspace.facts import Answer, fingerprint
from workspace.models.lead_score import artifact, recipe
from workspace.publishing import (
    ArtifactRefused,
    Candidate,
    Material,
    NotWhatItClaims,
    RecipeNotFollowed,
    TooFewCases,
    check,
    closed_leads,
    gain_curve,
    guard_rails,
)

START = datetime(2025, 1, 1, tzinfo=UTC)
CUTOFF = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ("canton", "source")
PARAMS = {"boosted_trees": False}


@dataclass(frozen=True)
class Lead:
    """A lead as known at the cut-off."""

    lead_id: str
    received_at: datetime
    closed_at: datetime | None
    won: bool | None
    fields: dict[str, Answer]


def leads(count: int, *, seed: int = 1, is_open: bool = False) -> list[Lead]:
    """Leads over a year whose source decides most."""
    chance = random.Random(seed)
    found = []
    for i in range(count):
        source = chance.choice(["Salon", "Site"])
        won = chance.random() < (0.7 if source == "Salon" else 0.15)
        received = START + timedelta(days=300 * i / count)
        closed = None if is_open else received + timedelta(days=5)
        fields: dict[str, Answer] = {"source": source, "canton": chance.choice(["VD", "GE"])}
        found.append(Lead(f"{seed}-{i:05}", received, closed, None if is_open else won, fields))
    return found


def candidate(history: Sequence[Lead], *, version: int = 1, cutoff_at: datetime = CUTOFF, **params: Any) -> Candidate:
    """A version fitted on the leads that were closed before its cut-off."""
    given = PARAMS | params
    known = [lead for lead in history if lead.closed_at is not None and lead.closed_at < cutoff_at]
    past = closed_leads(known, COLUMNS)
    fitted = recipe.fit(past.answers, past.outcomes["won"].to_numpy(dtype=bool), params=given, seed=5)
    return Candidate(version, artifact.dump(fitted), given, COLUMNS, 5, cutoff_at)


def material(history: Sequence[Lead], **changes: Any) -> Material:
    """All that a check needs."""
    claimed = fingerprint(history, columns=COLUMNS)
    made = Material(candidate(history), None, claimed, history, leads(30, seed=9, is_open=True), {})
    return replace(made, **changes)


def quiet(done: int, total: int, message: str) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def history() -> list[Lead]:
    return leads(300)


class TestCheck:
    def test_measures_the_recipe_on_later_leads_only(self, history: list[Lead]) -> None:
        found = check(material(history), quiet)

        assert found["period"]["n_train"] == 210
        assert found["measured"]["n"] == 90
        assert found["period"]["test_from"] > history[209].received_at.isoformat()
        assert found["same_data"]
        assert found["most_different"] <= 1e-6

    def test_is_not_moved_by_the_outcome_of_the_tested(self, history: list[Lead]) -> None:
        turned = [replace(lead, won=not lead.won) if i >= 210 else lead for i, lead in enumerate(history)]

        honest, other = check(material(history), quiet), check(material(turned), quiet)

        announced = [[row["announced"] for row in found["calibration"]] for found in (honest, other)]
        assert np.allclose(*announced)  # what was announced of the later leads did not see them
        assert honest["measured"]["auc"] == pytest.approx(1 - other["measured"]["auc"])

    def test_tries_a_live_version_as_it_is_when_it_had_not_seen_the_cases(self, history: list[Lead]) -> None:
        early = candidate(history, version=4, cutoff_at=START + timedelta(days=150))

        found = check(material(history, live=early), quiet)

        assert (found["live"]["version"], found["live"]["by"]) == (4, "artifact")
        assert found["live"]["measured"]["n"] == found["measured"]["n"]

    def test_fits_a_live_version_anew_when_it_had_seen_the_cases(self, history: list[Lead]) -> None:
        found = check(material(history, live=candidate(history, version=4)), quiet)

        assert found["live"]["by"] == "recipe"
        assert found["live"]["measured"] == found["measured"]  # the same recipe on the same past
        assert all(move["live"] == pytest.approx(move["new"]) for move in found["moves"])

    def test_refuses_an_artifact_of_other_knobs(self, history: list[Lead]) -> None:
        other = replace(candidate(history), params=PARAMS | {"regularisation": 40.0})

        with pytest.raises(NotWhatItClaims):
            check(material(history, new=other), quiet)

    def test_refuses_knobs_that_there_are_not(self, history: list[Lead]) -> None:
        with pytest.raises(RecipeNotFollowed):
            check(material(history, new=replace(candidate(history), params={"magic": 1})), quiet)

    def test_refuses_what_is_no_artifact(self, history: list[Lead]) -> None:
        with pytest.raises(ArtifactRefused, match=r"artifact\.skops"):
            check(material(history, new=replace(candidate(history), artifact=b"\x80\x04K\x01.")), quiet)

    def test_refuses_a_past_that_is_too_short(self) -> None:
        with pytest.raises(TooFewCases, match="40 affaires closes"):
            check(material(leads(40)), quiet)


class TestGainCurve:
    def test_starts_at_nothing_and_ends_at_everything(self) -> None:
        curve = gain_curve(np.array([True, False] * 20), np.linspace(0, 1, 40))

        assert curve[0] == {"contacted": 0.0, "caught": 0.0}
        assert curve[-1]["caught"] == pytest.approx(1.0)
        assert all(one["caught"] <= two["caught"] + 1e-9 for one, two in itertools.pairwise(curve))


class TestGuardRails:
    def test_says_which_do_not_hold(self) -> None:
        figures = {"log_loss": 0.6, "ece": 0.2}
        better = {"log_loss": 0.5}
        band = {"announced": 0.9, "observed_low": 0.1, "observed_high": 0.2}

        rails = guard_rails(
            {
                "measured": figures,
                "live": {"measured": better},
                "baselines": {"naive_bayes": better, "base_rate": {"log_loss": 0.7}},
                "calibration": [band],
                "same_data": False,
                "most_different": 0.0,
            }
        )

        assert {rail["name"]: rail["holds"] for rail in rails} == {
            "not_worse_than_live": False,
            "better_than_naive_bayes": False,
            "better_than_base_rate": True,
            "calibrated": False,
            "same_data": False,
            "reproduced": True,
        }
