import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workspace.evaluation import (
    calibration_table,
    compare,
    evaluate_by_time,
    evaluate_random,
    expected_value,
    lift,
    metrics,
    refit_run,
    wilson_interval,
)


class TestMetrics:
    def test_are_those_of_a_hand_calculation(self):
        found = metrics([True, False, False, True], [0.9, 0.2, 0.4, 0.3])

        assert found.n == 4
        assert found.base_rate == 0.5
        assert found.auc == 0.75
        assert found.log_loss == pytest.approx(-np.mean(np.log([0.9, 0.8, 0.6, 0.3])))
        assert found.brier == pytest.approx((0.01 + 0.04 + 0.16 + 0.49) / 4)
        assert found.lift_10 == 2.0

    def test_do_not_invent_an_auc_for_one_outcome(self):
        found = metrics([False, False], [0.1, 0.2])

        assert found.auc is None
        assert found.lift_10 is None
        assert found.as_dict()["log_loss"] > 0

    def test_refuse_what_does_not_match(self):
        with pytest.raises(ValueError, match="As many outcomes"):
            metrics([True], [0.1, 0.2])

    def test_see_no_gap_where_announced_is_observed(self):
        outcome = np.tile([True] + [False] * 4, 200)

        assert metrics(outcome, np.full(1000, 0.2)).ece == pytest.approx(0.0, abs=1e-9)
        assert metrics(outcome, np.full(1000, 0.5)).ece == pytest.approx(0.3)


class TestCalibrationTable:
    def test_has_ten_bins_of_equal_counts(self):
        random = np.random.default_rng(0)
        chance = random.random(1005)

        table = calibration_table(random.random(1005) < chance, chance)

        assert list(table["n"]) == [101] * 5 + [100] * 5
        assert table["announced"].is_monotonic_increasing
        assert ((table["observed_low"] <= table["observed"]) & (table["observed"] <= table["observed_high"])).all()


class TestLift:
    def test_lets_ties_share_their_place(self):
        assert lift([True, False] * 50, np.full(100, 0.3), share=0.1) == pytest.approx(1.0)

    def test_is_largest_for_a_perfect_score(self):
        outcome = np.arange(100) < 10

        assert lift(outcome, outcome.astype(float), share=0.1) == pytest.approx(10.0)


class TestWilsonInterval:
    def test_agrees_with_a_published_value(self):
        low, high = wilson_interval(15, 148)  # Newcombe, Statistics in Medicine 17, 1998, table I

        assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)

    def test_knows_nothing_without_cases(self):
        assert wilson_interval(0, 0) == (0.0, 1.0)


class TestExpectedValue:
    def test_contacts_those_who_are_worth_it(self):
        found = expected_value([True, False, False], [0.6, 0.3, 0.1], gain_if_won=100.0, cost_of_contact=20.0)

        assert found == {"score": 60.0, "everybody": 40.0, "nobody": 0.0, "perfect": 80.0}


def leads(count: int) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    frame = pd.DataFrame({"x": np.arange(count)}, index=[f"lead-{place}" for place in range(count)])
    return frame, pd.Series(np.arange(count) % 3 == 0, index=frame.index)


def constant(frame, won):
    return lambda coming: np.full(len(coming), max(0.01, won.mean()))


class TestEvaluateByTime:
    def test_tests_on_the_latest_whatever_the_order_of_rows(self):
        frame, outcome = leads(100)
        shuffled = np.random.default_rng(0).permutation(100)
        seen = []

        def fit(past, won):
            seen.extend(past["x"])
            return constant(past, won)

        found = evaluate_by_time(
            frame.iloc[shuffled],
            outcome.iloc[shuffled],
            frame["x"].iloc[shuffled],
            fit=fit,
            baseline=constant,
            test_share=0.3,
        )

        assert seen == list(range(70))
        assert list(found.predictions.index) == list(frame.index[70:])
        assert found.n_train == 70
        assert found.metrics == found.baseline


class TestEvaluateRandom:
    def test_tests_on_what_was_not_fitted(self):
        frame, outcome = leads(100)
        seen: set[int] = set()

        def fit(past, won):
            seen.update(past["x"])
            return constant(past, won)

        found = evaluate_random(frame, outcome, fit=fit, baseline=constant, test_share=0.25, seed=3)

        assert len(found.predictions) == 25
        assert not seen & set(frame.loc[found.predictions.index, "x"])


class TestRefitRun:
    @settings(deadline=None)
    @given(
        count=st.integers(40, 120), every=st.integers(1, 50), delay=st.integers(0, 15), changed=st.integers(0, 10_000)
    )
    def test_scores_nobody_from_the_future(self, count, every, delay, changed):
        frame, outcome = leads(count)
        calls = []

        def fit(past, won):
            def scored(coming):
                calls.append((past["x"].max(), list(coming["x"])))
                return np.full(len(coming), 0.001 + 0.998 * (won.mean() + len(won) / 1000) / 2)

            return scored

        def run(labels):
            return refit_run(frame, labels, fit=fit, baseline=constant, test_share=0.5, every=every, delay=delay)

        before = run(outcome)
        for latest, scored in calls:
            assert latest < scored[0] - delay
            assert len(scored) <= every
        place = changed % count
        altered = outcome.copy()
        altered.iloc[place:] = ~altered.iloc[place:]
        earlier = frame["x"].loc[before.predictions.index] <= place

        after = run(altered)

        same = before.predictions.loc[earlier, "probability"] == after.predictions.loc[earlier, "probability"]
        assert same.all()

    def test_covers_the_test_once_in_order(self):
        frame, outcome = leads(101)

        found = refit_run(frame, outcome, fit=constant, baseline=constant, test_share=0.3, every=7, delay=5)

        assert list(found.predictions.index) == list(frame.index[71:])


class TestCompare:
    def test_judges_both_on_the_same_cases_and_names_those_that_move_most(self):
        frame, outcome = leads(60)

        def live(each):
            return np.full(len(each), 0.3)

        def new(each):
            return np.where(each["x"] % 3 == 0, 0.8, 0.2)

        found = compare(new, live, frame, outcome, most=20)

        assert found.new.auc == 1.0
        assert found.live.auc == 0.5
        assert found.first_tenth_new == pytest.approx(1.0)
        assert found.first_tenth_live == pytest.approx(1 / 3)
        assert len(found.moves) == 20
        assert found.moves["change"].to_numpy() == pytest.approx(np.full(20, 0.5))
