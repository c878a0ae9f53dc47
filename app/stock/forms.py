"""The forms of a stock move, a place and a count."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from app import routes
from app.doors import ask, do, now
from app.records.forms import FieldSpec, Form, FormRecord, FormSpec, register_form
from app.stock.words import find_record, names_of
from app.text import SWITZERLAND, quantity
from db.access.rules import Actor, may_see_field
from db.catalog.items.queries import items_named
from db.catalog.units.rules import read_quantity
from db.kernel.errors import BadInput
from db.kernel.findings import Finding
from db.records.columns.rules import ValueType
from db.stock.counts.actions import open_count, rename_count
from db.stock.counts.queries import count_facts
from db.stock.counts.rules import KIND as COUNT_KIND
from db.stock.counts.rules import CountDraft
from db.stock.moves.actions import change_planned, move_goods, plan_move
from db.stock.moves.queries import move_facts
from db.stock.moves.rules import BY_HAND, KIND_LABELS, BadMove, MoveDraft, MoveKind, MoveState
from db.stock.moves.rules import KIND as MOVE_KIND
from db.stock.places.actions import add_place, change_place
from db.stock.places.queries import place_facts, places
from db.stock.places.rules import KIND as PLACE_KIND
from db.stock.places.rules import STATE_LABELS, BadPlace, clean_place, draft_of

# --- a move

MOVE = FormSpec(
    "stock_move",
    MOVE_KIND,
    (
        FieldSpec("kind", "Raison", ValueType.CHOICE, tuple((one.value, KIND_LABELS[one]) for one in BY_HAND),
                  required=True),
        FieldSpec("item_id", "Article", hint="Numéro, code-barres ou nom", required=True),
        FieldSpec("quantity", "Quantité", ValueType.TEXT, hint="12, 2.5, 250 cm, 3 cartons…", required=True),
        FieldSpec("unit_cost", "Prix de revient (CHF par unité)"),
        FieldSpec("from_place_id", "De", hint="Vide pour une entrée", required=False),
        FieldSpec("to_place_id", "Vers", hint="Vide pour une sortie", required=False),
        FieldSpec("on", "Date", ValueType.DATE, extra=True, hint="Vide : maintenant ; à venir : prévu"),
        FieldSpec("note", "Remarque", wide=True),
    ),
)  # fmt: skip


def _read_move(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        known = ask(by, places)
        home = str(known[0].place_id) if len(known) == 1 else None
        kind = given.get("raison", MoveKind.RECEIPT.value)
        start = {"kind": kind, "item_id": given.get("article"), "quantity": given.get("quantite", "")}
        start |= {"from_place_id": given.get("de"), "to_place_id": given.get("vers") or home}
        if kind == MoveKind.ISSUE.value:
            start |= {"from_place_id": given.get("de") or home, "to_place_id": None}
        return FormRecord(start)
    facts = ask(by, move_facts, move_id=record_id, by=by)
    names = ("kind", "unit_cost", "from_place_id", "to_place_id", "note")
    values: dict[str, Any] = {name: getattr(facts, name) for name in names}
    values |= {"item_id": facts.item.item_id, "quantity": quantity(facts.quantity)}
    values["on"] = facts.moved_at.astimezone(SWITZERLAND).date()
    reason = "Un mouvement fait ne se modifie pas ; un contre-mouvement le corrige."
    locked = dict.fromkeys(values, reason) if facts.state is not MoveState.PLANNED else {}
    return FormRecord(values, facts.row_version, locked)


def _create_move(by: Actor, values: dict[str, Any]) -> UUID:
    draft, on = _move_draft(by, values)
    is_planned = on is not None and on > now().astimezone(SWITZERLAND).date()
    made: UUID = do(by, plan_move if is_planned else move_goods, draft=draft)
    return made


def _edit_move(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    facts = ask(by, move_facts, move_id=record_id, by=by)
    if "quantity" in values:
        values["quantity"] = _quantity(by, values.get("item_id") or facts.item.item_id, str(values["quantity"]))
    if "on" in values:
        values["moved_at"] = _moment(values.pop("on"))
    if "kind" in values:
        values["kind"] = MoveKind(values["kind"])
    do(by, change_planned, move_id=record_id, values=values, expected_version=version)


def _move_draft(by: Actor, values: Mapping[str, Any]) -> tuple[MoveDraft, date | None]:
    on, item_id = values.get("on"), values.get("item_id")
    cost = values.get("unit_cost") if may_see_field(by, MOVE_KIND, "unit_cost") else None
    draft = MoveDraft(
        item_id,
        MoveKind(values.get("kind") or MoveKind.RECEIPT),
        _quantity(by, item_id, str(values.get("quantity", ""))),
        values.get("from_place_id"),
        values.get("to_place_id"),
        values.get("note", ""),
        cost,
        _moment(on),
    )
    return draft, on


def _moment(on: date | None) -> datetime | None:
    """Return now for today, else noon of the day in Switzerland."""
    if on is None or on == now().astimezone(SWITZERLAND).date():
        return None
    return datetime.combine(on, time(12), SWITZERLAND)


def _quantity(by: Actor, item_id: UUID | None, text: str) -> Decimal:
    item = ask(by, items_named, item_ids=[item_id]).get(item_id) if item_id else None
    if item is None:
        raise BadMove([Finding("item_id", "Choisissez un article.")])
    try:
        return read_quantity(text, unit=item.unit, packages=item.packages)
    except BadInput as problem:
        raise BadMove([Finding("quantity", problem.message_id, problem.params)]) from None


# --- a place

PLACE = FormSpec(
    "stock_place",
    PLACE_KIND,
    (
        FieldSpec("name", "Nom du lieu", required=True, wide=True),
        FieldSpec("code", "Code", hint="Vide : tiré du nom", required=False),
        FieldSpec("parent_id", "Se trouve dans", required=False),
        FieldSpec(
            "allows_negative",
            "Stock négatif permis",
            hint="Sinon, rien ne sort qui ne soit noté comme présent",
            required=False,
        ),
        FieldSpec("state", "État", ValueType.CHOICE, tuple(STATE_LABELS.items()), required=True),
    ),
)


def _read_place(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        return FormRecord({"state": "active", "allows_negative": False, "parent_id": given.get("dans")})
    facts = ask(by, place_facts, place_id=record_id)
    return FormRecord({one.name: getattr(facts, one.name) for one in PLACE.fields}, facts.row_version)


def _create_place(by: Actor, values: dict[str, Any]) -> UUID:
    made: UUID = do(by, add_place, draft=draft_of(values))
    return made


def _edit_place(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    do(by, change_place, place_id=record_id, values=values, expected_version=version)


def _check_place(values: Mapping[str, Any]) -> list[Finding]:
    try:
        clean_place(draft_of({one.name: values[one.name] for one in PLACE.fields if one.name in values}))
    except BadPlace as refusal:
        return refusal.findings
    return []


# --- a count

COUNT = FormSpec(
    "stock_count",
    COUNT_KIND,
    (
        FieldSpec("place_id", "Lieu à compter", required=True, wide=True),
        FieldSpec("group_name", "Seulement ce groupe", hint="Vide : tout ce qui s’y trouve", required=False),
        FieldSpec("blind", "À l’aveugle", hint="Le stock attendu ne se voit pas en comptant", required=False),
        FieldSpec("name", "Nom", hint="Vide : le lieu et la date", required=False, wide=True),
    ),
)


def _read_count(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        known = ask(by, places)
        home = str(known[0].place_id) if len(known) == 1 else None
        return FormRecord({"place_id": given.get("lieu") or home, "blind": True, "group_name": given.get("groupe", "")})
    facts = ask(by, count_facts, count_id=record_id)
    fixed = "Le lieu et le groupe d’un inventaire ouvert ne changent plus."
    values = {one.name: getattr(facts, one.name) for one in COUNT.fields}
    return FormRecord(values, facts.row_version, {"place_id": fixed, "group_name": fixed})


def _create_count(by: Actor, values: dict[str, Any]) -> UUID:
    made: UUID = do(by, open_count, draft=CountDraft(**{"place_id": None, **values}))
    return made


def _edit_count(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    do(by, rename_count, count_id=record_id, values=values, expected_version=version)


register_form(
    Form(MOVE, _read_move, _create_move, _edit_move, routes.move, "Mouvement enregistré.", "stock.move", find_record,
         names_of)
)  # fmt: skip
register_form(
    Form(PLACE, _read_place, _create_place, _edit_place, routes.place, "Lieu créé.", "stock.manage_places",
         find_record, names_of, _check_place)
)  # fmt: skip
register_form(
    Form(COUNT, _read_count, _create_count, _edit_count, routes.stock_count, "Inventaire ouvert.", "stock.count",
         find_record, names_of)
)  # fmt: skip
