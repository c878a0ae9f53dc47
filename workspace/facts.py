"""Leads as they were known at an instant, as a table: the one way from the database (or a snapshot of it) to a model.

Training in a notebook and scoring in the worker both read leads through here, so that they see the very same answers.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

import pandas as pd

Answer = str | Decimal | date | bool | None


class KnownLead(Protocol):
    """What is needed of one lead (`db.crm.leads.rules.LeadFacts` has it)."""

    @property
    def lead_id(self) -> Any: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def won(self) -> bool | None: ...
    @property
    def fields(self) -> Mapping[str, Answer]: ...


@dataclass(frozen=True)
class LeadTable:
    """Leads in the order of reception, indexed by lead id (text).

    Attributes:
        answers: one column per field, each cell a text or None.
        outcomes: received_at, closed_at (UTC instants, NaT while open) and won (True, False, or None while unknown).
    """

    answers: pd.DataFrame
    outcomes: pd.DataFrame

    @property
    def is_closed(self) -> pd.Series:
        """Tell for each lead if its outcome is known."""
        return self.outcomes["won"].notna()


def answer_text(answer: Answer) -> str | None:
    """Return an answer as text, the same for equal values: `1200`, `2026-11-24`, `oui`; None for no answer."""
    if answer is None or answer == "":
        return None
    if isinstance(answer, bool):
        return "oui" if answer else "non"
    if isinstance(answer, Decimal):
        return format(answer.normalize() + 0, "f")
    if isinstance(answer, datetime):
        return answer.astimezone(UTC).isoformat()
    return answer.isoformat() if isinstance(answer, date) else str(answer)


def lead_table(leads: Iterable[KnownLead], *, columns: Sequence[str] | None = None) -> LeadTable:
    """Return leads as a table; with `columns` only these answers, in this order (unanswered where a lead lacks one)."""
    listed = sorted(leads, key=_reception)
    names = columns if columns is not None else sorted({name for lead in listed for name in lead.fields})
    index = pd.Index([str(lead.lead_id) for lead in listed], name="lead_id")
    cells = {name: [answer_text(lead.fields.get(name)) for lead in listed] for name in names}
    outcomes = pd.DataFrame(
        {
            "received_at": pd.to_datetime([lead.received_at for lead in listed], utc=True),
            "closed_at": pd.to_datetime([lead.closed_at for lead in listed], utc=True),
            "won": pd.Series([lead.won for lead in listed], dtype=object, index=index),
        },
        index=index,
    )
    return LeadTable(pd.DataFrame(cells, index=index, dtype=object), outcomes)


def fingerprint(leads: Iterable[KnownLead], *, columns: Iterable[str]) -> str:
    """Return the sha256 over what was known of the leads in the given columns; equal data give it equal.

    `columns` are those that the analyst could read (the input columns of a manifest), in any order.
    """
    names = sorted(columns)
    digest = hashlib.sha256(json.dumps(names).encode())
    for lead in sorted(leads, key=_reception):
        row = [str(lead.lead_id), _instant(lead.received_at), _instant(lead.closed_at), lead.won]
        row += [answer_text(lead.fields.get(name)) for name in names]
        digest.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _reception(lead: KnownLead) -> tuple[datetime, str]:
    return lead.received_at, str(lead.lead_id)


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")
