"""Deeds as people read them: who, what, and each value before and after, in a person's language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from app import routes
from app.custom_words import value_text as custom_text
from app.history_words import ACTIONS, COLUMNS, KINDS, OPERATIONS, VALUES, WAYS, word
from app.text import SWITZERLAND, day, instant, money, say
from db.access.deeds.queries import ChangeFacts, DeedFacts
from db.records.custom_fields.rules import CustomField, value_of
from db.records.kinds.rules import KINDS as KINDS_OF_RECORD
from db.records.undo.rules import UNDOERS
from db.schema import pointing

LONGEST_VALUE = 80
SCALED = re.compile(r"-?\d+\.\d{4,}")  # a quantity or a price with all the places in which it is kept
BOOKKEEPING = frozenset({"id", "search_number", "place", "by_id", "by_name"})  # true, and of no use to a reader


@dataclass(frozen=True)
class ChangeView:
    """One change as the screen shows it."""

    kind: str
    record: str
    href: str
    operation: str
    detail: str
    past: str = ""  # the record as it was when the day of the deed ended


@dataclass(frozen=True)
class DeedView:
    """One deed as the screen shows it."""

    id: str
    when: str
    who: str
    act: str
    way: str
    more: str
    undoable: bool
    changes: list[ChangeView]


@dataclass(frozen=True)
class Reader:
    """In which language, on which day, and with which names (by id) somebody reads."""

    language: str
    at: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    undoes: bool = False  # may undo what areas know how to take back
    added: Mapping[str, CustomField] = field(default_factory=dict)  # fields of the company, by `kind.key`


def deed_view(deed: DeedFacts, reader: Reader) -> DeedView:
    """Return a deed as the reader sees it."""
    hidden = deed.change_count - len(deed.changes)
    return DeedView(
        id=str(deed.id),
        when=instant(deed.at, reader.at),
        who=deed.actor_name,
        act=word(reader.language, ACTIONS, deed.action),
        way="" if deed.via == "screen" else word(reader.language, WAYS, deed.via),
        more=say(reader.language, "et {count} autres fiches", count=hidden) if hidden > 0 else "",
        undoable=reader.undoes
        and bool(deed.changes)
        and (_is_of_an_import(deed.action) or all(change.kind in UNDOERS for change in deed.changes)),
        changes=[change_view(change, reader, deed.at) for change in deed.changes],
    )


def _is_of_an_import(action: str) -> bool:
    """Test if a deed belongs to an import, which is undone whole: the dialog leads to it."""
    return any(part in action for part in (".imports.", ".intake.", ".opening."))


def places_in(deeds: Sequence[DeedFacts]) -> list[tuple[str, UUID]]:
    """Return the records that deeds changed or point to, whose names a reader wants instead of their ids."""
    changes = [change for deed in deeds for change in deed.changes]
    pointed = [
        place for change in changes for values in (change.before, change.after) for place in places_pointed_to(values)
    ]
    return list(dict.fromkeys([*((change.kind, change.record_id) for change in changes), *pointed]))


def places_pointed_to(values: Mapping[str, Any] | None) -> list[tuple[str, UUID]]:
    """Return the records whose ids stand among a record's values."""
    kinds = pointing()
    return [(kinds[column], UUID(str(value))) for column, value in (values or {}).items() if column in kinds and value]


def change_view(change: ChangeFacts, reader: Reader, at: datetime) -> ChangeView:
    """Return a change as the reader sees it: `état : nouvelle → contactée`."""
    return ChangeView(
        kind=word(reader.language, KINDS, change.kind),
        record=_name_of(change, reader),
        href=routes.history_of(change.kind, change.record_id),
        operation=word(reader.language, OPERATIONS, change.operation),
        detail=_detail(change, reader),
        past=_past(change, at),
    )


