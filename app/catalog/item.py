"""`/articles/[item_id]` and `/articles/nouveau`: an item, what is on hand of it, and a new one."""

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from app import routes
from app.catalog import forms as forms  # registers the form
from app.catalog.item_words import move_line
from app.doors import ask, do
from app.records.buttons import Step, button_views
from app.records.page import EDIT_VERB, RecordPage, new_body, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.shell import screen
from app.text import percent, price, quantity, say, t
from db.access.rules import Actor, may, may_see_field
from db.catalog.items.actions import change_item
from db.catalog.items.queries import ItemCard, item_card
from db.catalog.items.rules import KIND_LABELS, STOCK_LABELS, VAT_LABELS, ItemKind, ItemState, StockState
from db.catalog.units.rules import UNITS
from db.kernel.errors import NotFound
from db.stock.moves.queries import levels_of_item, moves_of_item

READ, EDIT, STOCK, MOVE = "catalog.read", "catalog.edit", "stock.read", "stock.move"
KEYS = (("E", "modifier"), ("V", "mouvement"), ("N", "note"), ("L", "liste"))
TONES = {StockState.OK: "grn", StockState.LOW: "red", StockState.NEGATIVE: "red", StockState.NONE: ""}


def _page_of(by: Actor, item_id: UUID) -> PageView:
    card = ask(by, item_card, item_id=item_id, by=by)
    tag, tone = _tag(card, by)
    groups = _stock(card, by) if card.kind is ItemKind.ARTICLE and may(by, STOCK) else []
    buttons = button_views(_steps(card, by), by.language)
    name = f"{card.number} · {card.name}"
    return PageView(name, tag, tone, _main(card, by), _facts(card, by), groups, buttons)


def _tag(card: ItemCard, by: Actor) -> tuple[str, str]:
    if card.state is ItemState.ARCHIVED:
        return say(by.language, "Archivé"), ""
    if card.kind is ItemKind.SERVICE:
        return say(by.language, KIND_LABELS[card.kind]), ""
    state = StockState(card.stock_state)
    return say(by.language, STOCK_LABELS[state]), TONES[state]


def _steps(card: ItemCard, by: Actor) -> list[Step]:
    steps = []
    if may(by, EDIT):
        archived = card.state is ItemState.ARCHIVED
        steps.append(Step("activate", "Remettre en service", EDIT) if archived else Step("archive", "Archiver", EDIT))
        steps.append(Step(EDIT_VERB, "Modifier", EDIT, key="e"))
    if may(by, MOVE) and card.kind is ItemKind.ARTICLE:
        href = f"{routes.NEW_MOVE}?{urlencode({'article': str(card.item_id)})}"
        steps.append(Step("move", "Mouvement", MOVE, key="v", tone="p", href=href))
    return steps


def _main(card: ItemCard, by: Actor) -> list[Fact]:
    found = [
        ("on_hand", "En stock", quantity(card.on_hand, card.unit) if card.kind is ItemKind.ARTICLE else ""),
        ("minimum_stock", "Minimum", "" if card.minimum_stock is None else quantity(card.minimum_stock, card.unit)),
        ("sale_price", "Prix de vente", "" if card.sale_price is None else price(card.sale_price)),
        ("purchase_price", "Prix d’achat", "" if card.purchase_price is None else price(card.purchase_price)),
        ("purchase_price", "Marge", "" if card.margin is None else percent(card.margin, 1)),
    ]
    seen = [one for one in found if one[2] and may_see_field(by, "item", one[0])]
    return [Fact(say(by.language, label), value) for _, label, value in seen]


def _facts(card: ItemCard, by: Actor) -> list[Fact]:
    word = partial(say, by.language)
    supplier = routes.company(card.supplier_id) if card.supplier_id and may(by, "parties.read") else ""
    found = [
        ("kind", "Genre", word(KIND_LABELS[card.kind]), ""),
        ("group_name", "Groupe", card.group_name, ""),
        ("unit", "Unité", word(UNITS[card.unit].label), ""),
        ("packages", "Conditionnements", card.packages, ""),
        ("vat_code", "TVA", word(VAT_LABELS.get(card.vat_code, card.vat_code)), ""),
        ("barcode", "Code-barres", card.barcode, ""),
        ("supplier_id", "Fournisseur", card.supplier_name, supplier),
        ("name_de", "Nom allemand", card.name_de, ""),
        ("name_en", "Nom anglais", card.name_en, ""),
        ("note", "Remarque", card.note, ""),
    ]
    seen = [one for one in found if one[2] and may_see_field(by, "item", one[0])]
    return [Fact(word(label), value, href) for _, label, value, href in seen]


def _stock(card: ItemCard, by: Actor) -> list[Group]:
    word = partial(say, by.language)
    levels = [
        Related(one.place_path, quantity(one.quantity, card.unit), routes.place(one.place_id))
        for one in ask(by, levels_of_item, item_id=card.item_id)
    ]
    moves = [move_line(one, by.language) for one in ask(by, moves_of_item, item_id=card.item_id, by=by)]
    add = f"{routes.NEW_MOVE}?{urlencode({'article': str(card.item_id)})}" if may(by, MOVE) else ""
    return [
        Group(word("Stock par lieu"), levels, word("Rien en stock pour l’instant.")),
        Group(word("Mouvements"), moves, word("Aucun mouvement pour l’instant."), word("Nouveau mouvement"), add),
    ]


def _act(by: Actor, verb: str, item_id: UUID, reason: str) -> str:
    version = ask(by, item_card, item_id=item_id, by=by).row_version
    if verb == "archive":
        values = {"state": ItemState.ARCHIVED.value}
        do(by, change_item, item_id=item_id, values=values, expected_version=version)
        return "Article archivé."
    if verb == "activate":
        values = {"state": ItemState.ACTIVE.value}
        do(by, change_item, item_id=item_id, values=values, expected_version=version)
        return "Article remis en service."
    raise NotFound("Ce geste n’existe pas.")


register_page("articles", Page("item", _page_of, _act, "Articles", routes.ITEMS))


@screen(
    route=routes.ITEM,
    title="Article",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def item() -> rx.Component:
    """Draw an item."""
    return record_body()


@screen(route=routes.NEW_ITEM, title="Nouvel article", permission=EDIT, on_load=RecordPage.start)
def new_item() -> rx.Component:
    """Draw the form of a new item."""
    return new_body(t("Créer l’article"))
