"""What the score is measured against: the base rate, and the naive Bayes of field frequencies that Odoo uses."""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin

from workspace.models.lead_score.features import LeadFeatures, LeadFrame
from workspace.models.lead_score.values import FloatArray, folded

ODOO_PSEUDO_COUNT = 0.1


class FieldFrequencies(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Score leads as Odoo does: multiply, for each answered field, how frequent its answer was among won and lost.

    Each answer counts 0.1 more than it was seen; unanswered fields and answers never seen are passed over. Words only,
    as in Odoo; where a file has no words its numbers enter as their bins.

    Source: Odoo 17, addons/crm/models/crm_lead.py, `_pls_get_naive_bayes_probabilities`.
    """

    def __init__(self, excluded: tuple[str, ...] = (), *, with_numbers: bool = False) -> None:
        self.excluded = excluded
        self.with_numbers = with_numbers

    def fit(self, frame: LeadFrame, y: npt.NDArray[np.bool_]) -> Self:
        """Count the answers of each field among won and lost leads."""
        won = np.asarray(y).astype(bool)
        self.classes_ = np.array([False, True])
        self.features_ = LeadFeatures(self.excluded).fit(frame)
        words = [field.column for field in self.features_.fields_ if field.kind == "category"]
        self.words_ = words
        self.numbers_ = (
            [place for place, field in enumerate(self.features_.fields_) if field.has_line]
            if self.with_numbers or not words
            else []
        )
        self.start_ = float(np.log((won.sum() + ODOO_PSEUDO_COUNT) / ((~won).sum() + ODOO_PSEUDO_COUNT)))
        self.effects_ = {name: _effects(answers, won) for name, answers in self._answers(frame).items()}
        return self

    def predict_proba(self, frame: LeadFrame) -> FloatArray:
        """Return the probabilities of lost and won, shape (n, 2)."""
        log_odds = np.full(len(frame), self.start_)
        for name, answers in self._answers(frame).items():
            log_odds += pd.Series(answers, dtype=object).map(self.effects_[name]).fillna(0.0).to_numpy(dtype=np.float64)
        won = expit(log_odds)
        return np.column_stack([1 - won, won])

    def _answers(self, frame: LeadFrame) -> dict[str, npt.NDArray[np.object_]]:
        answers = {name: _folded_answers(frame[name]) for name in self.words_}
        if self.numbers_:
            matrix = self.features_.transform(frame)
            for place in self.numbers_:
                codes = matrix[:, 2 * place]
                answers[self.features_.fields_[place].name] = np.array([code or None for code in codes], dtype=object)
        return answers


def _folded_answers(column: "pd.Series[object]") -> npt.NDArray[np.object_]:
    """Return the answers as Odoo sees them: `unknown` is an answer, only an empty cell is none."""
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    texts = np.empty(len(uniques) + 1, dtype=object)
    texts[: len(uniques)] = [folded(str(cell)) or None for cell in uniques]
    answers: npt.NDArray[np.object_] = texts[codes]
    return answers


def _effects(answers: npt.NDArray[np.object_], won: npt.NDArray[np.bool_]) -> dict[object, float]:
    """Return for each answer the log of its frequency among won over that among lost."""
    counts = pd.DataFrame({"answer": answers, "won": won}).dropna().groupby("answer")["won"].agg(["sum", "count"])
    won_counts = counts["sum"] + ODOO_PSEUDO_COUNT
    lost_counts = counts["count"] - counts["sum"] + ODOO_PSEUDO_COUNT
    ratio = np.log(won_counts / won_counts.sum()) - np.log(lost_counts / lost_counts.sum())
    return {answer: float(value) for answer, value in ratio.items()}
