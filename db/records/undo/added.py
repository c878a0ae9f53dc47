"""Fields that the company added come back one by one: they stand together in one column."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from db.records.custom_fields.rules import PREFIX

CUSTOM = "custom"
SWISS_TIME = ZoneInfo("Europe/Zurich")
Values = Mapping[str, Any]


def key_by_key(
    current: Any, before: Values, after: Values, is_seen: Callable[[str], bool]
) -> tuple[Values, Values, list[str]]:
    """Return a change as if it had met the record as it is now, and the added fields that stay as they are.

    A field comes back where nobody touched it since and the person sees it; what others changed beside it stays.
    """
    if CUSTOM not in before or not isinstance(current, Mapping):
        return before, after, []
    old, new = before[CUSTOM] or {}, after.get(CUSTOM) or {}
    changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    back = [key for key in changed if current.get(key) == new.get(key) and is_seen(PREFIX + key)]
    if not back:
        return before, after, []
    restored = {**current, **{key: old.get(key) for key in back}}
    kept = {key: value for key, value in restored.items() if value is not None}
    stay = [PREFIX + key for key in changed if key not in back]
    return {**before, CUSTOM: kept}, {**after, CUSTOM: dict(current)}, stay


def moment(at: datetime) -> str:
    """Return a moment as a sentence tells it."""
    return f"{at.astimezone(SWISS_TIME):%d.%m.%Y à %H:%M}"
