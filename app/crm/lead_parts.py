"""The parts of a lead's page: head with its deeds, facts or form, what to note, and the story."""

from typing import Any

import reflex as rx

from app import routes
from app.components import confirm, field, section, tag
from app.components.mention_box import mention_box
from app.platform import Visitor
from app.records.form_state import form_part
from app.records.story_state import Story
from app.text import t

EDIT = "crm.edit_leads"
CHANNELS = (("call", "Appel"), ("email", "E-mail"), ("visit", "Visite"), ("other", "Autre échange"), ("note", "Note"))


def head_part(state: Any) -> rx.Component:
    """Draw the name and the deeds that the lead's state and the person's rights allow."""
    lead = state.lead
    return rx.el.div(
        rx.link(
            t("Pistes"),
            href=routes.LEADS,
            underline="none",
            class_name="m",
            custom_attrs={"data-key": "l", "data-key-label": t("Retour à la liste")},
        ),
        rx.el.span("/", class_name="f"),
        rx.el.h1(lead["name"], class_name="el"),
        rx.cond(lead["state_label"], tag(lead["state_label"], lead["tone"])),
        rx.el.span(class_name="sp"),
        _deeds(state),
        class_name="record-head",
    )


def _deeds(state: Any) -> rx.Component:
    """Draw the buttons that the lead's life and the person's rights offer (`state.buttons`)."""
    lead = state.lead

    def offered(verb: str, drawn: rx.Component) -> rx.Component:
        return rx.cond(state.buttons.contains(verb), drawn)

    convert = confirm(
        t("Convertir"),
        title=t("Convertir cette piste en affaire ?"),
        sentence=t(
            "La société et la personne entrent dans le carnet d’adresses, le fil suit l’affaire. C’est définitif."
        ),
        on_confirm=state.convert(lead["id"]),
        class_name="btn sm p",
    )
    return rx.fragment(
        offered("edit", _button(t("Modifier"), "E", "e", state.edit(lead["id"]))),
        offered("take", _button(t("Prendre"), "", "", state.take(lead["id"]))),
        offered("lose", _lose(state)),
        offered("convert", convert),
        offered("reopen", _button(t("Rouvrir"), "", "", state.reopen(lead["id"]))),
    )


def _button(label: Any, shown_key: str, key: str, on_click: Any) -> rx.Component:
    parts = [rx.el.kbd(shown_key)] if shown_key else []
    attributes = {"custom_attrs": {"data-key": key, "data-key-label": label}} if key else {}
    return rx.el.button(label, *parts, type="button", class_name="btn sm", on_click=on_click, **attributes)


def _lose(state: Any) -> rx.Component:
    form = rx.el.form(
        rx.el.input(type="hidden", name="lead_id", value=state.lead["id"]),
        field(
            t("Motif de la perte"),
            rx.el.input(name="lost_reason", class_name="in", max_length=500, custom_attrs={"list": "lost-reasons"}),
            state.errors["lost_reason"],
        ),
        rx.el.datalist(
            *[
                rx.el.option(value=text)
                for text in ("trop cher", "concurrent choisi", "projet abandonné", "sans réponse")
            ],
            id="lost-reasons",
        ),
        rx.el.div(rx.el.button(t("Perdue"), type="submit", class_name="btn sm danger"), class_name="row g6"),
        on_submit=state.lose,
    )
    return rx.el.details(
        rx.el.summary(t("Perdue…"), class_name="btn sm"), rx.el.div(form, class_name="pop"), class_name="menu"
    )


def brief_part(state: Any) -> rx.Component:
    """Draw who it is, what it is worth and whose it is, for the panel beside the list."""
    lead = state.lead
    return rx.el.div(
        rx.el.div(
            rx.el.span(rx.cond(lead["company"], lead["company"], lead["person"]), class_name="md el"),
            tag(lead["state_label"], lead["tone"]),
            rx.el.span(class_name="sp"),
            rx.el.span(lead["amount"], class_name="md worth"),
            class_name="row",
        ),
        rx.el.div(
            rx.el.span(lead["person"], class_name="el"),
            rx.el.a(lead["phone"], href=lead["phone_link"], class_name="f"),
            rx.el.span(class_name="sp"),
            lead["owner"],
            class_name="row s m",
        ),
        rx.cond(
            lead["next_step"],
            rx.el.div(rx.el.span(lead["next_day"], class_name="f"), lead["next_step"], class_name="row s"),
        ),
        class_name="sect",
    )


