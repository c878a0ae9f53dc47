"""Reasons in words: which answer speaks for or against a lead, by how many points, and on how many cases that rests."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from workspace.models.lead_score.reasons import Reason, is_quoted, reason_sentence, reasons_of

LABELS = {
    "source": "Source",
    "canton": "Canton",
    "city": "Ville",
    "postal_code": "NPA",
    "expected_amount": "Montant attendu",
    "has_email": "E-mail connu",
    "has_phone": "Téléphone connu",
    "has_company": "Société connue",
    "exchanges": "Échanges des 7 premiers jours",
}
AMOUNT = "expected_amount"
GROUPS = re.compile(r"(?<=\d)(?=(\d{3})+(?!\d))")  # 40380 becomes 40'380
LONGEST_VALUE = 60
LEAST_POINTS = 0.005  # of probability


def reasons_by_lead(table: pd.DataFrame, *, labels: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the reasons of each lead (a `reasons_table`), the strongest first, as JSON values.

    Each: `text`, a French sentence; what it says, for other languages: `label`, `value` (None: no answer), and `rate`,
    `average`, `cases` (all None where no rate is quoted); `points` of per cent (negative against); and the `column` it
    speaks of, so that whoever may not read a column is not told of it. What moves the chance by less than half a point
    is no reason.
    """
    words = {**LABELS, **labels}
    told = table[table["points"].abs() >= LEAST_POINTS]
    found: dict[str, list[dict[str, Any]]] = {}
    for lead, reason in zip(told["lead_id"].tolist(), reasons_of(told), strict=True):
        found.setdefault(str(lead), []).append(_said(reason, words))
    for reasons in found.values():
        reasons.sort(key=lambda reason: -abs(reason["points"]))
    return found


def _said(reason: Reason, words: Mapping[str, str]) -> dict[str, Any]:
    value = None if reason.value is None else reason.value[:LONGEST_VALUE]
    if reason.field == AMOUNT and value is not None:
        value = GROUPS.sub("'", value)
    named = replace(reason, field=label_of(reason.field, words), value=value)
    quoted = is_quoted(reason)
    return {
        "label": named.field,
        "value": value,
        "rate": round(reason.rate, 4) if quoted else None,
        "average": round(reason.average_rate, 4) if quoted else None,
        "cases": reason.n_cases if quoted else None,
        "text": swiss(reason_sentence(named, "fr")),
        "points": round(100 * reason.points, 1),
        "column": reason.field.rpartition(".")[0] or reason.field,
    }


def swiss(sentence: str) -> str:
    """Return a French sentence with Swiss figures: a point for decimals, no break before the per-cent sign."""
    return re.sub(r"(?<=\d),(?=\d)", ".", sentence).replace(" %", "\u00a0%")


def label_of(field: str, words: Mapping[str, str]) -> str:
    """Return what people call a field; a part of a column (`asked_at.month`) keeps what follows the point."""
    if field in words:
        return words[field]
    column, point, part = field.rpartition(".")
    return f"{words[column]}{point}{part}" if column in words else field
