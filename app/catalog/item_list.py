"""The list of items."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app import routes
from app.doors import ask
from app.lists.cells import as_it_is, day_column, text_column
from app.lists.kind import Around, Column, Editing, Facet, ListKind, Quick, RangeEnd, Verb, word
from app.text import percent, price, quantity, say
from db.access.rules import Actor
from db.catalog.items.listing.actions import change_items
from db.catalog.items.listing.queries import ITEM_QUESTIONS, SHAPE
from db.catalog.items.rules import (
    KIND_LABELS,
    STATE_LABELS,
    STOCK_LABELS,
    VAT_LABELS,
    ItemKind,
    ItemState,
    StockState,
)
from db.catalog.units.rules import unit_named
from db.kernel.errors import BadInput
from db.parties.queries import parties_like
from db.records.custom_fields.rules import read_number
from db.records.listing.rules import read_request

ACTIVE = "state=active"
TONES = {StockState.OK: "open", StockState.LOW: "lost", StockState.NEGATIVE: "lost", StockState.NONE: ""}
FILLED = {StockState.OK: "100", StockState.LOW: "25", StockState.NEGATIVE: "0", StockState.NONE: "0"}


def columns(around: Around) -> list[Column]:
    """Return every column of the list."""
    return [
        text_column("number", "Numéro", width="110px", kind="strong"),
        text_column("name", "Article", width="250px"),
        _plain("name_de", "Nom allemand", "180px"),
        _plain("name_en", "Nom anglais", "180px"),
        text_column("group", "Groupe", "group_name", width="140px"),
        _on_hand(),
        Column("stock", "État du stock", "state", _stock_cell, lambda row: word(STOCK_LABELS[row.stock_state]),
               width="130px", field="stock_state"),
        _number("minimum", "Minimum", "minimum_stock", "90px", quantity),
        _choice("unit", "Unité", "unit", lambda value: value, _unit),
        _plain("packages", "Conditionnements", "140px"),
        _number("price", "Prix de vente", "sale_price", "100px", price, sort="price"),
        _number("purchase_price", "Prix d’achat", "purchase_price", "100px", price),
        _margin(),
        _choice("vat", "TVA", "vat_code", lambda value: VAT_LABELS.get(value, value), None, VAT_LABELS),
        _plain("barcode", "Code-barres", "130px"),
        _supplier(),
        _choice("kind", "Genre", "kind", lambda value: KIND_LABELS[ItemKind(value)], None, KIND_LABELS),
        Column("state", "Statut", "text", lambda row, language, today: say(language, STATE_LABELS[row.state]),
               lambda row: word(STATE_LABELS[row.state]), width="80px", field="state"),
        day_column("updated", "Modifié le", "updated_at"),
    ]  # fmt: skip


def _plain(key: str, label: str, width: str) -> Column:
    column = text_column(key, label, width=width)
    return Column(key, label, column.kind, column.cell, column.value, width=width, field=key, editing=column.editing)


def _number(key: str, label: str, name: str, width: str, shown: Any, *, sort: str = "") -> Column:
    return Column(
        key,
        label,
        "number",
        lambda row, language, today: "" if getattr(row, name) is None else shown(getattr(row, name)),
        lambda row: getattr(row, name),
        sort=sort,
        falls=True,
        width=width,
        field=name,
        editing=Editing(name, _read_number),
    )


def _read_number(text: str, around: Around) -> Decimal | None:
    return read_number(text) if text else None


def _on_hand() -> Column:
    return Column(
        "on_hand",
        "En stock",
        "number",
        lambda row, language, today: "" if row.kind is ItemKind.SERVICE else quantity(row.on_hand, row.unit),
        lambda row: row.on_hand,
        sort="on_hand",
        falls=True,
        width="100px",
        field="on_hand",
    )


def _margin() -> Column:
    return Column(
        "margin",
        "Marge",
        "number",
        lambda row, language, today: "" if row.margin is None else percent(row.margin, 1),
        lambda row: row.margin,
        width="80px",
        field="purchase_price",
    )


def _choice(
    key: str, label: str, name: str, word: Any, read: Any = None, choices: dict[Any, str] | None = None
) -> Column:
    def options(around: Around) -> list[tuple[str, str]]:
        return [(str(value), say(around.by.language, words)) for value, words in (choices or {}).items()]

    return Column(
        key,
        label,
        "text",
        lambda row, language, today: say(language, word(getattr(row, name))) if getattr(row, name) else "",
        lambda row: word(getattr(row, name)) if getattr(row, name) else "",
        width="90px",
        field=name,
        editing=Editing(name, read or (lambda text, around: text), options if choices else None),
    )


def _unit(text: str, around: Around) -> str:
    return unit_named(text)


def _supplier() -> Column:
    return Column(
        "supplier",
        "Fournisseur",
        "text",
        lambda row, language, today: row.supplier_name,
        lambda row: row.supplier_name,
        width="150px",
        field="supplier_id",
        editing=Editing("supplier_id", _read_supplier),
    )


def _read_supplier(text: str, around: Around) -> UUID | None:
    """Return the party of this name.

    Raises: BadInput: there is none, or several.
    """
    if not text:
        return None
    found = ask(around.by, parties_like, text=text)
    same = [one for one in found if one.name.casefold() == text.casefold()] or found
    if len(same) != 1:
        raise BadInput("« {text} » ne désigne pas une seule fiche du carnet d’adresses.", text=text[:60])
    return same[0].party_id


def _stock_cell(row: Any, language: str, today: date) -> list[str]:
    if row.kind is ItemKind.SERVICE:
        return ["", "", "0"]
    state = StockState(row.stock_state)
    return [TONES[state], say(language, STOCK_LABELS[state]), FILLED[state]]


def _named(labels: Any, wanted: Any) -> Any:
    def named(value: str, around: Around) -> str:
        return say(around.by.language, labels[wanted(value)]) if value in labels else value

    return named


def tabs(by: Actor) -> list[tuple[str, str]]:
    """Return the views that everybody has."""
    low = urlencode([("state", "active"), ("stock", "low"), ("stock", "negative")])
    return [("Actifs", ACTIVE), ("À commander", low), ("Tous", "view=all")]


ITEMS = ListKind(
    key="item",
    new=("Nouvel article", routes.NEW_ITEM),
    record="item",
    table="item",
    route=routes.ITEMS,
    link=routes.item("{id}"),
    title="Articles",
    words=("article", "articles"),
    read="catalog.read",
    edit="catalog.edit",
    export="catalog.export",
    columns=columns,
    usual=("number", "name", "group", "on_hand", "stock", "price", "purchase_price", "margin", "supplier"),
    queries=ITEM_QUESTIONS,
    read_request=partial(read_request, shape=SHAPE),
    change=change_items,
    facets=(
        Facet("group", "Groupe", "group_name", as_it_is),
        Facet("stock", "État du stock", "stock_state", _named(STOCK_LABELS, StockState), tuple(StockState)),
        Facet("kind", "Genre", "kind", _named(KIND_LABELS, ItemKind), tuple(ItemKind)),
        Facet("vat", "TVA", "vat_code", _named(VAT_LABELS, str)),
        Facet("state", "Statut", "state", _named(STATE_LABELS, ItemState), tuple(ItemState)),
    ),
    ranges=(
        RangeEnd("price_from", "Prix, au moins", "Prix ≥ {value}", "sale_price"),
        RangeEnd("price_to", "Prix, au plus", "Prix ≤ {value}", "sale_price"),
        RangeEnd("on_hand_from", "Stock, au moins", "Stock ≥ {value}", "on_hand"),
        RangeEnd("on_hand_to", "Stock, au plus", "Stock ≤ {value}", "on_hand"),
    ),
    quick=(
        Quick("active", "Actifs", lambda by: {"state": ("active",)}),
        Quick("low", "Sous le minimum", lambda by: {"stock": ("low", "negative")}),
        Quick("service", "Services", lambda by: {"kind": ("service",)}),
    ),
    verbs=(
        Verb("archive", "Archiver", "{count} articles archivés.", lambda value, around: {}, danger=True),
        Verb("activate", "Remettre en service", "{count} articles remis en service.", lambda value, around: {}),
    ),
    tabs=tabs,
    opens=ACTIVE,
    usual_sort="number",
    nothing=(
        "Aucun article.",
        "Créez le premier, ou reprenez votre liste depuis Excel ou Winbiz.",
        "Importer des articles",
        routes.import_of("items"),
    ),
    none_fits="Aucun article ne correspond.",
    file="articles",
)
