"""From leads as they are kept to what the score reads; the one function of training and serving."""

from typing import Self, TypeAlias

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils import Tags

from workspace.models.lead_score.fields import FIRST_LEVEL, MISSING, OTHER, Field, IntArray, calendar_codes, recognise
from workspace.models.lead_score.values import FloatArray, as_texts, column_days, column_numbers, folded

LeadFrame: TypeAlias = pd.DataFrame
"""Input contract: one row per lead, indexed by lead id; raw columns (text, numbers, dates, None) as they were known.

The instant at which each row was known travels beside it (`known_at`) and is used for order and age only, never as a
field. Unknown columns are welcome, missing ones count as unanswered.
"""


class LeadFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Read each column of leads as fields: a code per answer and, for numbers, a straight-line value.

    Parameters:
        excluded: columns never looked at.

    `transform` returns shape (n_leads, 2 * n_fields): at 2j the code of field j (0 unanswered, 1 an answer never or
    seldom seen, 2 onwards its levels or bins), at 2j + 1 its standardised number (0 for words and for no answer).

    Example:
        >>> frame = pd.DataFrame({"source": ["Salon", "Site"] * 10, "amount": ["1'000", "500.50"] * 10})
        >>> LeadFeatures().fit_transform(frame)[:2]
        array([[ 2.,  0.,  3.,  1.],
               [ 3.,  0.,  2., -1.]])
    """

    fields_: list[Field]

    def __init__(self, excluded: tuple[str, ...] = ()) -> None:
        self.excluded = excluded

    def fit(self, frame: LeadFrame, y: object = None) -> Self:
        """Recognise the columns of past leads; the outcome is not looked at."""
        leads = _as_frame(frame)
        if len(leads) == 0 and not isinstance(frame, pd.DataFrame):
            raise ValueError("Found array with 0 sample(s) while a minimum of 1 is required.")
        self.fields_ = []
        for name in leads.columns:
            if name not in self.excluded:
                self.fields_.extend(recognise(leads[name], str(name)))
        self.feature_names_in_ = np.array([str(name) for name in leads.columns], dtype=object)
        self.n_features_in_ = leads.shape[1]
        return self

    def transform(self, frame: LeadFrame) -> FloatArray:
        """Return codes and numbers of each lead, shape (n_leads, 2 * n_fields)."""
        if not hasattr(self, "fields_"):
            raise NotFittedError("These features have not seen any past leads yet; call fit first.")
        leads = _as_frame(frame)
        if not isinstance(frame, pd.DataFrame) and leads.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {leads.shape[1]} features, but LeadFeatures is expecting {self.n_features_in_} features "
                "as input."
            )
        matrix = np.zeros((len(leads), 2 * len(self.fields_)))
        for place, field in enumerate(self.fields_):
            if field.column in leads.columns:
                codes, line = read_field(leads[field.column], field)
                matrix[:, 2 * place], matrix[:, 2 * place + 1] = codes, line
        return matrix

    def __sklearn_tags__(self) -> Tags:
        """Say that unanswered cells and words are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the names of the columns of `transform`."""
        return np.array([name for field in self.fields_ for name in (field.name, f"{field.name}.line")], dtype=object)


def _as_frame(frame: object) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame
    if sp.issparse(frame):
        raise TypeError("Sparse data was passed for X, but a table of leads is required.")
    cells = np.asarray(frame)
    if np.iscomplexobj(cells):
        raise ValueError("Complex data not supported")
    if cells.ndim != 2:
        raise ValueError(f"Expected 2D array, got {cells.ndim}D array instead. Reshape your data.")
    if cells.shape[1] == 0:
        raise ValueError(f"0 feature(s) (shape={cells.shape}) while a minimum of 1 is required.")
    return pd.DataFrame(cells).rename(columns=lambda place: f"x{place}")


def read_field(column: "pd.Series[object]", field: Field) -> tuple[IntArray, FloatArray]:
    """Return code and straight-line value of one field for each lead, shapes (n,) and (n,)."""
    if field.kind == "number":
        return _read_line(column_numbers(column), field)
    if field.kind == "day":
        return _read_line(column_days(column, field.order), field)
    if field.kind in ("month", "weekday"):
        return _read_calendar(column_days(column, field.order), field), np.zeros(len(column))
    texts = as_texts(column)
    if field.kind == "presence":
        codes = np.where([text is not None for text in texts], FIRST_LEVEL, MISSING)
        return codes.astype(np.int64), np.zeros(len(column))
    return _read_levels(texts, field), np.zeros(len(column))


def _read_line(values: FloatArray, field: Field) -> tuple[IntArray, FloatArray]:
    known = np.isfinite(values)
    codes = np.where(known, np.searchsorted(np.array(field.edges), values, side="right") + FIRST_LEVEL, MISSING)
    line = (np.clip(np.where(known, values, field.centre), field.low, field.high) - field.centre) / field.scale
    return codes.astype(np.int64), line


def _read_calendar(days: FloatArray, field: Field) -> IntArray:
    known = np.isfinite(days)
    months, weekdays = calendar_codes(np.where(known, days, 0.0))
    chosen = months if field.kind == "month" else weekdays
    return np.where(known, chosen + FIRST_LEVEL, MISSING).astype(np.int64)


def _read_levels(texts: np.ndarray, field: Field) -> IntArray:
    place = {level: code for code, level in enumerate(field.levels, start=FIRST_LEVEL)}
    codes, uniques = pd.factorize(texts, use_na_sentinel=True)
    known = np.full(len(uniques) + 1, MISSING, dtype=np.int64)
    known[: len(uniques)] = [place.get(folded(str(text)), OTHER) for text in uniques]
    answers: IntArray = known[codes]
    return answers
