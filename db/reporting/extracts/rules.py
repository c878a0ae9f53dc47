"""What an analyst's copy of the data may hold: tables by permission, columns by what they declare about persons."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

# table → permission of reading it; a table that is not listed is never copied
TABLES: Mapping[str, str] = {
    "lead": "crm.read_leads",
    "exchange": "crm.read_leads",
    "opportunity": "crm.read_leads",
    "party": "parties.read",
    "party_contact": "parties.read",
    "current_prediction": "insights.read_models",
    "prediction_log": "insights.read_models",
    "subject_outcome": "insights.read_models",
}
OWNER = "owner_id"
# table → column → the table with the owner of whose record its rows speak
BELONGING: Mapping[str, Mapping[str, str]] = {
    "exchange": {"lead_id": "lead"},
    "current_prediction": {"subject_id": "lead"},
    "prediction_log": {"subject_id": "lead"},
    "subject_outcome": {"subject_id": "lead"},
}
PSEUDONYM_DIGITS = 16
PLAIN, PERSONAL = "plain", "personal"
CUSTOM = "custom"  # the JSON of the fields that the company added; each field has its own permission


@dataclass(frozen=True)
class ColumnRule:
    """How one column is copied: as it is, or as a pseudonym."""

    name: str
    is_personal: bool


def copied_columns(columns: Iterable[tuple[str, Mapping[str, Any]]]) -> list[ColumnRule]:
    """Return which columns are copied and how; sensitive, secret, undeclared and derived ones (untracked) are left out.

    Each column comes with what it declares: `privacy` and `tracked`.
    """
    return [
        ColumnRule(name, info.get("privacy") == PERSONAL)
        for name, info in columns
        if info.get("privacy") in (PLAIN, PERSONAL) and info.get("tracked", True) and name != CUSTOM
    ]


def pseudonym(key: bytes, value: Any) -> Any:
    """Return what stands for a personal value: the same for equal values, unreadable without the key."""
    if value is None or value == "":
        return value
    return "p_" + hmac.new(key, str(value).casefold().encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_DIGITS]


def as_cell(value: Any) -> Any:
    """Return a value as SQLite keeps it: numbers as numbers, everything else as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else repr(value)
