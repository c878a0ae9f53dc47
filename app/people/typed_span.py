"""Hours as people type them: a day and two times become instants."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from db.access.calendars.rules import SWISS_TIME
from db.access.calendars.working.rules import read_minute
from db.kernel.errors import BadInput
from db.kernel.findings import BadFields, Finding
from db.records.custom_fields.rules import read_date


def read_span(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a stretch of work; an end before the beginning is on the next day.

    Raises: BadFields: a time that cannot be understood.
    """
    found: list[Finding] = []
    on = _read(found, "day", form, read_date)
    begins = _read(found, "begins", form, read_minute)
    ends = _read(found, "ends", form, read_minute)
    text = str(form.get("pause_begins") or "").strip()
    pause_begins = _read(found, "pause_begins", form, read_minute) if text else None
    pause = _read(found, "pause", {"pause": str(form.get("pause") or "0").strip()}, _whole)
    if found:
        raise BadFields(found)
    started_at = _at(on, begins)
    return {
        "started_at": started_at,
        "ended_at": _at(on, ends, after=started_at),
        "break_minutes": pause,
        "break_began_at": None if pause_begins is None else _at(on, pause_begins, after=started_at),
        "task": str(form.get("task") or ""),
        "note": str(form.get("note") or ""),
    }


def _read(found: list[Finding], name: str, form: Mapping[str, Any], read: Any) -> Any:
    try:
        return read(str(form.get(name) or "").strip())
    except BadInput as problem:
        found.append(Finding(name, problem.message_id, problem.params))
        return None


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 3:
        raise BadInput("« {text} » n’est pas un nombre de minutes.", text=text[:20])
    return int(text)


def _at(on: date, minute: int, *, after: datetime | None = None) -> datetime:
    """Return the instant of a time on a day; before `after`, that of the next day."""
    found = datetime.combine(on, time(), SWISS_TIME) + timedelta(minutes=minute)  # wall clock
    return found + timedelta(days=1) if after is not None and found <= after else found
