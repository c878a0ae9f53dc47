"""The parts of a lead's page: head with its deeds, facts or form, what to note, and the story."""

from typing import Any

import reflex as rx

from app import routes
from app.components import confirm, empty_state, field, section, tag, timeline_entry
from app.crm.lead_form import lead_fields
from app.platform import Visitor
from app.text import t

EDIT = "crm.edit_leads"
CHANNELS = (("call", "Appel"), ("email", "E-mail"), ("visit", "Visite"), ("other", "Autre échange"), ("note", "Note"))


def head_part(state: Any) -> rx.Component:
    """Draw the name and the deeds that the lead's state and the person's rights allow."""
    lead = state.lead
    return rx.fragment(
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
        rx.cond(Visitor.permissions.contains(EDIT), _deeds(state)),
    )


def _deeds(state: Any) -> rx.Component:
    lead = state.lead
    open_deeds = rx.fragment(
        _button(t("Modifier"), "E", "e", state.edit),
        rx.cond(lead["owner"] != Visitor.name, _button(t("Prendre"), "", "", state.take(lead["id"]))),
        _lose(state),
        confirm(
            t("Convertir"),
            title=t("Convertir cette piste en affaire ?"),
            sentence=t(
                "La société et la personne entrent dans le carnet d’adresses, le fil suit l’affaire. C’est définitif."
            ),
            on_confirm=state.convert(lead["id"]),
            class_name="btn sm p",
        ),
    )
    return rx.cond(
        lead["is_open"] == "yes",
        open_deeds,
        rx.cond(lead["is_lost"] == "yes", _button(t("Rouvrir"), "", "", state.reopen(lead["id"]))),
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
            rx.el.a(lead["phone"], href="tel:" + lead["phone"], class_name="f"),
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
    return rx.cond(state.editing, _form(state), _facts(state))


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
    mail = rx.el.a(lead["email"], href="mailto:" + lead["email"], class_name="lk")
    phone = rx.el.a(lead["phone"], href="tel:" + lead["phone"], class_name="lk")
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


def _form(state: Any) -> rx.Component:
    conflict = rx.cond(
        state.conflict,
        rx.el.div(
            rx.el.div(state.conflict, class_name="s"),
            rx.el.div(
                rx.el.button(t("Enregistrer mes valeurs quand même"), type="submit", class_name="btn sm"),
                rx.el.button(
                    t("Montrer la fiche actuelle"), type="button", class_name="btn sm q", on_click=state.again
                ),
                class_name="row g6",
            ),
            class_name="callout error",
            role="alert",
        ),
    )
    return rx.el.form(
        rx.el.input(type="hidden", name="lead_id", value=state.lead["id"]),
        rx.el.input(type="hidden", name="version", value=state.version),
        conflict,
        section(t("Modifier la fiche"), lead_fields(state, with_state=True)),
        rx.el.div(
            rx.el.button(
                t("Enregistrer"),
                rx.el.kbd("Ctrl ↵"),
                type="submit",
                class_name="btn p",
                custom_attrs={"data-key": "ctrl+Enter", "data-key-label": t("Enregistrer")},
            ),
            rx.el.button(
                t("Ne rien changer"),
                type="button",
                class_name="btn q",
                on_click=state.again,
                custom_attrs={"data-key": "Escape", "data-key-label": t("Ne rien changer")},
            ),
            class_name="row g6 form-foot",
        ),
        on_submit=state.save,
        key=state.form_key,
        class_name="lead-form",
    )


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
        rx.el.textarea(
            name="text",
            class_name="in",
            max_length=10000,
            placeholder=t("Ce qui s’est dit, ce qui suit"),
            aria_label=t("Texte"),
            custom_attrs={"data-key": "n", "data-key-label": t("Écrire une note")},
        ),
        rx.el.div(rx.el.button(t("Noter"), type="submit", class_name="btn sm"), class_name="row g6"),
        on_submit=state.note,
        reset_on_submit=True,
        class_name="note-form",
    )
    return rx.cond(Visitor.permissions.contains(EDIT), section(t("Noter"), form))


def story_part(state: Any) -> rx.Component:
    """Draw the story, newest first."""
    return section(
        t("Fil"),
        rx.cond(
            state.story,
            rx.foreach(
                state.story,
                lambda one: rx.el.div(
                    timeline_entry(one["time"], one["icon"], one["text"], detail=one["by"]), class_name="story"
                ),
            ),
            empty_state(t("Rien encore."), t("Le premier échange noté apparaît ici.")),
        ),
    )