def facts_part(state: Any) -> rx.Component:
    """Draw the facts, or the form while the lead is edited."""
    return rx.cond(state.editing, form_part(), _facts(state))


def _facts(state: Any) -> rx.Component:
    lead = state.lead
    amount = rx.el.div(
        rx.el.span(lead["amount"], class_name="big md"), rx.el.span("CHF", class_name="f s"), class_name="row amount"
    )
    step = rx.el.div(rx.el.span(lead["next_day"], class_name="m"), lead["next_step"], class_name="row")
    own = rx.foreach(state.custom_shown, lambda one: rx.fragment(rx.el.dt(one["label"]), rx.el.dd(one["text"])))
    return rx.fragment(
        section(t("Fiche"), rx.cond(lead["amount"], amount), rx.el.dl(*_fact_rows(lead), class_name="kv")),
        rx.cond(lead["next_step"], section(t("Prochaine étape"), step)),
        rx.cond(state.custom_shown, section(t("Champs de l’entreprise"), rx.el.dl(own, class_name="kv"))),
    )


def _fact_rows(lead: Any) -> list[rx.Component]:
    """Return what is known of the lead, without what is empty."""
    write = rx.link(t("Écrire"), href=routes.new_mail("lead", lead["id"]), class_name="f")
    mail = rx.fragment(
        rx.el.a(lead["email"], href="mailto:" + lead["email"], class_name="lk"),
        rx.cond(Visitor.permissions.contains("documents.send_mail") & (lead["email"] != ""), rx.fragment(" ", write)),
    )
    phone = rx.el.a(lead["phone"], href=lead["phone_link"], class_name="lk")
    pairs = [
        (t("Société"), "company", lead["company"]),
        (t("Personne"), "person", lead["person"]),
        (t("E-mail"), "email", mail),
        (t("Téléphone"), "phone", phone),
        (t("Adresse"), "address", lead["address"]),
        (t("Source"), "source", lead["source"]),
        (t("Responsable"), "owner", lead["owner"]),
        (t("Reçue le"), "received", lead["received"]),
        (t("Close le"), "closed", lead["closed"]),
        (t("Motif de la perte"), "lost_reason", lead["lost_reason"]),
    ]
    return [rx.cond(lead[key], rx.fragment(rx.el.dt(name), rx.el.dd(drawn))) for name, key, drawn in pairs]


def work_part(state: Any) -> rx.Component:
    """Draw what to note: a call, an e-mail, a visit, a note."""
    form = rx.el.form(
        rx.el.input(type="hidden", name="lead_id", value=state.lead["id"]),
        rx.el.div(
            rx.el.select(
                *[rx.el.option(t(label), value=channel) for channel, label in CHANNELS],
                name="channel",
                class_name="in",
                aria_label=t("Sorte d’échange"),
                custom_attrs={"data-key": "t", "data-key-label": t("Noter un appel")},
            ),
            rx.el.select(
                rx.el.option(t("sortant"), value="out"),
                rx.el.option(t("entrant"), value="in"),
                name="direction",
                class_name="in",
                aria_label=t("Sens"),
            ),
            class_name="row g6",
        ),
        mention_box(
            name="text",
            people=Story.people,
            label=t("Texte"),
            list_label=t("Personnes"),
            placeholder=t("Ce qui s’est dit, ce qui suit ; @ pour mentionner quelqu’un"),
            max_length=10000,
            data_key="n",
            data_key_label=t("Écrire une note"),
        ),
        rx.el.div(rx.el.button(t("Noter"), type="submit", class_name="btn sm"), class_name="row g6"),
        on_submit=state.note,
        reset_on_submit=True,
        class_name="note-form",
    )
    return rx.cond(Visitor.permissions.contains(EDIT), section(t("Noter"), form))
