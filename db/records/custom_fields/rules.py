"""What a custom field may hold, and how it is read, kept, ordered and shown."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.kernel.errors import BadInput

Value = str | Decimal | date | bool | None
MOST_DIGITS = 18
LARGEST = 15  # figures before the point; asked of the exponent, since a power too high cannot even be compared


class FieldType(StrEnum):
    """What kind of value a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True)
class CustomField:
    """One field that the company added to a kind of record."""

    field_id: UUID
    kind: str
    key: str
    label: str
    type: FieldType
    choices: tuple[str, ...]
    personal: bool
    permission: str
    feature: bool  # may a model learn from it
    sensitive: bool = False  # shown record by record only, and each reading is logged

    @property
    def is_number(self) -> bool:
        """Test if values are ordered as numbers."""
        return self.type is FieldType.NUMBER


_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_YES = {"oui", "yes", "ja", "si", "true", "vrai", "1", "o", "y"}
_NO = {"non", "no", "nein", "false", "faux", "0", "n"}
_SWISS_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def check_key(key: str) -> None:
    """Refuse a key that could not be a column name.

    Raises: BadInput.
    """
    if not _KEY.fullmatch(key):
        raise BadInput(
            "« {key} » : une clé commence par une lettre et ne contient que a-z, 0-9 et _.",
            key=key,
        )


def read_number(text: str) -> Decimal:
    """Return a number written the Swiss, French or plain way (`1'234.50`, `1 234,50`, `1234.5`).

    Raises: BadInput.
    """
    bare = re.sub(r"['’‘\s  ]|CHF|Fr\.", "", text.strip())
    if re.fullmatch(r"[+-]?\d+,\d+", bare):
        bare = bare.replace(",", ".")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        raise BadInput("« {text} » n’est pas un nombre ; écrivez par exemple 1'234.50.", text=text[:60]) from None
    if not number.is_finite() or len(number.as_tuple().digits) > MOST_DIGITS or number.adjusted() >= LARGEST:
        raise BadInput(
            "« {text} » n’est pas un nombre utilisable ; écrivez par exemple 1'234.50.",
            text=text[:60],
        )
    return number


def read_date(text: str) -> date:
    """Return a day written `31.12.2025` or `2025-12-31`.

    Raises: BadInput.
    """
    bare = text.strip()
    swiss = _SWISS_DATE.fullmatch(bare)
    try:
        if swiss:
            return date(int(swiss[3]), int(swiss[2]), int(swiss[1]))
        return date.fromisoformat(bare[:10])
    except ValueError:
        raise BadInput("« {text} » n’est pas une date ; écrivez par exemple 31.12.2025.", text=text[:60]) from None


def _read_yes_no(text: str) -> bool:
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadInput("« {text} » n’est ni oui ni non.", text=text)


def _read_choice(text: str, choices: tuple[str, ...]) -> str:
    word = text.strip()
    if choices and word not in choices:
        raise BadInput(
            "« {text} » n’est pas un choix prévu : {choices}.",
            text=text,
            choices=", ".join(choices),
        )
    return word


def read_value(field: CustomField, given: Any) -> Value:
    """Return the value of a field from what was typed, imported or kept as JSON; empty means none.

    Raises: BadInput.
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    text = str(given)
    match field.type:
        case FieldType.NUMBER:
            return read_number(text)
        case FieldType.DATE:
            return read_date(text)
        case FieldType.YES_NO:
            return given if isinstance(given, bool) else _read_yes_no(text)
        case FieldType.CHOICE:
            return _read_choice(text, field.choices)
        case FieldType.TEXT:
            return text.strip()


def kept(value: Value) -> Any:
    """Return a value as the record's JSON keeps it: exact."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def value_of(field: CustomField, stored: Any) -> Value:
    """Return the value from the record's JSON; what no longer fits the type counts as none."""
    try:
        return read_value(field, stored)
    except BadInput:
        return None


def order_of(value: Value) -> tuple[str, float | None]:
    """Return what the index table keeps of a value: its text order and, for numbers, its number."""
    from db.records.search.rules import fold

    if isinstance(value, bool):
        return ("yes" if value else "no", None)
    if isinstance(value, Decimal):
        return ("", float(value))
    if isinstance(value, date):
        return (value.isoformat(), None)
    return (fold(value)[:200], None)
