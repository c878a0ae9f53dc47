"""Companies, suppliers and contacts as kinds that files are read into."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from app.imports.kinds import Kind, Situation
from app.imports.party_words import COMPANY_TARGETS, CONTACT_TARGETS, SUPPLIER_TARGETS
from db.crm.imports.parties.actions import PARTY_IMPORT
from db.kernel.phones import HOME, kept_phone
from db.parties.intake.queries import matches
from db.parties.intake.rules import Identity, PartyRow, identities
from db.parties.rules import Address, PartyDraft, PartyKind, check_party

COLUMNS = ("name", "uid", "email", "phone", "street", "house_number", "postal_code", "city", "canton", "country")
ROLES = ("is_customer", "is_supplier")


@dataclass(frozen=True)
class PartyRead:
    """What one row says: a party, for whom it speaks, or who speaks for it."""

    draft: PartyDraft
    company: str = ""
    function: str = ""
    contact: str = ""
    custom: dict[str, Any] = field(default_factory=dict)


def _person_name(values: dict[str, Any]) -> str:
    parts = (values.pop("first_name", ""), values.pop("last_name", ""))
    joined = " ".join(part for part in parts if part)
    return " ".join((values.pop("full_name", "") or joined).split())


def _draft(values: dict[str, Any], kind: PartyKind) -> PartyDraft:
    for name in ("name", "street", "house_number", "city"):
        if name in values:
            values[name] = " ".join(values[name].split())
    if "email" in values:
        values["email"] = values["email"].lower()
    if "phone" in values:
        values["phone"] = kept_phone(values["phone"], country=values.get("country", HOME))
    address = Address(**{name: values[name] for name in vars(Address()) if name in values})
    bare = {name: values.get(name, "") for name in ("name", "uid", "email", "phone")}
    draft = PartyDraft(kind, **bare, address=address, **{name: values.get(name) for name in ROLES})
    check_party(draft)
    return draft


def build_company(
    values: dict[str, Any], custom: dict[str, Any], where: Situation, *, supplier: bool = False
) -> PartyRead:
    """Return the company of one row; one that names a person only is that person.

    Raises:
        BadInput: the values cannot be kept.
    """
    person = _person_name(values)
    if supplier:
        values["is_supplier"] = True
    if not values.get("name") and person:
        values["name"] = person
        return PartyRead(_draft(values, PartyKind.PERSON), custom=custom)
    return PartyRead(_draft(values, PartyKind.COMPANY), contact=person, custom=custom)


def build_contact(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> PartyRead:
    """Return the person of one row and the company for which she speaks. Raises: BadInput."""
    values["name"] = _person_name(values)
    company, function = values.pop("company_name", ""), values.pop("function", "")
    draft = _draft(values, PartyKind.PERSON)
    return PartyRead(draft, " ".join(company.split()), " ".join(function.split())[:200], custom=custom)


def identify(read: PartyRead) -> tuple[Identity, ...]:
    """Return by what the party of a row is recognised."""
    return identities(read.draft, company=read.company)


def row(line: int, read: PartyRead, given: dict[str, Any], key: tuple[Identity, ...]) -> PartyRow:
    """Return the row as the business takes it."""
    said = {name: value for name, value in given.items() if name in (*COLUMNS, *ROLES) and value is not None}
    return PartyRow(line, read.draft, said, key, read.company, read.function, read.contact, read.custom)


COMPANIES = Kind(
    name="companies",
    record_kind="party",
    label="Sociétés",
    permission="parties.import",
    undo_permission="crm.undo_import",
    targets=COMPANY_TARGETS,
    states={},
    state_labels={},
    key_targets=frozenset({"uid", "email", "name"}),
    field_of={},
    reserved=frozenset(),
    build=build_company,
    row=row,
    deeds=PARTY_IMPORT,
    find=matches,
    identify=identify,
    recognised="Le n° IDE, sinon l’e-mail, sinon le nom et le NPA.",
    portion=100,
    group=PartyKind.COMPANY.value,
    icon="building-2",
    page="/societes",
    purpose="Clients et autres sociétés, avec leur adresse ; aussi l’export des adresses de Winbiz.",
)
SUPPLIERS = replace(
    COMPANIES,
    name="suppliers",
    label="Fournisseurs",
    targets=SUPPLIER_TARGETS,
    build=partial(build_company, supplier=True),
    icon="truck",
    purpose="Les sociétés auxquelles vous achetez ; une société connue devient aussi fournisseur.",
)
CONTACTS = replace(
    COMPANIES,
    name="contacts",
    group=PartyKind.PERSON.value,
    label="Contacts",
    targets=CONTACT_TARGETS,
    key_targets=frozenset({"email", "phone"}),
    build=build_contact,
    recognised="L’e-mail, sinon le téléphone avec le nom, sinon le nom et la société.",
    icon="contact",
    page="/contacts",
    purpose="Personnes et la société pour laquelle elles parlent ; une société inconnue est créée.",
)
