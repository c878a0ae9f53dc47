"""What a party is and what may stand in its fields."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from db.kernel.errors import BadInput
from db.kernel.findings import BadFields, Finding
from db.kernel.phones import BadPhone, kept_phone, read_phone
from db.records.kinds.rules import RecordKind, register_kind
from db.records.relations.rules import Relation, register_identities, register_relation

KIND = "party"
register_kind(
    RecordKind(
        KIND, "Société ou personne", "Sociétés et personnes", table="party", read="parties.read", edit="parties.edit"
    )
)
register_relation(Relation(KIND, KIND, table="party_contact", source="person_id", target="company_id"))
register_identities("party", "party_identity")
LONGEST = 200
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
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
    is_customer: bool | None = None  # None: unknown, or as it was
    is_supplier: bool | None = None
    other_emails: str | None = None  # one per line; None: as they were
    other_phones: str | None = None
    former_names: str | None = None


ADDRESS_FIELDS = tuple(one.name for one in fields(Address))
EDITABLE = ("name", "uid", "email", "phone", *ADDRESS_FIELDS)
ALSO = ("other_emails", "other_phones", "former_names")  # texts with a line each
MOST_LINES = 20


class BadParty(BadFields):
    """Values of a party cannot be kept; `findings` says which and why."""


def draft_of(values: Mapping[str, Any], kind: PartyKind) -> PartyDraft:
    """Return a draft from values by the names of their columns."""
    texts = {name: " ".join(str(values.get(name) or "").split()) for name in EDITABLE}
    address = Address(**{name: texts[name] for name in ADDRESS_FIELDS})
    address = replace(address, canton=address.canton.upper(), country=address.country.upper() or "CH")
    phone = kept_phone(texts["phone"], country=address.country)
    also: dict[str, str | None] = {name: tidy_lines(values[name]) for name in ALSO if name in values}
    if also.get("other_phones"):
        lines = (also["other_phones"] or "").split("\n")
        also["other_phones"] = tidy_lines("\n".join(kept_phone(line, country=address.country) for line in lines))
    return PartyDraft(kind, texts["name"], texts["uid"], texts["email"], phone, address, **also)  # type: ignore[arg-type]


def tidy_lines(text: object) -> str:
    """Return a text with a line each: without needless spaces, empty lines and what stands there twice."""
    lines = (" ".join(line.split()) for line in str(text or "").splitlines())
    return "\n".join(dict.fromkeys(line for line in lines if line))


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
            text=text[:60],
        )
    return f"CHE-{found[1]}.{found[2]}.{found[3]}"


def _check_digit_fits(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return (11 - total % 11) % 11 == int(number[8])


def check_party(draft: PartyDraft, *, known_phones: Collection[str] = ()) -> None:
    """Refuse a party without a name, a person with a company number, and what is no address, phone or number.

    `known_phones`: what was kept before numbers were read, and may stay.

    Raises: BadParty: with all its findings.
    """
    found = [
        *_name_findings(draft),
        *_uid_findings(draft),
        *_reach_findings(draft, known_phones),
        *_lines_findings(draft, known_phones),
        *_place_findings(draft),
    ]
    if found:
        raise BadParty(found)


def _name_findings(draft: PartyDraft) -> list[Finding]:
    if not draft.name.strip():
        return [Finding("name", "Donnez un nom à l’entreprise ou à la personne.")]
    return []


def _uid_findings(draft: PartyDraft) -> list[Finding]:
    if draft.kind is PartyKind.PERSON and draft.uid:
        return [Finding("uid", "Une personne n’a pas de numéro IDE.")]
    try:
        read_uid(draft.uid)
    except BadInput as problem:
        return [Finding("uid", problem.message_id, problem.params)]
    return []


def _reach_findings(draft: PartyDraft, known_phones: Collection[str]) -> list[Finding]:
    found = []
    if draft.email:
        found += _email_findings("email", draft.email.strip())
    if draft.phone not in known_phones:
        found += phone_findings("phone", draft.phone, draft.address.country)
    return found


def _email_findings(name: str, text: str) -> list[Finding]:
    if _EMAIL.fullmatch(text):
        return []
    message = "« {given} » n’est pas une adresse e-mail ; il manque par exemple « @domaine.ch »."
    return [Finding(name, message, {"given": text})]


def _lines_findings(draft: PartyDraft, known_phones: Collection[str]) -> list[Finding]:
    found = []
    for name in ALSO:
        lines = [line for line in (getattr(draft, name) or "").split("\n") if line]
        if len(lines) > MOST_LINES:
            found.append(Finding(name, "Au plus {most} lignes.", {"most": MOST_LINES}))
        elif any(len(line) > LONGEST for line in lines):
            found.append(Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": LONGEST}))
        elif name == "other_emails":
            found += [one for line in lines for one in _email_findings(name, line)][:1]
        elif name == "other_phones":
            new = (line for line in lines if line not in known_phones)
            found += [one for line in new for one in phone_findings(name, line, draft.address.country)][:1]
    return found


def phone_findings(name: str, text: str, country: str) -> list[Finding]:
    """Return what stands against a telephone number in a field."""
    try:
        read_phone(text, country=country)
    except BadPhone as problem:
        return [Finding(name, problem.message_id, problem.params)]
    return []


def _place_findings(draft: PartyDraft) -> list[Finding]:
    found, address = [], draft.address
    if address.canton and not re.fullmatch(r"[A-Z]{2}", address.canton):
        message = "« {given} » n’est pas un canton ; écrivez par exemple VD."
        found.append(Finding("canton", message, {"given": address.canton}))
    if not re.fullmatch(r"[A-Z]{2}", address.country):
        message = "« {given} » n’est pas un pays ; écrivez par exemple CH."
        found.append(Finding("country", message, {"given": address.country}))
    texts = {"name": draft.name, "street": address.street, "city": address.city, "house_number": address.house_number}
    for name, text in texts.items():
        if len(text) > LONGEST:
            found.append(Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": LONGEST}))
    if len(address.postal_code) > 12:
        found.append(Finding("postal_code", "« {given} » n’est pas un code postal.", {"given": address.postal_code}))
    return found
