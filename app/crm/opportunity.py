"""`/affaires/[opportunity_id]` and `/affaires/nouvelle`: an opportunity, how it ends, and a new one."""

from uuid import UUID

import reflex as rx

from app import routes
from app.crm import forms as forms  # registers the forms
from app.crm.moving import move_dialog
from app.crm.stage_strip import StageStrip, stage_strip
from app.custom_words import entry_words
from app.doors import ask, do
from app.records.buttons import Step, button_views, steps_offered
from app.records.page import EDIT_VERB, RecordPage, new_body, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.shell import screen
from app.text import day, money, say, t
from db.access.people.queries import user_names
from db.access.rules import Actor, may, may_see_field
from db.crm.leads.queries import lead_detail
from db.crm.opportunities.actions import lose_opportunity, reopen_opportunity, win_opportunity
from db.crm.opportunities.queries import OpportunityDetail, OpportunityFacts, opportunity_facts
from db.crm.opportunities.rules import OPPORTUNITY_LIFE, STATE_LABELS, OpportunityState
from db.crm.pipelines.queries import all_stages
from db.kernel.errors import NotFound
from db.parties.queries import party_names
from db.parties.rules import PartyKind

READ, EDIT, PARTIES = "crm.read_leads", "crm.edit_leads", "parties.read"
SEND_MAIL = "documents.send_mail"
TONES = {OpportunityState.WON: "grn", OpportunityState.LOST: "red", OpportunityState.OPEN: "ac"}
KEYS = (("E", "modifier"), ("N", "note"), ("L", "liste"))
STEPS = (
    Step(EDIT_VERB, "Modifier", EDIT, only_in=(OpportunityState.OPEN,), key="e"),
    Step("lose", "Perdue", EDIT, OpportunityState.LOST, reason="needed", tone="danger"),
    Step("win", "Gagnée", EDIT, OpportunityState.WON, reason="optional", tone="p"),
    Step("reopen", "Rouvrir", EDIT, OpportunityState.OPEN),
)


def _page_of(by: Actor, opportunity_id: UUID) -> PageView:
    facts = ask(by, opportunity_facts, opportunity_id=opportunity_id, by=by)
    state = OpportunityState(facts.state)
    write = Step("write", "Écrire", SEND_MAIL, key="m", href=routes.new_mail("opportunity", opportunity_id))
    mail = [write] if may(by, SEND_MAIL) else []
    buttons = button_views([*mail, *steps_offered(OPPORTUNITY_LIFE, state, STEPS, by)], by.language)
    label = say(by.language, STATE_LABELS[state])
    groups = [*_parties(facts, by), *_lead(facts, by)]
    return PageView(facts.name, label, TONES[state], _main(facts, by), _facts(facts, by), groups, buttons)


def _main(facts: OpportunityFacts, by: Actor) -> list[Fact]:
    names = ask(by, user_names)
    owner = names.get(facts.owner_id, "") if facts.owner_id else ""
    amount = "—" if facts.expected_amount is None else money(facts.expected_amount)
    found = [
        ("expected_amount", "Montant attendu (CHF)", amount),
        ("stage_id", "Étape", _stage_words(facts, by)),
        ("expected_close", "Signature attendue le", day(facts.expected_close) if facts.expected_close else "—"),
        ("owner_id", "Responsable", owner or say(by.language, "personne")),
        ("opened_at", "Ouverte le", day(facts.opened_at)),
    ]
    if facts.closed_at is not None:
        found.append(("closed_at", "Close le", day(facts.closed_at)))
    seen = [one for one in found if may_see_field(by, "opportunity", one[0])]
    return [Fact(say(by.language, label), value) for _, label, value in seen]


def _stage_words(facts: OpportunityFacts, by: Actor) -> str:
    stage = next((one for one in ask(by, all_stages) if one.stage_id == facts.stage_id), None)
    return f"{stage.name} · {stage.chance} %" if stage else "—"


def _facts(facts: OpportunityDetail, by: Actor) -> list[Fact]:
    step_day = day(facts.next_step_date) if facts.next_step_date else ""
    found = [
        ("next_step", "Prochaine étape", " · ".join(text for text in (step_day, facts.next_step) if text)),
        ("closing_reason", "Motif", facts.closing_reason),
    ]
    seen = [one for one in found if one[2] and may_see_field(by, "opportunity", one[0])]
    own = [Fact(label, text) for label, text in entry_words(facts.custom, by.language)]
    return [Fact(say(by.language, label), value) for _, label, value in seen] + own


def _parties(facts: OpportunityFacts, by: Actor) -> list[Group]:
    if not may(by, PARTIES):
        return []
    ids = [one for one in dict.fromkeys([facts.party_id, facts.contact_id]) if one]
    known = ask(by, party_names, party_ids=ids)
    lines = []
    for one in (known[party_id] for party_id in ids if party_id in known):
        is_person = one.kind is PartyKind.PERSON
        word = say(by.language, "Personne" if is_person else "Société")
        lines.append(Related(one.name, word, (routes.contact if is_person else routes.company)(one.party_id)))
    return [Group(say(by.language, "Avec qui"), lines)]


def _lead(facts: OpportunityFacts, by: Actor) -> list[Group]:
    if facts.lead_id is None:
        return []
    try:
        lead = ask(by, lead_detail, lead_id=facts.lead_id, by=by)
    except NotFound:
        return []
    return [Group(say(by.language, "Piste"), [Related(lead.name, day(lead.received_at), routes.lead(lead.lead_id))])]


def _act(by: Actor, verb: str, opportunity_id: UUID, reason: str) -> str:
    if verb == "win":
        do(by, win_opportunity, opportunity_id=opportunity_id, reason=reason)
        return "Affaire gagnée."
    if verb == "lose":
        do(by, lose_opportunity, opportunity_id=opportunity_id, reason=reason)
        return "Affaire perdue."
    if verb == "reopen":
        do(by, reopen_opportunity, opportunity_id=opportunity_id)
        return "Affaire rouverte."
    raise NotFound("Ce geste n’existe pas.")


register_page("affaires", Page("opportunity", _page_of, _act, "Affaires", routes.OPPORTUNITIES))


@screen(
    route=routes.OPPORTUNITY,
    title="Affaire",
    permission=READ,
    on_load=[RecordPage.load, StageStrip.load],
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def opportunity() -> rx.Component:
    """Draw an opportunity with the stages that it goes through."""
    return rx.fragment(stage_strip(), record_body(), move_dialog())


@screen(route=routes.NEW_OPPORTUNITY, title="Nouvelle affaire", permission=EDIT, on_load=RecordPage.start)
def new_opportunity() -> rx.Component:
    """Draw the form of a new opportunity."""
    return new_body(t("Créer l’affaire"))
