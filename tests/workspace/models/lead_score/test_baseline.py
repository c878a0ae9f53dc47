import numpy as np
import pandas as pd
import pytest

from workspace.models.lead_score.baseline import FieldFrequencies


class TestFieldFrequencies:
    def test_multiplies_frequencies_as_odoo_does(self):
        frame = pd.DataFrame({"Source": ["Salon"] * 6 + ["Site"] * 6})
        won = np.array([True] * 4 + [False] * 2 + [True] * 1 + [False] * 5)

        probability = FieldFrequencies().fit(frame, won).predict_proba(pd.DataFrame({"Source": ["Salon", None]}))[:, 1]

        odds = (5.1 / 7.1) * (4.1 / 5.2) / (2.1 / 7.2)
        assert probability[0] == pytest.approx(odds / (1 + odds))
        assert probability[1] == pytest.approx(5.1 / 12.2)

    def test_is_as_sure_of_a_single_case_as_odoo_is(self):
        frame = pd.DataFrame({"Pays": ["CH"] * 50 + ["FR"] * 50 + ["IT", "IT"]})
        won = np.array([True, False] * 50 + [True, True])

        probability = FieldFrequencies().fit(frame, won).predict_proba(pd.DataFrame({"Pays": ["IT"]}))[0, 1]

        assert probability > 0.9

    def test_takes_numbers_as_bins_where_there_are_no_words(self):
        frame = pd.DataFrame({"n": np.arange(200) % 10})

        baseline = FieldFrequencies().fit(frame, np.arange(200) % 10 > 6)

        assert baseline.predict_proba(pd.DataFrame({"n": [9]}))[0, 1] > 0.9
        assert baseline.predict_proba(pd.DataFrame({"n": [0]}))[0, 1] < 0.1
