"""The blocks of one's day. Every line is a door, and carries what can be done where it stands.

`assets/lines.js` moves between lines with J and K, opens with Enter, and presses a line's buttons by their key.
"""

from typing import Any

import reflex as rx

from app import routes
from app.components import empty_state, probability_mark, progress_bar, reason_line
from app.frame import Frame
from app.platform import Visitor
from app.text import t

EDIT = "crm.edit_leads"


def _heading(title: rx.Var[str], number: Any = "", aside: Any = "") -> rx.Component:
    return rx.el.div(
        rx.el.h2(title),
        rx.el.span(aside, class_name="f"),
        rx.el.span(number, class_name="f n"),
        class_name="gh",
    )


def _line(*parts: Any, href: Any, class_name: Any, key: Any) -> rx.Component:
    return rx.el.div(*parts, key=key, class_name=class_name, tab_index=0, custom_attrs={"data-line": href})


def _key_button(label: Any, pressed: str, does: Any, class_name: str = "btn sm q", **more: Any) -> rx.Component:
    return rx.el.button(
        label, rx.el.kbd(pressed), type="button", class_name=class_name, on_click=does,
        custom_attrs={"data-line-key": pressed.lower()}, **more,
    )  # fmt: skip


# --- what is due


def late_block(state: Any) -> rx.Component:
    """Draw the steps that are late."""
    nothing = empty_state(t("Rien en retard."))
    lines = rx.foreach(state.late, lambda one: _step(state, one))
    return rx.el.section(
        _heading(t("En retard"), state.late_count),
        rx.cond(state.late.length() > 0, lines, rx.cond(rx.State.is_hydrated, nothing)),
        class_name="b-late",
        aria_label=t("En retard"),
    )


def today_block(state: Any) -> rx.Component:
    """Draw the steps that are due today."""
    nothing = empty_state(
        t("Rien de prévu aujourd’hui."),
        t("Une prochaine étape avec sa date, sur une piste ou une affaire, apparaît ici le jour venu."),
        rx.link(t("Voir les pistes"), href=routes.LEADS, underline="none", class_name="btn sm"),
    )
    lines = rx.foreach(state.today, lambda one: _step(state, one))
    return rx.el.section(
        _heading(t("Aujourd’hui"), state.today_count),
        rx.cond(state.today.length() > 0, lines, rx.cond(rx.State.is_hydrated, nothing)),
        class_name="b-today",
        aria_label=t("Aujourd’hui"),
    )


def _step(state: Any, one: Any) -> rx.Component:
    return rx.fragment(
        _line(
            _done_box(state, one),
            rx.el.span(one["when"], class_name=rx.cond(one["late"] != "", "when red md", "when m")),
            rx.el.span(
                rx.el.span(one["text"], class_name="what"),
                " · ",
                rx.link(one["name"], href=one["href"], underline="none", class_name="md plain"),
                rx.el.span(" ", one["about"], class_name="m"),
                class_name="el",
            ),
            rx.cond(
                one["state"] == "",
                rx.fragment(rx.el.span(one["amount"], class_name="m amount"), _step_buttons(state, one)),
                _outcome(state, one),
            ),
            href=one["href"],
            class_name=rx.cond(one["state"] == "done", "step is-done", "step"),
            key=one["id"],
        ),
        rx.cond(state.noting == one["record"], _note_form(state, one["record"])),
    )


def _done_box(state: Any, one: Any) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        checked=one["state"] == "done",
        disabled=(one["state"] != "") | ~Visitor.permissions.contains(EDIT),  # type: ignore[operator]
        on_change=state.finish(one["id"], one["version"]),
        aria_label=t("Fait"),
        custom_attrs={"data-line-key": "x"},
    )


def _step_buttons(state: Any, one: Any) -> rx.Component:
    tomorrow = _key_button(t("Demain"), "H", state.postpone(one["id"], one["version"], "tomorrow"))
    week = _key_button(t("Semaine prochaine"), "S", state.postpone(one["id"], one["version"], "week"))
    call = rx.cond(one["kind"] == "lead", _key_button(t("Noter un appel"), "T", state.note(one["record"])))
    return rx.cond(Visitor.permissions.contains(EDIT), rx.el.span(tomorrow, week, call, class_name="row acts"))


def _outcome(state: Any, one: Any) -> rx.Component:
    back = _key_button(t("Annuler"), "Z", state.take_back(one["id"], one["version"]))
    return rx.el.span(rx.el.span(one["told"], class_name="m"), back, class_name="row g6 told", role="status")


def _note_form(state: Any, lead_id: Any) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="lead_id", value=lead_id),
        rx.el.textarea(
            name="text",
            class_name="in",
            max_length=10000,
            auto_focus=True,
            placeholder=t("Ce qui s’est dit, ce qui suit"),
            aria_label=t("Ce qui s’est dit, ce qui suit"),
        ),
        rx.el.div(
            rx.el.button(
                t("Noter l’appel"), rx.el.kbd("Ctrl ↵"), type="submit", class_name="btn sm p",
                custom_attrs={"data-key": "ctrl+Enter", "data-key-label": t("Noter l’appel")},
            ),
            rx.el.button(
                t("Ne rien noter"), rx.el.kbd("Échap"), type="button", class_name="btn sm q",
                on_click=state.note(lead_id),
                custom_attrs={"data-key": "Escape", "data-key-label": t("Ne rien noter")},
            ),
            class_name="row g6",
        ),
        on_submit=state.keep_note,
        class_name="note-form call-note",
    )  # fmt: skip


# --- decisions


