"""Values of the fields that the company added, as people read them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from app.doors import ask
from app.text import day, money, quantity, say
from db.access.rules import Actor, may
from db.records.custom_fields.queries import known_fields
from db.records.custom_fields.rules import CustomEntry, CustomField, FieldType, Value
from db.records.kinds.rules import kind_called

ADDED_TO = ("lead", "party", "opportunity")  # kinds with fields that the company adds


def value_text(field: CustomField, value: Value, language: str) -> str:
    """Return a value as people read it: `1'250.00`, `24.11.2026`, `oui`; an empty text for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return say(language, "oui" if value else "non")
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return money(value) if field.type is FieldType.AMOUNT else quantity(value)
    return value


def fields_by_name(actor: Actor) -> dict[str, CustomField]:
    """Return the fields that a person may read, retired ones too, as `kind.key`."""
    if not may(actor, "records.read"):
        return {}
    found = [one for kind in ADDED_TO for one in ask(actor, known_fields, kind=kind, by=actor)]
    return {f"{kind_called(one.kind).table}.{one.key}": one for one in found}


def entry_words(entries: Sequence[CustomEntry], language: str) -> list[tuple[str, str]]:
    """Return label and text of the fields that have a value."""
    found = [(one.field.label, value_text(one.field, one.value, language)) for one in entries]
    return [pair for pair in found if pair[1]]
