"""Two people at one record: what others changed meanwhile, field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.records.custom_fields.rules import PREFIX

CUSTOM = "custom"
CUSTOM_PREFIX = PREFIX


@dataclass(frozen=True)
class FieldMeanwhile:
    """One field that somebody changed since a form was opened; values as the history keeps them (JSON)."""

    field: str
    before: Any
    after: Any
    by_id: UUID | None
    by_name: str
    at: datetime


@dataclass(frozen=True)
class OneChange:
    """One deed's change of the record."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    by_id: UUID | None
    by_name: str
    at: datetime


def merged(changes: Iterable[OneChange]) -> dict[str, FieldMeanwhile]:
    """Return per field its value before the first change and after the last one, oldest change first.

    Custom fields are told one by one (`custom.key`); a field that is again what it was is not told.
    """
    found: dict[str, FieldMeanwhile] = {}
    for change in changes:
        before, after = flat(change.before), flat(change.after)
        for name in {*before, *after}:
            old, new = before.get(name), after.get(name)
            if old == new:
                continue
            first = found[name].before if name in found else old
            found[name] = FieldMeanwhile(name, first, new, change.by_id, change.by_name, change.at)
    return {name: field for name, field in found.items() if field.before != field.after}


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by field, with each custom field under a name of its own."""
    custom = {CUSTOM_PREFIX + key: value for key, value in (values.get(CUSTOM) or {}).items()}
    return {**{name: value for name, value in values.items() if name != CUSTOM}, **custom}
