"""Fields of any file of leads become features; the same way in training and in serving."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

from tests.workspace.models.lead_score.make_leads import make_leads
from workspace.models.lead_score.features import LeadFeatures

CELLS = st.one_of(
    st.none(), st.text(max_size=6), st.floats(), st.integers(-9, 9), st.booleans(), st.datetimes(), st.just("Select")
)


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    return {field.name: field.kind for field in LeadFeatures().fit(frame).fields_}


def checks() -> Iterator[Any]:
    """Yield scikit-learn's checks but the one of array libraries: a table of leads is a pandas frame."""
    for estimator, check in estimator_checks_generator(LeadFeatures()):
        if check.func.__name__ != "check_array_api_input":
            yield pytest.param(estimator, check, id=check.func.__name__)


class TestLeadFeatures:
    @pytest.mark.parametrize(("estimator", "check"), list(checks()))
    def test_passes_the_checks_of_scikit_learn(self, estimator, check):
        check(estimator)

    def test_recognises_what_each_column_is(self):
        frame, _, _ = make_leads(300)

        found = kinds(frame)

        assert found == {
            "Source": "category",
            "Canton": "category",
            "Montant": "number",
            "Âge": "number",
            "Reçu le": "day",
            "Reçu le.month": "month",
            "Reçu le.weekday": "weekday",
        }

    def test_drops_numbers_that_only_name_their_row(self):
        frame = pd.DataFrame({"Lead Number": np.random.default_rng(0).permutation(5000)[:200], "n": np.arange(200) % 7})

        assert kinds(frame) == {"n": "number"}

    def test_keeps_whether_a_free_text_was_filled_in(self):
        texts = [f"remarque {place}" if place % 3 else None for place in range(90)]

        assert kinds(pd.DataFrame({"Remarque": texts})) == {"Remarque": "presence"}

    def test_gathers_rare_answers_of_many(self):
        cities = ["Lausanne"] * 50 + ["Genève"] * 30 + [f"Village {place}" for place in range(20)]
        features = LeadFeatures().fit(pd.DataFrame({"Ville": cities}))

        codes = features.transform(pd.DataFrame({"Ville": ["lausanne ", "Village 3", "Nulle part", None]}))[:, 0]

        assert features.fields_[0].labels == ("Genève", "Lausanne")
        assert list(codes) == [3, 1, 1, 0]

    def test_never_looks_at_excluded_columns(self):
        frame, _, _ = make_leads(100)

        features = LeadFeatures(("Source",)).fit(frame)

        assert "Source" not in [field.column for field in features.fields_]

    def test_counts_a_missing_column_as_unanswered(self):
        frame, _, _ = make_leads(100)
        features = LeadFeatures().fit(frame)

        without = features.transform(frame.drop(columns="Source"))
        emptied = features.transform(frame.assign(Source=None))

        np.testing.assert_array_equal(without, emptied)

    def test_reads_a_lead_alone_as_among_others(self):
        frame, _, _ = make_leads(200)
        features = LeadFeatures().fit(frame)

        together = features.transform(frame)
        alone = np.vstack([features.transform(frame.iloc[[place]]) for place in range(20)])

        np.testing.assert_array_equal(together[:20], alone)

    def test_forgets_what_it_knew_when_fitted_again(self):
        frame, _, _ = make_leads(100)
        features = clone(LeadFeatures()).fit(frame)

        features.fit(frame[["Source"]])

        assert [field.name for field in features.fields_] == ["Source"]

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=40), st.lists(st.tuples(CELLS, CELLS), max_size=10))
    def test_reads_whatever_a_cell_holds(self, past, coming):
        columns = ["a", "b"]
        features = LeadFeatures().fit(pd.DataFrame(past, columns=columns, dtype=object))

        matrix = features.transform(pd.DataFrame(coming, columns=columns, dtype=object))

        widths = np.array([field.width for field in features.fields_])
        assert np.isfinite(matrix).all()
        assert (matrix[:, 0::2] >= 0).all()
        assert (matrix[:, 0::2] < widths).all()
