import os
import pickle
import zipfile
from io import BytesIO

import pandas as pd
import pytest
from skops.io import dumps

from workspace.models.lead_score.artifact import TRUSTED_TYPES, UntrustedArtifact, dump, load


class Command:
    def __reduce__(self):
        return os.getenv, ("HOME",)


class TestRoundTrip:
    def test_gives_back_the_very_same_scores_and_reasons(self, score, new_leads):
        again = load(dump(score))

        pd.testing.assert_frame_equal(again.score(new_leads), score.score(new_leads), check_exact=True)
        pd.testing.assert_frame_equal(again.reasons(new_leads), score.reasons(new_leads), check_exact=True)
        assert again.input_columns == score.input_columns

    def test_is_small(self, score):
        assert len(dump(score)) < 200_000


class TestLoad:
    def test_refuses_a_pickle(self, score):
        with pytest.raises(UntrustedArtifact, match="cannot be read"):
            load(pickle.dumps({"model": 1}))

    def test_refuses_a_type_that_is_not_on_the_list(self):
        with pytest.raises(UntrustedArtifact):
            load(dumps({"model": Command()}))

    def test_refuses_something_else_that_is_harmless(self):
        with pytest.raises(UntrustedArtifact, match="no lead score"):
            load(dumps({"model": [1, 2, 3]}))

    def test_refuses_half_a_file(self, score):
        with pytest.raises(UntrustedArtifact):
            load(dump(score)[:-200])

    def test_refuses_a_file_in_which_a_type_was_exchanged(self, score):
        exchanged = BytesIO()
        with zipfile.ZipFile(BytesIO(dump(score))) as source, zipfile.ZipFile(exchanged, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                if name == "schema.json":
                    content = content.replace(b'"Segments"', b'"Popen"').replace(
                        b"workspace.models.lead_score.ladder", b"subprocess"
                    )
                target.writestr(name, content)

        with pytest.raises(UntrustedArtifact, match="subprocess"):
            load(exchanged.getvalue())

    def test_trusts_nothing_but_own_types(self):
        assert all(name.startswith("workspace.models.lead_score.") for name in TRUSTED_TYPES)
