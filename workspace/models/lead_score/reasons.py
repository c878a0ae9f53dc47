"""Why a lead is scored as it is: points of probability above or below the base rate, and what they rest on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from workspace.models.lead_score.additive import BoolArray, Past
from workspace.models.lead_score.values import FloatArray, as_texts

if TYPE_CHECKING:
    from workspace.models.lead_score.fitted import FittedScore

Language = Literal["fr", "en"]
LEAST_SHOWN = 0.0005  # of probability: what rounds to 0.0 points is no reason
FEWEST_COMPARED = 5  # past cases with the same answer, below which no rate is quoted


@dataclass(frozen=True)
class Reference:
    """What reasons compare with.

    Attributes:
        base_rate: share won of the past as far as it counts (recent cases count more where the past drifts).
        average_rate: share won of all closed cases.
        offsets: log odds, per field, by which the average lead lies below the base rate (probabilities are not
            linear); a field that never changes gets none.
        closed, won: past cases per code, for each field.
    """

    base_rate: float
    average_rate: float
    offsets: FloatArray
    closed: tuple[npt.NDArray[np.int64], ...]
    won: tuple[npt.NDArray[np.int64], ...]


@dataclass(frozen=True)
class Reason:
    """One reason, ready to be put into a sentence.

    Attributes:
        points: of probability (0.05 = five percentage points), negative against.
        rate, n_cases: share won among the past cases with the same answer, and their number.
        average_rate: share won among all closed cases.
    """

    field: str
    value: str | None
    points: float
    rate: float
    n_cases: int
    average_rate: float


def reference_of(
    past: Past, won: BoolArray, parts: FloatArray, *, start: float, weights: FloatArray, fallback: float
) -> Reference:
    """Return what the reasons of a score compare with; `parts` are log odds per field, shape (n, fields).

    The gap between the average log odds and those of the base rate falls to the fields in proportion to their
    variance, to which it is due.
    """
    closed = tuple(np.bincount(column) for column in past.codes.T)
    wins = tuple(np.bincount(column, weights=won).astype(np.int64) for column in past.codes.T)
    if len(won) == 0 or not np.any(parts):
        return Reference(fallback, fallback, np.zeros(parts.shape[1]), closed, wins)
    base_rate = float(np.average(expit(start + parts.sum(axis=1)), weights=weights))
    variance = np.average((parts - np.average(parts, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    gap = start - np.log(base_rate / (1 - base_rate))
    return Reference(base_rate, float(won.mean()), gap * variance / variance.sum(), closed, wins)


def contributions(score: "FittedScore", frame: pd.DataFrame, announced: pd.DataFrame) -> pd.DataFrame:
    """Return the points of probability of each field, rows summing to the announced probability minus the base rate.

    Along the straight line of log odds from the base rate to the lead, each field moves the probability in proportion
    to its log odds (integrated gradients of a sum).
    Source: Sundararajan, Taly, Yan, Axiomatic attribution for deep networks, ICML 2017.
    """
    matrix = score.features.transform(frame)
    names = [field.name for field in score.features.fields_]
    gain = announced["probability"].to_numpy(dtype=np.float64) - score.base_rate
    parts = score.additive.contributions(matrix) + score.reference.offsets
    total = parts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        steepness = np.where(np.abs(total) > 1e-9, gain / total, score.base_rate * (1 - score.base_rate))
    points = parts * steepness[:, None]
    lower = announced["rung"].to_numpy() != "model"
    points[lower] = 0.0
    if score.segments.field >= 0:
        points[lower, score.segments.field] = gain[lower]
    return pd.DataFrame(points, index=announced.index, columns=names)


def reasons_table(score: "FittedScore", frame: pd.DataFrame, announced: pd.DataFrame, *, top: int) -> pd.DataFrame:
    """Return the strongest reasons of each lead, those for it first.

    Returns: lead_id; direction ("for" or "against"); rank (1 = strongest); field, value (as it was written, None =
    unanswered); points (of probability); rate, n_cases (past cases with the same answer); average_rate.
    """
    points = contributions(score, frame, announced).to_numpy(dtype=np.float64)
    codes = Past.of(score.features.transform(frame)).codes
    nothing = np.zeros(0, dtype=np.int64)
    rows = [
        (nothing, nothing, nothing),
        *_strongest(points, top=top, sign=1.0),
        *_strongest(points, top=top, sign=-1.0),
    ]
    lead, field, rank = (np.concatenate([each[place] for each in rows]) for place in range(3))
    closed, won = _cases(score.reference, codes, lead, field)
    table = pd.DataFrame(
        {
            "lead_id": announced.index.to_numpy()[lead],
            "direction": np.where(points[lead, field] > 0, "for", "against"),
            "rank": rank,
            "field": np.array([each.name for each in score.features.fields_], dtype=object)[field],
            "value": pd.Series(_written(score, frame, lead, field), dtype=object),
            "points": points[lead, field],
            "rate": won / np.maximum(closed, 1),
            "n_cases": closed,
            "average_rate": score.reference.average_rate,
            "_row": lead,
        }
    )
    table = table.sort_values(["_row", "direction", "rank"], ascending=[True, False, True], kind="stable")
    return table.drop(columns="_row").reset_index(drop=True)


def _strongest(
    points: FloatArray, *, top: int, sign: float
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Return lead, field and rank of the strongest reasons of one sign, one triple per rank."""
    signed = points * sign
    found = []
    for rank in range(1, min(top, points.shape[1]) + 1):
        field = signed.argmax(axis=1)
        leads = np.flatnonzero(signed[np.arange(len(signed)), field] >= LEAST_SHOWN)
        found.append((leads, field[leads], np.full(len(leads), rank)))
        signed[np.arange(len(signed)), field] = -np.inf
    return found


