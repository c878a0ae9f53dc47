import numpy as np
import pytest

from tests.workspace.models.lead_score.make_leads import make_leads
from workspace.models.lead_score.estimator import Knobs, fit
from workspace.models.lead_score.ladder import fit_bins, fit_segments, rule_rate, rung_of


class TestClimbing:
    """With more closed cases the rung rises, the interval narrows, the Brier score falls."""

    @pytest.fixture(scope="class")
    @classmethod
    def climbed(cls) -> list[dict[str, object]]:
        coming, won, _ = make_leads(2000, seed=99, level=-0.2)
        steps = []
        for cases in (0, 5, 50, 500):
            briers, widths, rungs = [], [], set()
            for seed in range(5):
                frame, outcome, _ = make_leads(max(cases, 1), seed=seed, level=-0.2)
                score = fit(frame[:cases], outcome[:cases], knobs=Knobs(), seed=0)
                table = score.score(coming)
                briers.append(np.mean((table["probability"] - won) ** 2))
                widths.append((table["high"] - table["low"]).mean())
                rungs |= set(table["rung"])
                assert table["probability"].between(0.005, 0.995).all()
            steps.append({"brier": np.mean(briers), "width": np.mean(widths), "rungs": rungs})
        return steps

    def test_rises_from_rule_to_segment_to_model(self, climbed):
        assert [step["rungs"] for step in climbed] == [{"rule"}, {"rule"}, {"segment"}, {"model"}]

    def test_is_ever_surer(self, climbed):
        widths = [step["width"] for step in climbed]

        assert widths == sorted(widths, reverse=True)
        assert widths[0] > 0.6
        assert widths[-1] < 0.25

    def test_is_ever_closer(self, climbed):
        briers = [step["brier"] for step in climbed]

        assert briers[3] < briers[2] < briers[0]
        assert briers[1] < briers[0] + 0.01


class TestRuleRate:
    def test_never_says_never_nor_always(self):
        assert 0 < rule_rate(0, 5) < rule_rate(1, 5) < rule_rate(5, 5) < 1


class TestRungOf:
    def test_asks_for_enough_of_the_rarer_outcome(self):
        outcome = np.arange(1000) < 19

        assert rung_of(outcome, minimum_cases=150) == "segment"
        assert rung_of(np.arange(1000) < 20, minimum_cases=150) == "model"
        assert rung_of(np.arange(1000) < 400, minimum_cases=2000) == "segment"


class TestFitSegments:
    def test_leans_small_segments_on_the_whole(self):
        codes = np.array([[2]] * 40 + [[3]] * 40 + [[4]] * 2)
        outcome = np.array([True] * 30 + [False] * 10 + [True] * 4 + [False] * 36 + [True] * 2)

        segments = fit_segments(codes, outcome, words=np.array([True]))
        rate, low, high = segments.score(np.array([[2], [3], [4], [0]]))

        assert segments.field == 0
        assert rate[0] == pytest.approx(30 / 40, abs=0.06)
        assert rate[1] == pytest.approx(4 / 40, abs=0.06)
        assert rate[2] < 0.9
        assert (high - low)[2] > (high - low)[0]
        assert (low < rate).all()
        assert (rate < high).all()

    def test_seldom_finds_a_segment_in_noise(self):
        found = 0
        for seed in range(50):
            random = np.random.default_rng(seed)
            codes, outcome = random.integers(2, 6, (60, 3)), random.random(60) < 0.3
            found += fit_segments(codes, outcome, words=np.ones(3, dtype=bool)).field >= 0

        assert found <= 5


class TestInterval:
    def test_covers_the_true_rate_of_similar_cases_about_as_often_as_it_says(self):
        covered, cases = 0, 0
        for seed in range(20):
            random = np.random.default_rng(seed)
            chance = random.beta(1, 4, 2000)
            bins = fit_bins(chance, random.random(2000) < chance)
            places = bins.of(chance)
            true = np.array([chance[places == place].mean() for place in range(len(bins.low))])
            covered += int(((bins.low <= true) & (true <= bins.high)).sum())
            cases += len(true)

        assert 0.92 <= covered / cases <= 0.99

    def test_of_a_fitted_score_holds_later_cases(self, score, new_leads):
        frame, _, chance = make_leads(4000, seed=5)

        table = score.score(frame).assign(chance=chance)
        by_bin = table.groupby("bin").agg(chance=("chance", "mean"), low=("low", "mean"), high=("high", "mean"))

        assert ((by_bin["low"] <= by_bin["chance"]) & (by_bin["chance"] <= by_bin["high"])).mean() >= 0.85

    def test_holds_the_probability_it_belongs_to(self, score, new_leads):
        table = score.score(new_leads)

        assert (table["low"] <= table["probability"]).all()
        assert (table["probability"] <= table["high"]).all()
        assert (table["n_similar_won"] <= table["n_similar"]).all()
