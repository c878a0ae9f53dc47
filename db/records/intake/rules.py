"""What an import says of each record it touches, and what undoing it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

TOUCHED = "Modifiée depuis l’import ; laissée telle quelle."
IN_USE = "Utilisée depuis l’import ; laissée telle quelle."


@dataclass(frozen=True)
class Touched:
    """One record that an import made (no `before`) or changed, and its version right after."""

    record_id: UUID
    row_version: int = 1
    before: Mapping[str, Any] | None = None  # JSON values of the changed columns


@dataclass(frozen=True)
class Written:
    """What became of rows: records made, records found, and how many of these said nothing new."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class Left:
    """One record that an undone import left as it is, and why."""

    record_id: UUID
    name: str
    message_id: str


@dataclass(frozen=True)
class Undone:
    """What undoing an import did: records removed, records given back their values, records left alone."""

    removed: int = 0
    restored: int = 0
    left: list[Left] = field(default_factory=list)


def value_from(text: Any, wanted: type) -> Any:
    """Return a JSON value as a column of that Python type wants it."""
    if text is None or isinstance(text, wanted):
        return text
    if issubclass(wanted, datetime | date):
        return wanted.fromisoformat(str(text))
    return wanted(str(text)) if issubclass(wanted, UUID | Decimal) else text
