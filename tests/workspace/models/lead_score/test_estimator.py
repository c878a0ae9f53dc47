import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from tests.workspace.models.lead_score.make_leads import make_leads
from workspace.evaluation import metrics
from workspace.models.lead_score.choosing import Horizon, windows
from workspace.models.lead_score.estimator import Knobs, fit

READ_ONLY = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TestFit:
    def test_comes_near_the_true_chances(self, score):
        frame, outcome, chance = make_leads(3000, seed=7)

        probability = score.score(frame)["probability"]

        assert roc_auc_score(outcome, probability) > roc_auc_score(outcome, chance) - 0.04
        assert metrics(outcome, probability).ece < 0.04

    def test_gives_the_same_score_for_the_same_seed(self, score, new_leads):
        frame, outcome, _ = make_leads(1500)

        again = fit(frame, outcome, knobs=Knobs(), seed=0)

        pd.testing.assert_frame_equal(again.score(new_leads), score.score(new_leads), check_exact=True)

    def test_follows_a_level_that_moves(self):
        frame, outcome, _ = make_leads(3000, drift=2.5)
        coming, won = frame[2400:], outcome[2400:]
        order = pd.Series(np.arange(2400), index=frame.index[:2400])

        by_time = fit(frame[:2400], outcome[:2400], knobs=Knobs(), seed=0, known_at=order)
        shuffled = fit(frame[:2400], outcome[:2400], knobs=Knobs(excluded_columns=("Reçu le",)), seed=0)

        moved, stayed = (metrics(won, each.score(coming)["probability"]).log_loss for each in (by_time, shuffled))
        assert moved < stayed

    def test_leaves_excluded_columns_out(self):
        frame, outcome, _ = make_leads(400)

        score = fit(frame, outcome, knobs=Knobs(excluded_columns=("Source", "Reçu le")), seed=0)

        assert [column.name for column in score.input_columns] == ["Canton", "Montant", "Âge"]

    def test_stays_with_a_rate_where_no_field_tells_anything(self):
        random = np.random.default_rng(3)
        frame = pd.DataFrame({"a": random.choice(list("xyz"), 600), "b": random.random(600)})

        score = fit(frame, pd.Series(random.random(600) < 0.3), knobs=Knobs(), seed=0)

        assert set(score.score(frame)["rung"]) == {"segment"}
        assert score.score(frame)["abstained"].all()

    def test_can_do_without_boosted_trees(self, new_leads):
        frame, outcome, _ = make_leads(600)

        score = fit(frame, outcome, knobs=Knobs(boosted_trees=False), seed=0)

        assert score.additive.tables_.pairs == ()
        assert score.score(new_leads)["probability"].between(0, 1, inclusive="neither").all()

    def test_takes_a_file_without_a_single_useful_column(self):
        frame = pd.DataFrame({"Pays": ["CH"] * 300})

        score = fit(frame, pd.Series(np.arange(300) % 3 == 0), knobs=Knobs(), seed=0)

        assert score.score(frame)["probability"].iloc[0] == 101 / 304
        assert len(score.reasons(frame)) == 0


class TestScore:
    @READ_ONLY
    @given(data=st.data())
    def test_is_between_nought_and_one_whatever_the_cells(self, score, data):
        cells = st.one_of(
            st.none(), st.text(max_size=8), st.floats(), st.sampled_from(["Salon", "1'000.50", "01.02.2025"])
        )
        rows = data.draw(
            st.lists(st.fixed_dictionaries({"Source": cells, "Montant": cells, "Reçu le": cells}), min_size=1)
        )

        table = score.score(pd.DataFrame(rows, dtype=object))

        assert table["probability"].between(0.005, 0.995).all()
        assert table[["low", "high"]].notna().all().all()

    @READ_ONLY
    @given(seed=st.integers(0, 1000))
    def test_does_not_depend_on_the_order_of_rows(self, score, new_leads, seed):
        order = np.random.default_rng(seed).permutation(len(new_leads))

        shuffled = score.score(new_leads.iloc[order])

        pd.testing.assert_frame_equal(shuffled.loc[new_leads.index], score.score(new_leads), check_exact=True)

    def test_abstains_for_a_lead_unlike_any_before(self, score):
        strange = pd.DataFrame({"Source": ["Pigeon voyageur"], "Canton": ["TI"]})

        table = score.score(strange)

        assert table["abstained"].all()
        assert table["rung"].iloc[0] == "segment"
        assert table["bin"].iloc[0] == -1

    def test_takes_no_lead_at_all(self, score, new_leads):
        assert len(score.score(new_leads[:0])) == 0
        assert len(score.reasons(new_leads[:0])) == 0


class TestWindows:
    @given(st.integers(50, 30_000), st.integers(1, 20_000), st.integers(0, 5_000))
    def test_never_test_on_what_was_known(self, rows, length, gap):
        for known, start, end in windows(rows, Horizon(length, gap)):
            assert 0 < known <= start < end <= rows

    def test_leave_the_gap_of_outcomes_not_known_yet(self):
        assert {start - known for known, start, _ in windows(20_000, Horizon(500, gap=1000))} == {1000}