def decisions_block(state: Any) -> rx.Component:
    """Draw what waits for a decision, by what is at stake."""
    nothing = empty_state(
        t("Aucune décision en attente."),
        t("Une piste qui vaut un appel, un modèle proposé, un import incomplet apparaîtra ici."),
    )
    return rx.el.section(
        _heading(t("Décisions en attente"), state.decision_count, t("par montant en jeu, les plus urgentes d’abord")),
        rx.cond(
            state.decisions.length() > 0,
            rx.foreach(state.decisions, lambda one: _decision(state, one)),
            rx.cond(rx.State.is_hydrated, nothing),
        ),
        rx.cond(state.abstention != "", rx.el.p(state.abstention, class_name="m s abstention")),
        class_name="blk b-decisions",
        aria_label=t("Décisions en attente"),
    )


def _decision(state: Any, one: Any) -> rx.Component:
    mark = probability_mark(one["p"], one["low"], one["high"], one["hollow"])
    held = rx.cond(one["hits"] != "", rx.fragment(", ", rx.el.u(one["hits"])))
    return rx.fragment(
        _line(
            rx.el.div(
                rx.el.div(one["amount"], class_name="stake"), rx.el.div(one["unit"], class_name="xs f"), class_name="at"
            ),
            rx.el.div(
                rx.link(one["title"], href=one["href"].to(str), underline="none", class_name="md plain"),
                reason_line(one["why"]),
                rx.cond(one["is_call"] != "", rx.el.div(mark, class_name="pm-line")),
                rx.cond(one["stamp"] != "", rx.el.div(one["stamp"], held, class_name="stamp")),
                rx.cond(one["note"] != "", rx.el.div(one["note"], class_name="s amb")),
                _decision_buttons(state, one),
            ),
            href=one["href"],
            class_name="decision",
            key=one["id"],
        ),
        rx.cond((one["record"] != "") & (state.noting == one["record"].to(str)), _note_form(state, one["record"])),
    )


def _decision_buttons(state: Any, one: Any) -> rx.Component:
    number = one["phone"].to(str)
    phone = rx.el.a(number, href=one["phone_link"].to(str), class_name="btn sm", aria_label=t("Appeler") + " " + number)
    note = _key_button(t("Noter un appel"), "T", state.note(one["record"]), class_name="btn sm")
    is_call = one["is_call"] != ""
    return rx.el.div(
        rx.cond(is_call & (one["phone"] != ""), phone),
        rx.cond(is_call & Visitor.permissions.contains(EDIT), note),
        rx.link(
            one["do"], rx.el.kbd("↵"), href=one["href"].to(str), underline="none",
            class_name=rx.cond(is_call, "btn sm q", "btn sm p"),
        ),
        class_name="row g6 acts",
    )  # fmt: skip


# --- messages, changes, work


def messages_block(state: Any) -> rx.Component:
    """Draw what the person was told and has not read."""
    nothing = rx.cond(
        Frame.counts.contains("messages"),  # alerts that are decisions stand there, not twice
        empty_state(t("Aucun autre message."), t("Les messages non lus annoncent les décisions en attente.")),
        empty_state(t("Aucun message."), t("Une note qui vous mentionne, par @ et votre nom, apparaît ici.")),
    )
    return rx.el.section(
        _heading(t("Messages"), aside=rx.link(t("tous"), href=routes.MESSAGES, class_name="lk")),
        rx.cond(
            state.messages.length() > 0,
            rx.foreach(state.messages, _message),
            rx.cond(rx.State.is_hydrated, nothing),
        ),
        class_name="b-messages",
        aria_label=t("Messages"),
    )


def _message(one: Any) -> rx.Component:
    return _line(
        rx.el.span(one["initials"], class_name="av", aria_hidden="true"),
        rx.link(one["text"], href=one["href"], underline="none", class_name="plain el"),
        rx.el.span(one["when"], class_name="f nw"),
        href=one["href"],
        class_name="message",
        key=one["id"],
    )


def changes_block(state: Any) -> rx.Component:
    """Draw what others changed on what the person follows or owns."""
    nothing = empty_state(
        t("Rien n’a changé."), t("Ce que d’autres font sur vos pistes et sur les fiches que vous suivez apparaît ici.")
    )
    return rx.el.section(
        _heading(t("Changements sur ce que je suis")),
        rx.cond(state.changes.length() > 0, rx.foreach(state.changes, _change), rx.cond(rx.State.is_hydrated, nothing)),
        class_name="b-changes",
        aria_label=t("Changements sur ce que je suis"),
    )


def _change(one: Any) -> rx.Component:
    return _line(
        rx.el.span(one["when"], class_name="f nw"),
        rx.el.span(
            one["act"],
            " : ",
            rx.link(one["lead"], href=one["href"], class_name="lk"),
            rx.el.span(", ", one["who"], class_name="m"),
            class_name="el",
        ),
        href=one["href"],
        class_name="mine",
        key=one["id"],
    )


def running_block(state: Any) -> rx.Component:
    """Draw the person's work that waits or runs; nothing when there is none."""
    jobs = rx.foreach(state.jobs, lambda job: _job(state, job))
    running = rx.el.section(_heading(t("En cours")), jobs, class_name="blk")
    return rx.cond(state.jobs.length() > 0, running)


def _job(state: Any, job: Any) -> rx.Component:
    progress = progress_bar(job, on_cancel=state.stop(job["id"]))
    name = rx.link(
        job["name"], href=routes.job(job["id"]), underline="none", class_name="md plain", title=t("Voir le travail")
    )
    return rx.el.div(rx.el.div(name), progress, class_name="running")
