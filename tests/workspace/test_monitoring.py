import pandas as pd
import pytest

from workspace.monitoring import by_month, hit_rates, known_later

MARCH = pd.Timestamp("2026-03-10T08:00Z")


def predictions(probabilities: list[float], at: pd.Timestamp = MARCH) -> pd.DataFrame:
    leads = [f"lead-{place}" for place in range(len(probabilities))]
    return pd.DataFrame({"lead_id": leads, "probability": probabilities, "predicted_at": at})


def outcomes(won: list[bool], at: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame({"lead_id": [f"lead-{place}" for place in range(len(won))], "won": won, "known_at": at})


class TestKnownLater:
    def test_leaves_out_predictions_of_what_was_known(self):
        found = known_later(predictions([0.2, 0.4]), outcomes([True, False], at=MARCH))

        assert len(found) == 0

    def test_takes_the_latest_outcome_of_a_lead(self):
        first, second = (outcomes([won], at=MARCH + pd.Timedelta(days=days)) for won, days in ((False, 1), (True, 9)))

        found = known_later(predictions([0.2]), pd.concat([second, first]))

        assert list(found["won"]) == [True]


class TestHitRates:
    def test_says_per_band_how_many_signed(self):
        announced = [0.05] * 40 + [0.65] * 20 + [1.0]
        signed = [True] * 2 + [False] * 38 + [True] * 4 + [False] * 16 + [True]

        table = hit_rates(predictions(announced), outcomes(signed, at=MARCH + pd.Timedelta(days=30)))

        assert list(table.index) == [0, 6, 9]
        assert list(table["n"]) == [40, 20, 1]
        assert list(table["won"]) == [2, 4, 1]
        assert table.loc[6, "rate"] == pytest.approx(0.2)
        assert table.loc[0, "as_announced"]
        assert not table.loc[6, "as_announced"]

    def test_is_empty_without_outcomes(self):
        assert len(hit_rates(predictions([0.5]), outcomes([], at=MARCH))) == 0


class TestByMonth:
    def test_measures_each_month_by_itself(self):
        april = MARCH + pd.Timedelta(days=30)
        made = pd.concat([predictions([0.1, 0.9]), predictions([0.9, 0.1], at=april)])

        found = by_month(made, outcomes([False, True], at=april + pd.Timedelta(days=5)))

        assert list(found) == ["2026-03", "2026-04"]
        assert found["2026-03"].auc == 1.0
        assert found["2026-04"].auc == 0.0
