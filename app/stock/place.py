"""`/lieux/[place_id]` and `/lieux/nouveau`: where goods lie, and a new place."""

from decimal import Decimal
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do
from app.records.buttons import Step, button_views
from app.records.page import EDIT_VERB, RecordPage, new_body, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.shell import screen
from app.stock import forms as forms  # registers the forms
from app.text import quantity, say, t
from db.access.rules import Actor, may
from db.kernel.errors import NotFound
from db.stock.moves.queries import count_stock_at, stock_at
from db.stock.places.actions import change_place
from db.stock.places.queries import PlaceFacts, place_facts, places
from db.stock.places.rules import ACTIVE, CLOSED, STATE_LABELS

READ, EDIT, COUNT, MOVE = "stock.read", "stock.manage_places", "stock.count", "stock.move"
KEYS = (("E", "modifier"), ("N", "note"), ("L", "liste"))
SHOWN = 200


def _page_of(by: Actor, place_id: UUID) -> PageView:
    facts = ask(by, place_facts, place_id=place_id)
    word = partial(say, by.language)
    inside = [one for one in ask(by, places) if one.parent_id == place_id]
    within = _within(by, place_id)
    number = ask(by, count_stock_at, place_ids=within)
    main = [
        Fact(word("Articles présents"), quantity(Decimal(number))),
        Fact(word("Code"), facts.code),
        Fact(word("Stock négatif"), word("permis") if facts.allows_negative else word("refusé")),
    ]
    groups = [_stock(by, within, number)]
    if inside:
        lines = [Related(one.name, one.code, routes.place(one.place_id)) for one in inside]
        groups.insert(0, Group(word("Lieux à l’intérieur"), lines))
    tone = "grn" if facts.state == ACTIVE else ""
    state = word(STATE_LABELS[facts.state])
    return PageView(facts.path, state, tone, main, [], groups, button_views(_steps(facts, by), by.language))


def _within(by: Actor, place_id: UUID) -> list[UUID]:
    known, found = ask(by, places, with_closed=True), [place_id]
    for here in found:
        found += [one.place_id for one in known if one.parent_id == here and one.place_id not in found]
    return found


def _steps(facts: PlaceFacts, by: Actor) -> list[Step]:
    steps = []
    if may(by, EDIT):
        is_open = facts.state == ACTIVE
        steps.append(Step("close", "Fermer", EDIT) if is_open else Step("open", "Rouvrir", EDIT))
        steps.append(Step(EDIT_VERB, "Modifier", EDIT, key="e"))
    if may(by, COUNT) and facts.state == ACTIVE:
        href = f"{routes.NEW_COUNT}?{urlencode({'lieu': str(facts.place_id)})}"
        steps.append(Step("count", "Inventaire", COUNT, tone="p", key="i", href=href))
    return steps


def _stock(by: Actor, within: list[UUID], number: int) -> Group:
    found = ask(by, stock_at, place_ids=within, most=SHOWN)
    lines = [
        Related(f"{one.number} · {one.name}", quantity(one.quantity, one.unit), routes.item(one.item_id))
        for one in found
    ]
    if number > len(found):
        rest = say(by.language, "et {count} autres articles", count=quantity(Decimal(number - len(found))))
        lines.append(Related(rest, "", routes.ITEMS))
    add = f"{routes.NEW_MOVE}?{urlencode({'vers': str(within[0])})}" if may(by, MOVE) else ""
    empty = say(by.language, "Rien ne se trouve ici pour l’instant.")
    return Group(say(by.language, "Stock"), lines, empty, say(by.language, "Nouvelle entrée"), add)


def _act(by: Actor, verb: str, place_id: UUID, reason: str) -> str:
    version = ask(by, place_facts, place_id=place_id).row_version
    if verb == "close":
        do(by, change_place, place_id=place_id, values={"state": CLOSED}, expected_version=version)
        return "Lieu fermé."
    if verb == "open":
        do(by, change_place, place_id=place_id, values={"state": ACTIVE}, expected_version=version)
        return "Lieu rouvert."
    raise NotFound("Ce geste n’existe pas.")


register_page("lieux", Page("stock_place", _page_of, _act, "Lieux", routes.PLACES))


@screen(
    route=routes.PLACE,
    title="Lieu de stock",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def place() -> rx.Component:
    """Draw a place."""
    return record_body()


@screen(route=routes.NEW_PLACE, title="Nouveau lieu", permission=EDIT, on_load=RecordPage.start)
def new_place() -> rx.Component:
    """Draw the form of a new place."""
    return new_body(t("Créer le lieu"))
