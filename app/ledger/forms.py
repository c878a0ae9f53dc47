"""The form of an account."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app import routes
from app.doors import ask, do
from app.records.forms import FieldSpec, Form, FormRecord, FormSpec, register_form
from db.access.rules import Actor
from db.kernel.findings import Finding
from db.ledger.accounts.actions import add_account, change_account
from db.ledger.accounts.queries import account_facts, account_in_use
from db.ledger.accounts.rules import (
    COLLECTIVE_LABELS,
    DRAFT_FIELDS,
    FIXED_IN_USE,
    KIND,
    KIND_LABELS,
    AccountKind,
    BadAccount,
    Collective,
    check_account,
    draft_of,
)
from db.records.columns.rules import ValueType
from db.records.listing.changes import check_fields_seen

MANAGE = "ledger.manage_accounts"
IN_USE = "Des écritures l’utilisent : cela ne change plus."
ACCOUNT = FormSpec(
    "account",
    KIND,
    (
        FieldSpec("number", "Numéro", hint="Par exemple 1020 ou 6510", required=True),
        FieldSpec("name", "Nom du compte", required=True, wide=True),
        FieldSpec("name_de", "Nom allemand"),
        FieldSpec("name_en", "Nom anglais"),
        FieldSpec(
            "kind",
            "Genre",
            ValueType.CHOICE,
            tuple((one.value, KIND_LABELS[one]) for one in AccountKind),
            hint="Vide : d’après le numéro",
            required=False,
        ),
        FieldSpec("currency", "Monnaie", hint="CHF, EUR, USD…", required=False),
        FieldSpec(
            "collective",
            "Postes ouverts",
            ValueType.CHOICE,
            tuple((one.value, COLLECTIVE_LABELS[one]) for one in Collective if one),
            required=False,
        ),
        FieldSpec("co_position", "Position du bilan ou du compte de résultat (CO)", required=False),
        FieldSpec("is_archived", "Archivé", ValueType.YES_NO, required=False),
    ),
)


def _read(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        start = {"number": given.get("numero", ""), "name": given.get("nom", ""), "currency": "CHF"}
        return FormRecord(start, absent=frozenset({"is_archived"}))
    facts = ask(by, account_facts, account_id=record_id)
    values = {name: getattr(facts, name) for name in DRAFT_FIELDS}
    locked = dict.fromkeys(FIXED_IN_USE, IN_USE) if ask(by, account_in_use, account_id=record_id) else {}
    return FormRecord(values, facts.row_version, locked)


def _create(by: Actor, values: dict[str, Any]) -> UUID:
    check_fields_seen(by, KIND, list(values))
    made: UUID = do(by, add_account, draft=draft_of(values))
    return made


def _edit(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    do(by, change_account, account_id=record_id, values=values, expected_version=version)


def _check(values: Mapping[str, Any]) -> list[Finding]:
    try:
        check_account(draft_of(values))
    except BadAccount as refusal:
        return list(refusal.findings)
    return []


register_form(
    Form(ACCOUNT, _read, _create, _edit, routes.account_page, "Compte créé.", MANAGE, check=_check)
)  # fmt: skip
