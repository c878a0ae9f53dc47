"""What a party is and what may stand in its fields."""

import re
from dataclasses import dataclass
from enum import StrEnum

from db.kernel.errors import BadInput
from db.records.kinds.rules import RecordKind, register_kind

KIND = "party"
register_kind(
    RecordKind(
        KIND, "Société ou personne", "Sociétés et personnes", table="party", read="parties.read", edit="parties.edit"
    )
)
_UID = re.compile(r"CHE-?(\d{3})\.?(\d{3})\.?(\d{3})")
_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4)


class PartyKind(StrEnum):
    """A party is a company or a person."""

    COMPANY = "company"
    PERSON = "person"


@dataclass(frozen=True)
class Address:
    """A postal address in separate fields, as payment slips need it."""

    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    city: str = ""
    canton: str = ""
    country: str = "CH"


@dataclass(frozen=True)
class PartyDraft:
    """A party as somebody enters it."""

    kind: PartyKind
    name: str
    uid: str = ""
    email: str = ""
    phone: str = ""
    address: Address = Address()


def read_uid(text: str) -> str:
    """Return a Swiss company number as `CHE-123.456.788`; empty stays empty.

    Raises: BadInput: the form or the check digit is wrong.
    Source: Federal Statistical Office, eCH-0097 (check digit modulo 11).
    """
    bare = text.upper().replace(" ", "")
    if not bare:
        return ""
    found = _UID.match(bare)
    if not found or not _check_digit_fits("".join(found.groups())):
        raise BadInput(
            "« {text} » n’est pas un numéro IDE ; il s’écrit CHE-123.456.788.",
            text=text,
        )
    return f"CHE-{found[1]}.{found[2]}.{found[3]}"


def _check_digit_fits(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return (11 - total % 11) % 11 == int(number[8])


def check_party(draft: PartyDraft) -> None:
    """Refuse a party without a name, or a person with a company number.

    Raises: BadInput.
    """
    if not draft.name.strip():
        raise BadInput("Donnez un nom à l’entreprise ou à la personne.")
    if draft.kind is PartyKind.PERSON and draft.uid:
        raise BadInput("Une personne n’a pas de numéro IDE.")