def _cases(
    reference: Reference, codes: npt.NDArray[np.int64], lead: npt.NDArray[np.int64], field: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return closed and won past cases with the same answer, for each reason."""
    closed, won = np.zeros(len(lead), dtype=np.int64), np.zeros(len(lead), dtype=np.int64)
    for place, (counts, wins) in enumerate(zip(reference.closed, reference.won, strict=True)):
        here = field == place
        code = codes[lead[here], place]
        known = code < len(counts)
        closed[here] = np.where(known, np.append(counts, 0)[np.minimum(code, len(counts))], 0)
        won[here] = np.where(known, np.append(wins, 0)[np.minimum(code, len(wins))], 0)
    return closed, won


def _written(
    score: "FittedScore", frame: pd.DataFrame, lead: npt.NDArray[np.int64], field: npt.NDArray[np.int64]
) -> npt.NDArray[np.object_]:
    """Return each reason's answer as the person wrote it, None for no answer."""
    values = np.full(len(lead), None, dtype=object)
    for place, each in enumerate(score.features.fields_):
        here = np.flatnonzero(field == place)
        if len(here) and each.column in frame.columns:
            values[here] = as_texts(frame[each.column].iloc[lead[here]])
    return values


def reasons_of(table: pd.DataFrame) -> list[Reason]:
    """Return the rows of `reasons_table` as reasons."""
    return [
        Reason(
            field=str(row.field),
            value=None if pd.isna(row.value) else str(row.value),
            points=float(row.points),
            rate=float(row.rate),
            n_cases=int(row.n_cases),
            average_rate=float(row.average_rate),
        )
        for row in table.itertuples(index=False)
    ]


def is_quoted(reason: Reason) -> bool:
    """Tell whether the past rate is quoted: it points the same way as the reason and rests on some cases."""
    same_way = (reason.rate - reason.average_rate) * reason.points > 0
    return bool(same_way and reason.n_cases >= FEWEST_COMPARED)


def reason_sentence(reason: Reason, language: Language) -> str:
    """Return a reason as a sentence a salesperson reads.

    The past rate is quoted only where it points the same way as the reason and rests on some cases; otherwise the
    sentence says what the field adds, the other fields being equal.

    Example:
        >>> reason_sentence(Reason("Source", "Salon", 0.06, 0.41, 212, 0.28), "fr")
        'Source : Salon – 41 % ont signé contre 28 % en moyenne, 212 cas (+6,0 points)'
    """
    quoted = is_quoted(reason)
    points = f"{reason.points * 100:+.1f}".replace("-", "−")
    rate, average, cases = f"{reason.rate:.0%}", f"{reason.average_rate:.0%}", _grouped(reason.n_cases)
    if language == "fr":
        rate, average, points = rate.replace("%", " %"), average.replace("%", " %"), points.replace(".", ",")
        compared = f"{rate} ont signé contre {average} en moyenne, {cases} cas"
        said = compared if quoted else "à autres réponses égales"
        return f"{reason.field} : {reason.value or 'sans réponse'} – {said} ({points} points)"
    compared = f"{rate} signed against {average} on average, {cases} cases"
    said = compared if quoted else "other answers being equal"
    return f"{reason.field}: {reason.value or 'no answer'} – {said} ({points} points)"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "'")
