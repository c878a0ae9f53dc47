"""`/mouvements/[move_id]` and `/mouvements/nouveau`: one stock move, and a new one."""

from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do
from app.records.buttons import Step, button_views, steps_offered
from app.records.kinds import address_of
from app.records.page import EDIT_VERB, RecordPage, new_body, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.shell import screen
from app.stock import forms as forms  # registers the forms
from app.stock.words import TONES, signed
from app.text import instant, price, quantity, say, t
from db.access.rules import Actor
from db.kernel.errors import NotFound
from db.records.search.queries import titles_of
from db.stock.moves.actions import cancel_move, do_move, reverse_move
from db.stock.moves.queries import MoveFacts, move_facts
from db.stock.moves.rules import KIND_LABELS, MOVE_LIFE, STATE_LABELS, MoveKind, MoveState

READ, MOVE = "stock.read", "stock.move"
KEYS = (("E", "modifier"), ("N", "note"), ("L", "liste"))
STEPS = (
    Step(EDIT_VERB, "Modifier", MOVE, only_in=(MoveState.PLANNED,), key="e"),
    Step("cancel", "Annuler", MOVE, MoveState.CANCELLED, tone="danger"),
    Step("do", "Faire maintenant", MOVE, MoveState.DONE, tone="p"),
    Step("reverse", "Contre-mouvement", MOVE, only_in=(MoveState.DONE,), reason="needed"),
)


def _page_of(by: Actor, move_id: UUID) -> PageView:
    facts = ask(by, move_facts, move_id=move_id, by=by)
    offered = [one for one in steps_offered(MOVE_LIFE, facts.state, STEPS, by) if one.to is not MoveState.PLANNED]
    if facts.reversed_by or facts.kind is MoveKind.REVERSAL:
        offered = [one for one in offered if one.verb != "reverse"]
    name = f"{say(by.language, KIND_LABELS[facts.kind])} · {facts.item.title}"
    state = say(by.language, STATE_LABELS[facts.state])
    buttons = button_views(offered, by.language)
    return PageView(name, state, TONES[facts.state], _main(facts, by), _facts(facts, by), _groups(facts, by), buttons)


def _main(facts: MoveFacts, by: Actor) -> list[Fact]:
    outside = say(by.language, "extérieur")
    found = [
        ("Quantité", signed(facts)),
        ("De", facts.from_path or outside),
        ("Vers", facts.to_path or outside),
        ("Prévu le" if facts.state is MoveState.PLANNED else "Date", instant(facts.moved_at)),
    ]
    if facts.unit_cost is not None:
        found.append(("Prix de revient", price(facts.unit_cost)))
    return [Fact(say(by.language, label), value) for label, value in found]


def _facts(facts: MoveFacts, by: Actor) -> list[Fact]:
    found = [("Remarque", facts.note), ("En stock à présent", quantity(facts.item.on_hand, facts.item.unit))]
    return [Fact(say(by.language, label), value) for label, value in found if value]


def _groups(facts: MoveFacts, by: Actor) -> list[Group]:
    item = Related(facts.item.title, quantity(facts.item.on_hand, facts.item.unit), routes.item(facts.item.item_id))
    found = [Group(say(by.language, "Article"), [item])]
    linked = []
    if facts.reverses_id:
        linked.append(Related(say(by.language, "Mouvement repris"), "", routes.move(facts.reverses_id)))
    if facts.reversed_by:
        linked.append(Related(say(by.language, "Contre-mouvement"), "", routes.move(facts.reversed_by)))
    if facts.origin_kind and facts.origin_id:
        place = (facts.origin_kind, facts.origin_id)
        title = ask(by, titles_of, places=[place], by=by).get(place, "")
        address = address_of(*place)
        if title and address:
            linked.append(Related(title, "", address))
    return [*found, Group(say(by.language, "Vient de"), linked)] if linked else found


def _act(by: Actor, verb: str, move_id: UUID, reason: str) -> str:
    if verb == "do":
        do(by, do_move, move_id=move_id)
        return "Mouvement fait."
    if verb == "cancel":
        do(by, cancel_move, move_id=move_id)
        return "Mouvement annulé."
    if verb == "reverse":
        do(by, reverse_move, move_id=move_id, reason=reason)
        return "Contre-mouvement enregistré."
    raise NotFound("Ce geste n’existe pas.")


register_page("mouvements", Page("stock_move", _page_of, _act, "Mouvements", routes.MOVES))


@screen(
    route=routes.MOVE,
    title="Mouvement de stock",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def move() -> rx.Component:
    """Draw a stock move."""
    return record_body()


@screen(route=routes.NEW_MOVE, title="Nouveau mouvement", permission=MOVE, on_load=RecordPage.start)
def new_move() -> rx.Component:
    """Draw the form of a new move."""
    return new_body(t("Enregistrer le mouvement"))
