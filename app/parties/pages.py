"""`/societes` and `/contacts`: the pages of a company and of a person, and those of new ones."""

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from app import routes
from app.custom_words import entry_words
from app.doors import ask
from app.parties import forms as forms  # registers the forms
from app.records.buttons import Step, button_views
from app.records.doubles_group import doubles_group
from app.records.page import EDIT_VERB, RecordPage, new_body, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.shell import screen
from app.text import day, money, say, t
from db.access.rules import Actor, may, may_see_field
from db.crm.leads.related.queries import leads_of_party
from db.crm.leads.rules import STATE_LABELS as LEAD_LABELS
from db.crm.leads.rules import LeadState
from db.crm.opportunities.queries import OpportunityFacts, opportunities_of_party
from db.crm.opportunities.rules import STATE_LABELS, OpportunityState
from db.kernel.errors import NotFound
from db.kernel.phones import phone_link, shown_phone
from db.parties.queries import NamedParty, PartyCard, companies_of, party_card, people_of
from db.parties.rules import PartyKind

READ, EDIT = "parties.read", "parties.edit"
MERGE, SEND_MAIL = "records.merge", "documents.send_mail"
DEALS, EDIT_DEALS = "crm.read_leads", "crm.edit_leads"
TONES = {OpportunityState.WON: "grn", OpportunityState.LOST: "red", OpportunityState.OPEN: "ac"}
KEYS = (("E", "modifier"), ("N", "note"), ("L", "liste"))


def _page_of(by: Actor, party_id: UUID, *, kind: PartyKind) -> PageView:
    card = ask(by, party_card, party_id=party_id)
    if card.kind is not kind:
        return PageView("", lives_at=(routes.contact if card.kind is PartyKind.PERSON else routes.company)(party_id))
    write = Step("write", "Écrire", SEND_MAIL, key="m", href=routes.new_mail("party", party_id))
    steps = [write] if may(by, SEND_MAIL) and card.email else []
    steps += [Step(EDIT_VERB, "Modifier", EDIT, key="e")] if may(by, EDIT) else []
    groups = [_people(by, party_id) if kind is PartyKind.COMPANY else _companies(by, party_id)]
    if may(by, MERGE) and may(by, EDIT):
        groups.append(doubles_group(by, "party", party_id, kind.value, {**vars(card), **vars(card.address)}))
    if may(by, DEALS):
        groups += [_opportunities(by, party_id, kind), _leads(by, party_id)]
    label = say(by.language, "Société" if kind is PartyKind.COMPANY else "Contact")
    return PageView(card.name, label, "", [], _facts(card, by), groups, button_views(steps, by.language))


def _facts(card: PartyCard, by: Actor) -> list[Fact]:
    address = card.address
    street = " ".join(text for text in (address.street, address.house_number) if text)
    place = " ".join(text for text in (address.postal_code, address.city) if text)
    country = "" if address.country == "CH" else address.country
    full = ", ".join(text for text in (street, place, address.canton, country) if text)
    found = [
        ("uid", "Numéro IDE", card.uid, ""),
        ("email", "E-mail", card.email, f"mailto:{card.email}"),
        ("phone", "Téléphone", shown_phone(card.phone), phone_link(card.phone)),
        ("street", "Adresse", full, ""),
    ]
    found += [("other_emails", "Autre e-mail", line, f"mailto:{line}") for line in card.other_emails.split("\n")]
    others = [(shown_phone(line), phone_link(line)) for line in card.other_phones.split("\n")]
    found += [("other_phones", "Autre téléphone", *one) for one in others]
    found += [("former_names", "Ancien nom", line, "") for line in card.former_names.split("\n")]
    seen = [one for one in found if one[2] and may_see_field(by, "party", one[0])]
    facts = [Fact(say(by.language, label), value, href) for _, label, value, href in seen]
    return facts + [Fact(label, text) for label, text in entry_words(card.custom, by.language)]


def _named(one: NamedParty) -> Related:
    address = routes.contact if one.kind is PartyKind.PERSON else routes.company
    return Related(one.name, one.function, address(one.party_id))


def _people(by: Actor, party_id: UUID) -> Group:
    lines = [_named(one) for one in ask(by, people_of, company_id=party_id)]
    add = f"{routes.NEW_CONTACT}?{urlencode({'societe': str(party_id)})}" if may(by, EDIT) else ""
    say_it = partial(say, by.language)
    return Group(say_it("Contacts"), lines, say_it("Aucun contact pour l’instant."), say_it("Ajouter un contact"), add)


def _companies(by: Actor, party_id: UUID) -> Group:
    lines = [_named(one) for one in ask(by, companies_of, person_id=party_id)]
    return Group(say(by.language, "Sociétés"), lines, say(by.language, "Cette personne ne représente aucune société."))


def _opportunities(by: Actor, party_id: UUID, kind: PartyKind) -> Group:
    lines = [_opportunity(one, by) for one in ask(by, opportunities_of_party, party_id=party_id, by=by)]
    part = "societe" if kind is PartyKind.COMPANY else "personne"
    given = {"societe": str(party_id)} if part == "societe" else {"societe": str(party_id), "personne": str(party_id)}
    add = f"{routes.NEW_OPPORTUNITY}?{urlencode(given)}" if may(by, EDIT_DEALS) else ""
    say_it = partial(say, by.language)
    return Group(say_it("Affaires"), lines, say_it("Aucune affaire pour l’instant."), say_it("Nouvelle affaire"), add)


def _opportunity(one: OpportunityFacts, by: Actor) -> Related:
    state = OpportunityState(one.state)
    sees_amount = one.expected_amount is not None and may_see_field(by, "opportunity", "expected_amount")
    amount = money(one.expected_amount) if sees_amount and one.expected_amount is not None else ""
    label = say(by.language, STATE_LABELS[state])
    return Related(one.name, amount, routes.opportunity(one.opportunity_id), label, TONES[state])


def _leads(by: Actor, party_id: UUID) -> Group:
    lines = [
        Related(
            one.name,
            day(one.received_at),
            routes.lead(one.lead_id),
            say(by.language, LEAD_LABELS[one.state]),
            "red" if one.state is LeadState.LOST else "",
        )
        for one in ask(by, leads_of_party, party_id=party_id, by=by)
    ]
    return Group(say(by.language, "Pistes"), lines, say(by.language, "Aucune piste à ce nom."))


def _act(by: Actor, verb: str, party_id: UUID, reason: str) -> str:
    raise NotFound("Ce geste n’existe pas.")


def _register(prefix: str, form: str, kind: PartyKind, plural: str, route: str) -> None:
    register_page(prefix, Page(form, partial(_page_of, kind=kind), _act, plural, route))


_register("societes", "company", PartyKind.COMPANY, "Sociétés", routes.COMPANIES)
_register("contacts", "contact", PartyKind.PERSON, "Contacts", routes.CONTACTS)


@screen(
    route=routes.COMPANY_RECORD,
    title="Société",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def company() -> rx.Component:
    """Draw a company."""
    return record_body()


@screen(
    route=routes.CONTACT_RECORD,
    title="Contact",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def contact() -> rx.Component:
    """Draw a contact."""
    return record_body()


@screen(route=routes.NEW_COMPANY, title="Nouvelle société", permission=EDIT, on_load=RecordPage.start)
def new_company() -> rx.Component:
    """Draw the form of a new company."""
    return new_body(t("Créer la société"))


@screen(route=routes.NEW_CONTACT, title="Nouveau contact", permission=EDIT, on_load=RecordPage.start)
def new_contact() -> rx.Component:
    """Draw the form of a new contact."""
    return new_body(t("Créer le contact"))
