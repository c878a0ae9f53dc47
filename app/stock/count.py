"""`/inventaires/[count_id]` and `/inventaires/nouveau`: a count with its differences, and a new one."""

from decimal import Decimal
from functools import partial
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do
from app.records.buttons import Step, button_views, steps_offered
from app.records.page import EDIT_VERB, RecordPage, new_body, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.shell import screen
from app.stock import forms as forms  # registers the forms
from app.stock.words import item_line
from app.text import MINUS, instant, money, quantity, say, t
from db.access.rules import Actor
from db.kernel.errors import NotFound
from db.stock.counts.actions import approve_count, cancel_count, finish_count, resume_count
from db.stock.counts.queries import CountFacts, ReviewLine, count_facts, review
from db.stock.counts.rules import COUNT_LIFE, KIND, STATE_LABELS, CountState
from db.stock.moves.queries import moves_of_origin

READ, COUNT, APPROVE = "stock.read", "stock.count", "stock.approve_count"
KEYS = (("E", "modifier"), ("N", "note"), ("L", "liste"))
SHOWN = 300
TONES = {
    CountState.OPEN: "ac",
    CountState.REVIEW: "amb",
    CountState.APPROVED: "grn",
    CountState.CANCELLED: "",
}
NOT_APPROVED = (CountState.OPEN, CountState.REVIEW)


def _steps(count_id: UUID) -> tuple[Step, ...]:
    open_only, count_on = (CountState.OPEN,), routes.counting(count_id)
    return (
        Step(EDIT_VERB, "Modifier", COUNT, only_in=NOT_APPROVED, key="e"),
        Step("cancel", "Abandonner", COUNT, CountState.CANCELLED, tone="danger"),
        Step("resume", "Compter encore", COUNT, CountState.OPEN),
        Step("finish", "Terminer le comptage", COUNT, CountState.REVIEW),
        Step("count", "Compter", COUNT, only_in=open_only, tone="p", key="c", href=count_on),
        Step("approve", "Approuver", APPROVE, CountState.APPROVED, tone="p"),
    )


def _page_of(by: Actor, count_id: UUID) -> PageView:
    facts = ask(by, count_facts, count_id=count_id)
    lines = ask(by, review, count_id=count_id, by=by)
    state = say(by.language, STATE_LABELS[facts.state])
    buttons = button_views(steps_offered(COUNT_LIFE, facts.state, _steps(count_id), by), by.language)
    return PageView(
        facts.name, state, TONES[facts.state], _main(facts, lines, by), [], _groups(facts, lines, by), buttons
    )


def _main(facts: CountFacts, lines: list[ReviewLine], by: Actor) -> list[Fact]:
    word, gaps = partial(say, by.language), [one for one in lines if one.difference != 0]
    found = [
        Fact(word("Lieu"), facts.place_path, routes.place(facts.place_id)),
        Fact(word("Compté"), f"{facts.counted} / {facts.lines}"),
        Fact(word("Ouvert"), f"{instant(facts.opened_at)}, {facts.opened_by}"),
    ]
    if lines:
        found.append(Fact(word("Différences"), quantity(Decimal(len(gaps)))))
        values = [one.value for one in gaps if one.value is not None]
        if values:
            found.append(Fact(word("Valeur (CHF)"), money(sum(values, Decimal(0)))))
    if facts.approved_at is not None:
        found.append(Fact(word("Approuvé"), f"{instant(facts.approved_at)}, {facts.approved_by}"))
    return found


def _groups(facts: CountFacts, lines: list[ReviewLine], by: Actor) -> list[Group]:
    word = partial(say, by.language)
    if facts.blind and facts.state is CountState.OPEN and not lines:
        hint = word("Comptage à l’aveugle : les différences se voient une fois le comptage terminé.")
        return [Group(word("Différences"), [], hint)]
    gaps = [_line(one, by) for one in lines if one.difference != 0]
    same = [_line(one, by) for one in lines if one.difference == 0]
    found = [
        Group(word("Différences"), gaps[:SHOWN], word("Aucune différence pour l’instant.")),
        Group(word("Juste"), same[:SHOWN], word("Rien n’est encore compté juste.")),
    ]
    if facts.state is CountState.APPROVED:
        moves = ask(by, moves_of_origin, kind=KIND, record_id=facts.count_id, by=by)
        found.insert(0, Group(word("Mouvements"), [item_line(one, by.language) for one in moves[:SHOWN]]))
        return found
    rest = facts.lines - facts.counted
    if rest:
        left = word("{count} articles ne sont pas comptés : leur stock reste tel quel.", count=quantity(Decimal(rest)))
        found.append(Group(word("Pas encore compté"), [], left))
    return found


def _line(one: ReviewLine, by: Actor) -> Related:
    word = partial(say, by.language)
    parts = [
        word("compté {quantity}", quantity=quantity(one.tally.counted or Decimal(0), one.unit)),
        word("attendu {quantity}", quantity=quantity(one.expected, one.unit)),
        one.tally.by_name,
        instant(one.tally.counted_at) if one.tally.counted_at else "",
    ]
    if one.value:
        parts.insert(2, f"CHF {money(one.value)}")
    sign = "+" if one.difference > 0 else MINUS if one.difference < 0 else ""
    tag = sign + quantity(abs(one.difference), one.unit) if one.difference else ""
    tone = "grn" if one.difference > 0 else "red"
    detail = " · ".join(part for part in parts if part)
    return Related(f"{one.number} · {one.name}", detail, routes.item(one.item_id), tag, tone if tag else "")


def _act(by: Actor, verb: str, count_id: UUID, reason: str) -> str:
    if verb == "approve":
        do(by, approve_count, count_id=count_id)
        return "Inventaire approuvé : le stock est à jour."
    acts = {
        "finish": (finish_count, "Comptage terminé : il attend une approbation."),
        "resume": (resume_count, "Le comptage continue."),
        "cancel": (cancel_count, "Inventaire abandonné."),
    }
    if verb not in acts:
        raise NotFound("Ce geste n’existe pas.")
    action, told = acts[verb]
    do(by, action, count_id=count_id)
    return told


register_page("inventaires", Page("stock_count", _page_of, _act, "Inventaires", routes.COUNTS))


@screen(
    route=routes.COUNT,
    title="Inventaire",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def stock_count() -> rx.Component:
    """Draw a count."""
    return record_body()


@screen(route=routes.NEW_COUNT, title="Nouvel inventaire", permission=COUNT, on_load=RecordPage.start)
def new_count() -> rx.Component:
    """Draw the form of a new count."""
    return new_body(t("Ouvrir l’inventaire"))
