"""What a custom field may hold, and how it is read, kept, ordered and shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.kernel.errors import BadInput

PREFIX = "custom."  # before the key, where a custom field stands beside columns
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
    AMOUNT = "amount"  # CHF to the centime, kept as whole centimes
    LONG_TEXT = "long_text"


# how the table keeps the types that refine another one: its check was released before them
REFINES = {FieldType.AMOUNT: FieldType.NUMBER, FieldType.LONG_TEXT: FieldType.TEXT}


@dataclass(frozen=True)
class CustomField:
    """One field that the company added to a kind of record.

    `group` narrows it to a part of the kind (companies among the parties); `label` is in the reader's language where
    somebody reads it. A retired field is offered no more; its values stay where they are.
    """

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
    label_en: str = ""
    label_de: str = ""
    required: bool = False
    group: str = ""
    is_retired: bool = False

    @property
    def is_number(self) -> bool:
        """Test if values are ordered as numbers."""
        return self.type in (FieldType.NUMBER, FieldType.AMOUNT)

    @property
    def groups_records(self) -> bool:
        """Test if records can be grouped by it: it has few values."""
        return self.type is FieldType.YES_NO or (self.type is FieldType.CHOICE and bool(self.choices))

    def label_in(self, language: str) -> str:
        """Return what the field is called in a language; in French where it has no name there."""
        return {"en": self.label_en, "de": self.label_de}.get(language, "") or self.label

    def is_offered_to(self, group: str) -> bool:
        """Test if records of a group (all, when empty) are asked for it."""
        return not self.is_retired and (not self.group or not group or self.group == group)


@dataclass(frozen=True)
class CustomEntry:
    """One custom field of a record with its value; `locked` says in French why it is only shown."""

    field: CustomField
    value: Value
    locked: str = ""


_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_YES = {"oui", "yes", "ja", "si", "true", "vrai", "1", "o", "y"}
_NO = {"non", "no", "nein", "false", "faux", "0", "n"}
LONGEST_TEXT, LONGEST_LONG_TEXT = 2000, 20_000
CENTIME = Decimal("0.01")
RETIRED = "Ce champ n’est plus utilisé ; sa valeur reste lisible."
ELSEWHERE = "Ce champ n’est pas prévu pour cette sorte de fiche ; sa valeur reste lisible."
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


def key_of(label: str) -> str:
    """Return the key that a label gives: a word of a-z, 0-9 and _, never empty."""
    from db.records.search.rules import fold

    words = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[:50].strip("_")
    return words if words and not words[0].isdigit() else f"champ_{words}".strip("_")


def read_choices(lines: str) -> tuple[str, ...]:
    """Return choices written one a line, each once."""
    tidy = (" ".join(line.split()) for line in lines.splitlines())
    return tuple(dict.fromkeys(line for line in tidy if line))


def read_amount(text: str) -> Decimal:
    """Return an amount in CHF to the centime.

    Raises: BadInput.
    """
    return to_the_centime(read_number(text), text)


def to_the_centime(amount: Decimal, text: str) -> Decimal:
    """Return an amount with two decimals.

    Raises: BadInput: it has more.
    """
    if amount != amount.quantize(CENTIME):
        raise BadInput("« {text} » : un montant va jusqu’au centime, par exemple 1'234.50.", text=text[:60])
    return amount.quantize(CENTIME)


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


def _read_text(text: str, longest: int) -> str:
    if len(text.strip()) > longest:
        raise BadInput("Ce texte dépasse {longest} caractères.", longest=longest)
    return text.strip()


def read_value(field: CustomField, given: Any) -> Value:
    """Return the value of a field from what was typed, imported or read before; empty means none.

    Raises: BadInput.
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    text = str(given)
    match field.type:
        case FieldType.NUMBER:
            return read_number(text)
        case FieldType.AMOUNT:
            return read_amount(text)
        case FieldType.DATE:
            return read_date(text)
        case FieldType.YES_NO:
            return given if isinstance(given, bool) else _read_yes_no(text)
        case FieldType.CHOICE:
            return _read_choice(text, field.choices)
        case FieldType.LONG_TEXT:
            return _read_text(text, LONGEST_LONG_TEXT)
        case FieldType.TEXT:
            return _read_text(text, LONGEST_TEXT)


def kept(field: CustomField | None, value: Any) -> Any:
    """Return a value as the record's JSON keeps it: exact; an amount as whole centimes. What is kept so stays."""
    if isinstance(value, Decimal):
        is_amount = field is not None and field.type is FieldType.AMOUNT
        return int(value.scaleb(2)) if is_amount else format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def all_kept(fields: Sequence[CustomField], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by key as the record's JSON keeps them, without those that are none."""
    known = {field.key: field for field in fields}
    return {key: kept(known.get(key), value) for key, value in values.items() if value is not None}


def told(value: Value) -> Any:
    """Return a value as programs read it: numbers and amounts as texts, days as ISO."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def told_by_key(entries: Sequence[CustomEntry]) -> dict[str, Any]:
    """Return the values of a record's fields by key, as programs read them."""
    return {one.field.key: told(one.value) for one in entries}


def value_of(field: CustomField, stored: Any) -> Value:
    """Return the value from the record's JSON; what no longer fits the type counts as none.

    A choice that is offered no more is still what somebody chose.
    """
    if field.type is FieldType.AMOUNT:
        is_whole = isinstance(stored, int) and not isinstance(stored, bool)
        return Decimal(stored).scaleb(-2) if is_whole else stored if isinstance(stored, Decimal) else None
    if field.type is FieldType.CHOICE:
        return str(stored) if stored not in (None, "") else None
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
