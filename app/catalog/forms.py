"""The form of an item."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app import routes
from app.doors import ask, do
from app.records.forms import FieldSpec, Form, FormRecord, FormSpec, register_form
from app.records.party_names import find_parties, names_of_parties
from db.access.rules import Actor, may
from db.catalog.items.actions import add_item, change_item
from db.catalog.items.queries import item_card
from db.catalog.items.rules import EDITABLE, KIND, KIND_LABELS, VAT_LABELS, BadItem, clean_item, draft_of
from db.catalog.units.rules import UNITS
from db.kernel.findings import Finding
from db.records.columns.rules import ValueType
from db.records.listing.changes import check_fields_seen

EDIT = "catalog.edit"
ITEM = FormSpec(
    "item",
    KIND,
    (
        FieldSpec("number", "Numéro", required=True),
        FieldSpec("barcode", "Code-barres", hint="GTIN de 8, 12, 13 ou 14 chiffres"),
        FieldSpec("name", "Nom de l’article", required=True, wide=True),
        FieldSpec("name_de", "Nom allemand"),
        FieldSpec("name_en", "Nom anglais"),
        FieldSpec(
            "kind",
            "Genre",
            ValueType.CHOICE,
            tuple((one.value, label) for one, label in KIND_LABELS.items()),
            required=True,
        ),
        FieldSpec("group_name", "Groupe"),
        FieldSpec(
            "unit", "Unité", ValueType.CHOICE, tuple((one.code, one.label) for one in UNITS.values()), required=True
        ),
        FieldSpec("packages", "Conditionnements", hint="carton = 12, palette = 480"),
        FieldSpec("sale_price", "Prix de vente (CHF, hors TVA)"),
        FieldSpec("purchase_price", "Prix d’achat (CHF, hors TVA)"),
        FieldSpec("vat_code", "Code TVA", ValueType.CHOICE, tuple(VAT_LABELS.items()), required=True),
        FieldSpec("minimum_stock", "Stock minimum", hint="Dessous, l’article passe dans « À commander »"),
        FieldSpec("supplier_id", "Fournisseur habituel", wide=True),
        FieldSpec("note", "Remarque", ValueType.LONG_TEXT, wide=True),
    ),
)
FIELDS = frozenset(one.name for one in ITEM.fields)


def _read(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        start = {"kind": "article", "unit": "pce", "vat_code": "standard"}
        return FormRecord({**start, "name": given.get("nom", ""), "number": given.get("numero", "")})
    card = ask(by, item_card, item_id=record_id, by=by)
    return FormRecord({name: getattr(card, name) for name in EDITABLE if name in FIELDS}, card.row_version)


def _create(by: Actor, values: dict[str, Any]) -> UUID:
    check_fields_seen(by, "item", list(values))
    made: UUID = do(by, add_item, draft=draft_of(values))
    return made


def _edit(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    do(by, change_item, item_id=record_id, values=values, expected_version=version)


def _check(values: Mapping[str, Any]) -> list[Finding]:
    try:
        clean_item(draft_of({name: value for name, value in values.items() if name in EDITABLE}))
    except BadItem as refusal:
        return refusal.findings
    return []


def _find(by: Actor, field: str, text: str) -> list[tuple[str, str]]:
    return find_parties(by, text) if may(by, "parties.read") else []


def _names(by: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    return names_of_parties(by, ids) if may(by, "parties.read") else {}


register_form(Form(ITEM, _read, _create, _edit, routes.item, "Article créé.", EDIT, _find, _names, _check))
