"""What a cell of a lead file says: nothing, a number, a day or a word."""

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
DayOrder = Literal["day_first", "month_first"]

NON_ANSWERS = frozenset(
    {
        *("", "-", "--", "–", "—", "?", ".", "nan", "nat", "n/a", "na", "n.a.", "null", "none", "<na>", "#n/a"),
        *("select", "please select", "choisir", "à choisir", "sélectionner", "veuillez choisir", "bitte wählen"),
        *("unknown", "inconnu", "inconnue", "unbekannt", "not specified", "non renseigné", "keine angabe", "k.a."),
    }
)
LARGEST = 1e100
_DECORATION = re.compile(r"^(?:chf|fr\.|eur|usd|€|\$)\s*|\s*(?:chf|fr\.|eur|usd|€|\$|%)$|[.,][-–—]+$")
_PLAIN = re.compile(r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$")
_LEADING_ZERO = re.compile(r"^[+-]?0\d")
_ISO_DAY = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:$|[ T])")
_LOCAL_DAY = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:$|[ T])")


def folded(text: str) -> str:
    """Return a cell's text without differences of case, spacing and Unicode form."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def as_texts(column: "pd.Series[object]") -> npt.NDArray[np.object_]:
    """Return each cell as tidy text, None where the person said nothing."""
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    texts = np.empty(len(uniques) + 1, dtype=object)
    texts[: len(uniques)] = [_tidy(value) for value in uniques]
    cells: npt.NDArray[np.object_] = texts[codes]  # code -1 of a missing cell reads the last place, which stays None
    return cells


def _tidy(value: object) -> str | None:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)  # a column of whole numbers with gaps arrives as floats
    text = " ".join(str(value).split())
    return None if folded(text) in NON_ANSWERS else text


def by_unique(texts: npt.NDArray[np.object_], convert: Callable[[str], float]) -> FloatArray:
    """Return `convert` of each text, each distinct text converted once; NaN for None. Shape (n,)."""
    codes, uniques = pd.factorize(texts, use_na_sentinel=True)
    converted = np.full(len(uniques) + 1, np.nan)
    converted[: len(uniques)] = [convert(str(text)) for text in uniques]
    values: FloatArray = converted[codes]
    return values


def number_of(text: str) -> float:
    """Return the number a person wrote, in Swiss, French or plain form; NaN if it is none.

    `1'234.50`, `1 234,50`, `CHF 1'234.–`, `12,5 %` and `-3e5` are numbers; `0041` is a code and no number.
    """
    bare = _DECORATION.sub("", _DECORATION.sub("", text.strip().casefold()))
    bare = bare.replace("'", "").replace("’", "").replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if "," in bare:
        decimal = "," if bare.rfind(",") > bare.rfind(".") and bare.count(",") == 1 else "."
        bare = bare.replace("." if decimal == "," else ",", "").replace(",", ".")
    if not _PLAIN.match(bare) or _LEADING_ZERO.match(bare):
        return np.nan
    return float(bare)


def day_order(texts: npt.NDArray[np.object_]) -> DayOrder:
    """Return how a column writes its days: month first only where a second part above 12 shows it."""
    parts = [match.groups() for text in pd.unique(texts) if text is not None and (match := _LOCAL_DAY.match(text))]
    month_first = any(int(second) > 12 for _, second, _ in parts) and not any(int(first) > 12 for first, _, _ in parts)
    return "month_first" if month_first else "day_first"


def day_of(text: str, order: DayOrder) -> float:
    """Return days since 1970-01-01 of a written day, NaN if it is none."""
    if match := _ISO_DAY.match(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _LOCAL_DAY.match(text):
        first, second, year = (int(part) for part in match.groups())
        day, month = (first, second) if order == "day_first" else (second, first)
        year += 2000 if year < 70 else 1900 if year < 100 else 0
    else:
        return np.nan
    try:
        return float(np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D").astype(np.int64))
    except ValueError:
        return np.nan


def column_numbers(column: "pd.Series[object]") -> FloatArray:
    """Return a column's numbers, NaN where a cell holds none. Shape (n,)."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return finite(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return finite(by_unique(as_texts(column), number_of))


def column_days(column: "pd.Series[object]", order: DayOrder) -> FloatArray:
    """Return a column's days since 1970-01-01 (fractions for a time of day), NaN where a cell holds none."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        stamps = pd.to_datetime(column, utc=True).dt.tz_localize(None)
        seconds: FloatArray = (stamps - pd.Timestamp("1970-01-01")).dt.total_seconds().to_numpy(dtype=np.float64)
        return seconds / 86_400
    return by_unique(as_texts(column), lambda text: day_of(text, order))


def finite(values: FloatArray) -> FloatArray:
    """Return the values with infinities, and what no lead can mean, as NaN."""
    return np.where(np.abs(values) < LARGEST, values, np.nan)
