"""The forms of companies and contacts."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from app import routes
from app.doors import ask, do
from app.records.forms import FieldSpec, Form, FormRecord, FormSpec, apart, register_form, together, with_added
from app.records.party_names import find_parties, names_of_parties
from db.access.rules import Actor
from db.crm.leads.rules import CANTONS
from db.kernel.errors import NotFound
from db.kernel.findings import BadFields, Finding
from db.parties.actions import add_contact, add_party, change_party
from db.parties.queries import party_card
from db.parties.rules import ALSO, EDITABLE, KIND, PartyKind, check_party, draft_of
from db.records.columns.rules import ValueType
from db.records.custom_fields.queries import custom_fields_for

EDIT = "parties.edit"
_ADDRESS = (
    FieldSpec("street", "Rue"),
    FieldSpec("house_number", "Numéro"),
    FieldSpec("postal_code", "NPA"),
    FieldSpec("city", "Localité"),
    FieldSpec("canton", "Canton", ValueType.CHOICE, tuple((code, code) for code in CANTONS)),
    FieldSpec("country", "Pays", hint="CH, FR, DE… (deux lettres)"),
)
_ALSO = (
    FieldSpec("other_emails", "Autres e-mails", ValueType.LONG_TEXT, hint="Un par ligne", wide=True),
    FieldSpec("other_phones", "Autres téléphones", ValueType.PHONES, hint="Un par ligne", wide=True),
    FieldSpec("former_names", "Anciens noms", ValueType.LONG_TEXT, hint="Un par ligne", wide=True),
)
COMPANY = FormSpec(
    "company",
    KIND,
    (
        FieldSpec("name", "Nom de la société", wide=True),
        FieldSpec("uid", "Numéro IDE", hint="CHE-123.456.788"),
        FieldSpec("phone", "Téléphone"),
        FieldSpec("email", "E-mail", wide=True),
        *_ADDRESS,
        *_ALSO,
    ),
)
_REACH = (FieldSpec("email", "E-mail"), FieldSpec("phone", "Téléphone"))
_FIRM = (
    FieldSpec("company_id", "Société", ValueType.RECORD, extra=True),
    FieldSpec("function", "Fonction", ValueType.TEXT, extra=True),
)
CONTACT = FormSpec("contact", KIND, (FieldSpec("name", "Prénom et nom", wide=True), *_FIRM, *_REACH, *_ADDRESS, *_ALSO))


_FIRM_FIELDS = frozenset(one.name for one in _FIRM)
_ALSO_FIELDS = frozenset(ALSO)  # a new record has but one of each


def _read(by: Actor, record_id: UUID | None, given: Mapping[str, str], *, kind: PartyKind) -> FormRecord:
    if record_id is None:
        start = {"country": "CH", "name": given.get("nom", ""), "company_id": given.get("societe")}
        fields = ask(by, custom_fields_for, kind=KIND, by=by, group=kind.value)
        return FormRecord(start, absent=_ALSO_FIELDS, custom=fields)
    card = ask(by, party_card, party_id=record_id)
    if card.kind is not kind:
        raise NotFound("Cette entreprise ou personne n’existe pas.")
    flat = {**vars(card), **vars(card.address)}
    record = FormRecord({name: flat[name] for name in (*EDITABLE, *ALSO)}, card.row_version, absent=_FIRM_FIELDS)
    return with_added(record, card.custom)


def _create(by: Actor, values: dict[str, Any], *, kind: PartyKind) -> UUID:
    own, added = apart(values)
    company_id, function = own.pop("company_id", None), own.pop("function", "")
    made: UUID = do(by, add_party, draft=draft_of(own, kind), custom=added)
    if company_id is not None:
        do(by, add_contact, company_id=company_id, person_id=made, function=function)
    return made


def _edit(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    do(by, change_party, party_id=record_id, values=together(values), expected_version=version)


def _check(values: Mapping[str, Any], *, kind: PartyKind) -> list[Finding]:
    try:
        check_party(draft_of(values, kind))
    except BadFields as refusal:
        return refusal.findings
    return []


def _find_company(by: Actor, field: str, text: str) -> list[tuple[str, str]]:
    return find_parties(by, text, PartyKind.COMPANY)


def _form(spec: FormSpec, kind: PartyKind, address: Any, created: str) -> Form:
    read, create = partial(_read, kind=kind), partial(_create, kind=kind)
    return Form(
        spec,
        read,
        create,
        _edit,
        address,
        created,
        EDIT,
        _find_company,
        names_of_parties,
        partial(_check, kind=kind),
        kind.value,
    )


register_form(_form(COMPANY, PartyKind.COMPANY, routes.company, "Société créée."))
register_form(_form(CONTACT, PartyKind.PERSON, routes.contact, "Contact créé."))
