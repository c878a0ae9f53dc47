"""`/heures`, `/heures/[span_id]`, `/heures/nouvelles`: the list of hours, one stretch of work, and a new one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do, now
from app.lists.page import list_page
from app.lists.state import ListState, for_list
from app.people.sheet_view import month_key, span_view
from app.people.span_list import SPANS
from app.people.typed_span import read_span
from app.records.buttons import Step, button_views
from app.records.forms import FieldSpec, Form, FormRecord, FormSpec, register_form
from app.records.page import EDIT_VERB, RecordPage, new_body, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.records.party_names import find_parties, names_of_parties
from app.shell import screen
from app.text import day, say, t
from db.access.rules import Actor, may
from db.kernel.errors import NotFound
from db.kernel.findings import BadFields, Finding
from db.people.hours.actions import add_span, edit_span, remove_span
from db.people.hours.queries import SpanFacts, span_facts
from db.people.hours.rules import MANAGE, READ, Span, SpanDraft, duration_text, local_day, minutes_of
from db.records.columns.rules import ValueType

KEYS = (("E", "modifier"), ("N", "note"), ("L", "liste"))
TYPED = ("day", "begins", "ends", "pause", "pause_begins")
STEPS = [
    Step(EDIT_VERB, "Modifier", MANAGE, key="e"),
    Step("remove", "Enlever", MANAGE, reason="needed", tone="danger"),
]
NAMES = {"started_at": "begins", "ended_at": "ends", "break_minutes": "pause", "break_began_at": "pause_begins"}


@for_list(SPANS)
class Spans(ListState, rx.State):
    """The list of hours."""


list_page(SPANS, Spans)

SPAN = FormSpec(
    "work_span",
    "work_span",
    (
        FieldSpec("owner_id", "Personne"),
        FieldSpec("day", "Jour", ValueType.DATE, required=True, extra=True),
        FieldSpec("begins", "Arrivée", ValueType.TEXT, required=True, extra=True, hint="8:00"),
        FieldSpec("ends", "Départ", ValueType.TEXT, required=True, extra=True, hint="17:24"),
        FieldSpec("pause", "Pause (minutes)", ValueType.TEXT, extra=True),
        FieldSpec("pause_begins", "Début de la pause (dès 30 minutes)", ValueType.TEXT, extra=True),
        FieldSpec("task", "Travail", required=False),
        FieldSpec("party_id", "Client"),
        FieldSpec("note", "Note", required=False, wide=True),
        FieldSpec("reason", "Motif de la correction", required=False, wide=True),
    ),
)


def _read(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        return FormRecord({"owner_id": given.get("personne") or by.user_id, "day": local_day(now())})
    facts = ask(by, span_facts, span_id=record_id, by=by)
    typed: dict[str, Any] = {name: text for name, text in span_view(facts, by.language).items() if name in TYPED}
    values = {**typed, "day": local_day(facts.started_at), "task": facts.task, "note": facts.note}
    locked = {"owner_id": "Des heures restent à la personne qui les a faites."}
    if facts.is_closed:
        locked = dict.fromkeys((*locked, *values, "party_id", "reason"), "Le mois est clôturé.")
    return FormRecord({**values, "owner_id": facts.owner_id, "party_id": facts.party_id}, facts.row_version, locked)


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    form = {name: given.get(name) or "" for name in (*TYPED, "task", "note")}
    if given.get("day"):
        form["day"] = day(given["day"])
    return {**read_span(form), "party_id": given.get("party_id")}


def _told(refusal: BadFields) -> BadFields:
    """Return the refusal with the names of the form's fields."""
    return BadFields([Finding(NAMES.get(one.field, one.field), one.message_id, one.params) for one in refusal.findings])


def _create(by: Actor, given: dict[str, Any]) -> UUID:
    owner_id = given.get("owner_id") or by.user_id
    try:
        draft = SpanDraft(owner_id, **_values(given))
        made: UUID = do(by, add_span, draft=draft, reason=given.get("reason") or "")
    except BadFields as refusal:
        raise _told(refusal) from None
    return made


def _edit(by: Actor, record_id: UUID, given: dict[str, Any], version: int) -> None:
    facts = ask(by, span_facts, span_id=record_id, by=by)
    before = _read(by, record_id, {}).values
    reason = given.get("reason") or ""
    try:
        values = _values({**before, **given})
        do(by, edit_span, span_id=facts.span_id, values=values, reason=reason, expected_version=version)
    except BadFields as refusal:
        raise _told(refusal) from None


def _find(by: Actor, field: str, text: str) -> list[tuple[str, str]]:
    return find_parties(by, text, None)


register_form(Form(SPAN, _read, _create, _edit, routes.span, "Heures enregistrées.", MANAGE, _find, names_of_parties))


def _page_of(by: Actor, span_id: UUID) -> PageView:
    facts = ask(by, span_facts, span_id=span_id, by=by)
    shown = span_view(facts, by.language)
    may_change = may(by, MANAGE) and not facts.is_closed
    steps = [
        Step(EDIT_VERB, "Modifier", MANAGE, key="e"),
        Step("remove", "Enlever", MANAGE, reason="needed", tone="danger"),
    ]
    label = say(by.language, "clôturé") if facts.is_closed else ""
    name = f"{facts.owner_name}, {day(facts.started_at)}"
    month = routes.hours_of(facts.owner_id, month_key(local_day(facts.started_at)))
    groups = [
        Group(say(by.language, "Mois"), [Related(f"{local_day(facts.started_at):%m.%Y}", facts.owner_name, month)])
    ]
    buttons = button_views(steps if may_change else [], by.language)
    return PageView(
        name, label, "grn" if label else "", _main(facts, shown, by), _facts(facts, shown, by), groups, buttons
    )


def _main(facts: SpanFacts, shown: Mapping[str, str], by: Actor) -> list[Fact]:
    worked = minutes_of(Span(facts.started_at, facts.ended_at or now(), facts.break_minutes))
    found = (
        ("Heures", shown["times"]),
        ("Travaillé", duration_text(worked)),
        ("Pause (minutes)", shown["pause"] or "—"),
    )
    return [Fact(say(by.language, label), value) for label, value in found]


def _facts(facts: SpanFacts, shown: Mapping[str, str], by: Actor) -> list[Fact]:
    client = routes.company(facts.party_id) if facts.party_id else ""
    found = [
        ("Début de la pause", shown["pause_begins"], ""),
        ("Travail", facts.task, ""),
        ("Client", facts.party_name, client),
        ("Note", facts.note, ""),
        ("Motif de la correction", facts.reason, ""),
    ]
    return [Fact(say(by.language, label), value, href) for label, value, href in found if value]


def _act(by: Actor, verb: str, span_id: UUID, reason: str) -> str:
    if verb != "remove":
        raise NotFound("Ce geste n’existe pas.")
    do(by, remove_span, span_id=span_id, reason=reason)
    return "Heures enlevées."


register_page("heures", Page("work_span", _page_of, _act, "Heures", routes.HOURS))


@screen(
    route=routes.HOURS_RECORD,
    title="Heures",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def span_page() -> rx.Component:
    """Draw a stretch of work."""
    return record_body()


@screen(route=routes.NEW_HOURS, title="Saisir des heures", permission=MANAGE, on_load=RecordPage.start)
def new_span() -> rx.Component:
    """Draw the form of new hours."""
    return new_body(t("Enregistrer"))
