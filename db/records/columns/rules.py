"""What a form, an import or an interface needs to know of a column, whatever its table."""

from dataclasses import dataclass
from enum import StrEnum


class ValueType(StrEnum):
    """What sort of value a field holds, as people enter it."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    PHONES = "phones"  # one per line
    AMOUNT = "amount"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"
    CHOICE = "choice"
    YES_NO = "yes_no"
    PERSON = "person"  # somebody who works here
    RECORD = "record"  # a record of another kind
    OTHER = "other"  # what no form offers


@dataclass(frozen=True)
class ColumnFacts:
    """One column: its type, whether it must be filled, the table it points to ("" for none), its privacy."""

    name: str
    type: ValueType
    required: bool
    points_to: str
    privacy: str
