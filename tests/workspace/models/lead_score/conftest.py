"""One fitted score for the tests that only read it."""

import pandas as pd
import pytest

from tests.workspace.models.lead_score.make_leads import make_leads
from workspace.models.lead_score.estimator import Knobs, fit
from workspace.models.lead_score.fitted import FittedScore


@pytest.fixture(scope="session")
def score() -> FittedScore:
    """A score on the model rung, fitted on 1,500 leads."""
    frame, outcome, _ = make_leads(1500)
    return fit(frame, outcome, knobs=Knobs(), seed=0)


@pytest.fixture(scope="session")
def new_leads() -> pd.DataFrame:
    """400 leads that no score has seen."""
    return make_leads(400, seed=1)[0]
