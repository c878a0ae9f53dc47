"""What a column of leads is: recognised once on past leads, then read the same way for ever."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from workspace.models.lead_score.values import (
    DayOrder,
    FloatArray,
    as_texts,
    by_unique,
    column_days,
    column_numbers,
    day_of,
    day_order,
    folded,
    number_of,
)

FieldKind = Literal["number", "category", "day", "month", "weekday", "presence"]
IntArray = npt.NDArray[np.int64]

MISSING, OTHER, FIRST_LEVEL = 0, 1, 2  # the codes that every field shares
MOST_LEVELS = 40
MOST_BINS = 64
ROWS_PER_BIN = 60  # a bin of fewer past leads tells nothing
FEWEST_IN_LEVEL = 5
READABLE_SHARE = 0.95  # of the answers that must be numbers (or days) for the column to be one
UNIQUE_SHARE = 0.95  # of distinct answers from which a column names its row instead of describing it
_NAMES_A_ROW = re.compile(
    r"(?:^|[^a-z])(?:id|uuid|guid|key|no|nr|num|number|numero|numéro|ref|reference|référence|seq)$"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Field:
    """One thing the score looks at, taken from one column.

    Attributes:
        column: the column of the lead file that it reads.
        name: the column, with the part after a dot when one column gives several fields.
        levels: folded answers, of code 2 onwards (categories); labels: as people wrote them.
        edges: inner borders of the bins of a number, of code 2 onwards.
        centre, scale, low, high: the number's straight-line part is (clip(x, low, high) - centre) / scale.
    """

    column: str
    name: str
    kind: FieldKind
    levels: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    centre: float = 0.0
    scale: float = 1.0
    low: float = 0.0
    high: float = 0.0
    order: DayOrder = "day_first"

    @property
    def has_line(self) -> bool:
        """Test if the field has a straight-line part beside its bins."""
        return self.kind in ("number", "day")

    @property
    def width(self) -> int:
        """Return how many codes the field may take, the two shared ones included."""
        return FIRST_LEVEL + (len(self.edges) + 1 if self.has_line else len(self.levels))


def recognise(column: "pd.Series[object]", name: str) -> list[Field]:
    """Return the fields that a column of past leads gives: none for constants and row names, several for dates."""
    answers = column.dropna()
    if len(answers) == 0:
        return []
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _day_fields(column_days(column, "day_first"), name, "day_first")
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return _number_fields(column_numbers(column), name)
    texts = as_texts(answers)
    given = texts[[text is not None for text in texts]]
    if len(given) == 0:
        return []
    if np.isfinite(by_unique(given, number_of)).mean() >= READABLE_SHARE:
        return _number_fields(column_numbers(column), name)
    order = day_order(given)
    if np.isfinite(by_unique(given, lambda text: day_of(text, order))).mean() >= READABLE_SHARE:
        return _day_fields(column_days(column, order), name, order)
    return _category_fields(as_texts(column), name)


def _number_fields(values: FloatArray, name: str) -> list[Field]:
    known = values[np.isfinite(values)]
    if _names_its_row(known, name) or len(np.unique(known)) < 2:
        return _presence_fields(np.isfinite(values), name)
    return [_binned(known, name=name, column=name, kind="number")]


def _binned(known: FloatArray, *, name: str, column: str, kind: FieldKind, order: DayOrder = "day_first") -> Field:
    distinct = np.unique(known)
    bins = int(np.clip(len(known) // ROWS_PER_BIN, 4, MOST_BINS))
    if len(distinct) <= bins:
        edges = (distinct[1:] + distinct[:-1]) / 2
    else:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1], method="closest_observation"))
    low, high = np.quantile(known, [0.002, 0.998])
    if low == high:
        low, high = distinct[0], distinct[-1]
    inside = np.clip(known, low, high)
    return Field(
        column=column,
        name=name,
        kind=kind,
        order=order,
        edges=tuple(float(edge) for edge in edges),
        centre=float(inside.mean()),
        scale=float(inside.std()) or 1.0,
        low=float(low - (high - low) / 2),  # a line may be followed a little beyond what was seen, and no further
        high=float(high + (high - low) / 2),
    )


def _names_its_row(known: FloatArray, name: str) -> bool:
    """Test if whole numbers, all different, count the rows: named like a number of a record, in order, or dense."""
    if len(known) < 20 or len(np.unique(known)) < UNIQUE_SHARE * len(known) or not np.all(known == np.floor(known)):
        return False
    steps = np.diff(known)
    in_order = bool(np.all(steps > 0) or np.all(steps < 0))
    is_dense = float(known.max() - known.min()) < 3 * len(known)
    return in_order or is_dense or _NAMES_A_ROW.search(folded(name)) is not None


def _day_fields(days: FloatArray, name: str, order: DayOrder) -> list[Field]:
    known = days[np.isfinite(days)]
    if len(np.unique(known)) < 2:
        return _presence_fields(np.isfinite(days), name)
    months, weekdays = calendar_codes(known)
    fields = [_binned(known, name=name, column=name, kind="day", order=order)]
    if len(np.unique(months)) > 1:
        labels = tuple(f"{month:02d}" for month in range(1, 13))
        fields.append(Field(name, f"{name}.month", "month", levels=labels, labels=labels, order=order))
    if len(np.unique(weekdays)) > 1:
        fields.append(Field(name, f"{name}.weekday", "weekday", levels=_WEEKDAYS, labels=_WEEKDAYS, order=order))
    return fields


def calendar_codes(days: FloatArray) -> tuple[IntArray, IntArray]:
    """Return month (0 = January) and weekday (0 = Monday) of finite days since 1970-01-01."""
    whole = np.floor(days).astype(np.int64)
    months = whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    return months, (whole + 3) % 7


def _category_fields(texts: npt.NDArray[np.object_], name: str) -> list[Field]:
    given = pd.Series([text for text in texts if text is not None], dtype=object)
    counts = given.map(folded).value_counts()
    if len(counts) >= UNIQUE_SHARE * len(given) and len(given) >= 20:
        return _presence_fields(np.array([text is not None for text in texts]), name)
    frequent = counts[counts >= min(FEWEST_IN_LEVEL, max(2, len(given) // 20))].head(MOST_LEVELS)
    levels = tuple(sorted(str(level) for level in frequent.index))
    if len(levels) + (len(given) < len(texts)) + (len(frequent) < len(counts)) < 2:
        return []
    spelling = given.groupby(given.map(folded)).agg(lambda same: str(same.mode().iloc[0]))
    return [Field(name, name, "category", levels=levels, labels=tuple(str(spelling[level]) for level in levels))]


def _presence_fields(present: npt.NDArray[np.bool_], name: str) -> list[Field]:
    if not 0.02 <= present.mean() <= 0.98:
        return []
    return [Field(name, name, "presence", levels=("present",), labels=("present",))]
