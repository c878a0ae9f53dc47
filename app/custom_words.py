"""Values of the fields that the company added, as people read them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from app.text import day, money, quantity, say
from db.records.custom_fields.rules import CustomEntry, CustomField, FieldType, Value


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


def entry_words(entries: Sequence[CustomEntry], language: str) -> list[tuple[str, str]]:
    """Return label and text of the fields that have a value."""
    found = [(one.field.label, value_text(one.field, one.value, language)) for one in entries]
    return [pair for pair in found if pair[1]]
