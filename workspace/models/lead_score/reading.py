"""A file of leads with a yes-or-no column, read as it comes."""

import csv
import gzip
import io
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from workspace.models.lead_score.values import as_texts, by_unique, column_days, day_of, day_order, folded, number_of

ENCODINGS = ("utf-8-sig", "cp1252")
_YES = frozenset(
    {
        *("yes", "y", "oui", "o", "ja", "j", "sì", "si", "true", "vrai", "wahr", "t", "1"),
        *(
            "won",
            "gagné",
            "gagnée",
            "gagne",
            "gewonnen",
            "converted",
            "converti",
            "convertie",
            "signed",
            "signé",
            "success",
        ),
    }
)
_NO = frozenset(
    {
        *("no", "n", "non", "nein", "false", "faux", "falsch", "f", "0", "-1"),
        *("lost", "perdu", "perdue", "verloren", "not converted", "non converti", "refused", "refusé", "failure"),
    }
)


class UnreadableLeads(Exception):
    """The file cannot serve to measure a score; the message says why in one sentence."""


def read_lead_file(path: Path) -> pd.DataFrame:
    """Return a CSV file's cells as text, `.gz` unpacked, delimiter and encoding recognised.

    Raises:
        UnreadableLeads: no such file, broken compression, no text, no header or rows of unequal length.
    """
    text = _decoded(_content(path), path)
    if not text.strip():
        raise UnreadableLeads(f"The file {path} is empty.")
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=_delimiter(text), dtype=str, keep_default_na=False, skipinitialspace=True
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise UnreadableLeads(f"The file {path} is no table: {error}.") from error
    frame.columns = pd.Index([str(name).strip() for name in frame.columns])
    return frame.reset_index(drop=True)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise UnreadableLeads(f"The file {path} cannot be read: {reason}.") from error


def _decoded(content: bytes, path: Path) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content[:100_000]:
        raise UnreadableLeads(f"The file {path} holds binary data and no text; a CSV file is needed.")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableLeads(f"The text encoding of {path} is neither UTF-8 nor Windows-1252.")


def _delimiter(text: str) -> str:
    header = text.split("\n", 1)[0]
    return max((",", ";", "\t", "|"), key=header.count)


def outcome_of(column: "pd.Series[object]") -> "pd.Series[bool]":
    """Return won (True) and lost (False) of a target column with two different answers, an unanswered one being NaN.

    Yes-like words (yes, oui, 1, True, won, gagné …) mean won; of two numbers the larger does.

    Raises:
        UnreadableLeads: one answer only, more than two, or two that do not say which is won.
    """
    texts = as_texts(column)
    answers = sorted({folded(text) for text in texts if text is not None})
    if len(answers) != 2:
        found = f"{len(answers)} different answers" + (f" ({', '.join(answers[:4])}…)" if len(answers) > 2 else "")
        raise UnreadableLeads(f"The target {column.name} must have exactly two answers, found {found}.")
    won = _won_answer(answers, str(column.name))
    values = [None if text is None else folded(text) == won for text in texts]
    return pd.Series(values, index=column.index, dtype=object, name=column.name)


def _won_answer(answers: list[str], name: str) -> str:
    first, second = answers
    numbers = number_of(first), number_of(second)
    if np.isfinite(numbers).all():
        return first if numbers[0] > numbers[1] else second
    yes = [answer for answer in answers if answer in _YES]
    no = [answer for answer in answers if answer in _NO]
    if len(yes) == 1:
        return yes[0]
    if len(no) == 1:
        return second if no[0] == first else first
    raise UnreadableLeads(f"The target {name} has the answers {first} and {second}; which one means won is not clear.")


def time_order(column: "pd.Series[object]") -> "pd.Series[float]":
    """Return numbers that grow with time: of numbers themselves, of days the days, of other text its alphabet.

    Raises:
        UnreadableLeads: some rows say nothing about their time.
    """
    texts = as_texts(column)
    missing = sum(text is None for text in texts)
    if missing:
        raise UnreadableLeads(f"The time column {column.name} is empty in {missing} rows.")
    numbers = by_unique(texts, number_of)
    if np.isfinite(numbers).all():
        return pd.Series(numbers, index=column.index)
    order = day_order(texts)
    days = by_unique(texts, lambda text: day_of(text, order))
    if not np.isfinite(days).all():
        raise UnreadableLeads(f"The time column {column.name} holds neither numbers nor days in some rows.")
    iso = all(text[:4].isdigit() for text in texts)
    if iso:  # the alphabet of ISO instants is their order, hours and minutes included
        return pd.Series(pd.Series(texts).rank(method="dense").to_numpy(), index=column.index)
    return pd.Series(column_days(column, order), index=column.index)