def _past(change: ChangeFacts, at: datetime) -> str:
    """Return where a record is shown as it was on the day of a deed; nothing for what has no page of its own."""
    kind = next((one.kind for one in KINDS_OF_RECORD.values() if one.table == change.kind), "")
    return f"{routes.past_of(kind, change.record_id)}?le={at.astimezone(SWITZERLAND).date()}" if kind else ""


def _name_of(change: ChangeFacts, reader: Reader) -> str:
    if str(change.record_id) in reader.names:
        return reader.names[str(change.record_id)]
    values = {**(change.before or {}), **(change.after or {})}
    own = values.get("name") or values.get("label") or values.get("text")
    pointed = next((reader.names[str(one)] for _, one in places_pointed_to(values) if str(one) in reader.names), "")
    return _cut(str(own or pointed or str(change.record_id)[-6:]))


def _detail(change: ChangeFacts, reader: Reader) -> str:
    if change.before is None and change.after is None:
        return say(reader.language, "valeurs effacées")
    before, after = change.before or {}, change.after or {}
    names = [name for name in {**before, **after} if name not in BOOKKEEPING and not name.endswith("_order")]
    if change.operation == "update":
        return " · ".join(_step(change.kind, name, before.get(name), after.get(name), reader) for name in names)
    there = after or before
    return " · ".join(
        _entry(name, there[name], reader) for name in names if there[name] not in (None, "", {}, [], False)
    )


def _step(kind: str, name: str, old: Any, new: Any, reader: Reader) -> str:
    label = word(reader.language, COLUMNS, name)
    if isinstance(old, dict) and isinstance(new, dict):
        moved = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        steps = (_inner(f"{kind}.{key}", key, old.get(key), new.get(key), reader) for key in moved)
        return f"{label} : {', '.join(steps)}"
    return f"{label} : {value_text(old, name, reader)} → {value_text(new, name, reader)}"


def _inner(name: str, key: str, old: Any, new: Any, reader: Reader) -> str:
    """Return one value within values, as the company named it where it is a field of its own."""
    own = reader.added.get(name)
    if own is None:
        return f"{key} {value_text(old, key, reader)} → {value_text(new, key, reader)}"
    told = [custom_text(own, value_of(own, one), reader.language) or say(reader.language, "vide") for one in (old, new)]
    return f"{own.label} {told[0]} → {told[1]}"


def _entry(name: str, value: Any, reader: Reader) -> str:
    return f"{word(reader.language, COLUMNS, name)} : {value_text(value, name, reader)}"


def value_text(value: Any, column: str, reader: Reader) -> str:
    """Return a stored value as people read it."""
    if value is None or value == "":
        return say(reader.language, "vide")
    if isinstance(value, bool):
        return say(reader.language, "oui" if value else "non")
    if isinstance(value, str):
        return _cut(_text_value(value, column, reader))
    if isinstance(value, dict):
        return _cut(", ".join(f"{key} {value_text(item, key, reader)}" for key, item in value.items()))
    if isinstance(value, list):
        return _cut(", ".join(value_text(item, column, reader) for item in value))
    return str(value)


def _text_value(value: str, column: str, reader: Reader) -> str:
    if value in reader.names:
        return reader.names[value]
    try:
        return _typed_value(value, column, reader)
    except (ValueError, InvalidOperation, TypeError, OverflowError):  # a custom field may have any name
        return value


def _typed_value(value: str, column: str, reader: Reader) -> str:
    """Return a value as the ending of its column's name lets read it.

    Raises:
        ValueError, InvalidOperation, TypeError, OverflowError: the name promises what the value is not.
    """
    if column.endswith(("_at", "_since")):
        return instant(datetime.fromisoformat(value), reader.at)
    if column.endswith("_date"):
        return day(date.fromisoformat(value))
    if column.endswith("_amount"):
        return money(Decimal(value))
    if SCALED.fullmatch(value):
        return value.rstrip("0").rstrip(".")
    return word(reader.language, VALUES.get(column, {}), value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
