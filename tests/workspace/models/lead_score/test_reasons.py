import numpy as np
import pytest

from tests.workspace.models.lead_score.make_leads import make_leads
from workspace.models.lead_score.estimator import Knobs, fit
from workspace.models.lead_score.reasons import Reason, reason_sentence, reasons_of


class TestContributions:
    def test_sum_to_what_is_announced_above_the_base_rate(self, score, new_leads):
        parts = score.contributions(new_leads)

        announced = score.score(new_leads)["probability"] - score.base_rate
        np.testing.assert_allclose(parts.sum(axis=1), announced, atol=1e-9)

    @pytest.mark.parametrize("cases", [0, 5, 60])
    def test_sum_on_the_lower_rungs_too(self, cases, new_leads):
        frame, outcome, _ = make_leads(max(cases, 1))
        score = fit(frame[:cases], outcome[:cases], knobs=Knobs(), seed=0)

        parts = score.contributions(new_leads)

        announced = score.score(new_leads)["probability"] - score.base_rate
        np.testing.assert_allclose(parts.sum(axis=1), announced, atol=1e-9)

    def test_sum_where_the_past_drifts(self, new_leads):
        frame, outcome, _ = make_leads(1200, drift=2.0)
        order = outcome.reset_index(drop=True).index.to_series().set_axis(frame.index)
        score = fit(frame, outcome, knobs=Knobs(), seed=0, known_at=order)

        parts = score.contributions(new_leads)

        announced = score.score(new_leads)["probability"] - score.base_rate
        np.testing.assert_allclose(parts.sum(axis=1), announced, atol=1e-9)

    def test_have_the_sign_of_the_true_effect(self, score, new_leads):
        parts = score.contributions(new_leads)["Source"]

        assert (parts[new_leads["Source"] == "Recommandation"] > 0).all()
        assert (parts[new_leads["Source"] == "Annuaire"] < 0).all()


class TestReasons:
    def test_are_at_most_three_each_way_the_strongest_first(self, score, new_leads):
        table = score.reasons(new_leads, top=3)

        sizes = table.groupby(["lead_id", "direction"]).size()
        assert sizes.max() <= 3
        assert (table.loc[table["direction"] == "for", "points"] > 0).all()
        assert (table.loc[table["direction"] == "against", "points"] < 0).all()
        for _, same in table.groupby(["lead_id", "direction"]):
            assert same["points"].abs().is_monotonic_decreasing

    def test_quote_the_past_cases_with_the_same_answer(self, score, new_leads):
        frame, outcome, _ = make_leads(1500)
        table = score.reasons(new_leads)

        row = table[(table["field"] == "Source") & (table["value"] == "Recommandation")].iloc[0]

        same = outcome[frame["Source"] == "Recommandation"]
        assert row["n_cases"] == len(same)
        assert row["rate"] == pytest.approx(same.mean())
        assert row["average_rate"] == pytest.approx(outcome.mean())

    def test_come_in_the_order_of_the_leads(self, score, new_leads):
        table = score.reasons(new_leads)

        assert list(dict.fromkeys(table["lead_id"])) == [
            each for each in new_leads.index if each in set(table["lead_id"])
        ]

    def test_become_sentences(self, score, new_leads):
        sentences = [reason_sentence(reason, "fr") for reason in reasons_of(score.reasons(new_leads.head(5)))]

        assert sentences
        assert all(" – " in sentence and sentence.endswith(" points)") for sentence in sentences)


class TestReasonSentence:
    def test_says_it_in_french(self):
        reason = Reason("Source", "Salon", 0.06, 0.41, 212, 0.28)

        assert (
            reason_sentence(reason, "fr")
            == "Source : Salon – 41 % ont signé contre 28 % en moyenne, 212 cas (+6,0 points)"
        )

    def test_says_it_in_english(self):
        reason = Reason("Source", None, -0.061, 0.1, 1212, 0.28)

        assert (
            reason_sentence(reason, "en")
            == "Source: no answer – 10% signed against 28% on average, 1'212 cases (−6.1 points)"
        )

    def test_quotes_no_rate_that_points_the_other_way(self):
        reason = Reason("Source", "Salon", -0.02, 0.41, 212, 0.28)

        assert reason_sentence(reason, "fr") == "Source : Salon – à autres réponses égales (−2,0 points)"

    def test_quotes_no_rate_of_a_handful(self):
        assert "cas" not in reason_sentence(Reason("Ville", "Bulle", 0.02, 1.0, 2, 0.28), "fr")
