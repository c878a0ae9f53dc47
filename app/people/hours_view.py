"""How a person's month is drawn: figures, days with their hours, and the forms that put them right."""

from typing import Any

import reflex as rx

from app import routes
from app.components import confirm, field, section
from app.text import t


def page_body(state: Any) -> rx.Component:
    """Draw the month of a person."""
    return rx.fragment(_head(state), rx.cond(state.shows_form, _form(state)), _days(state), _below(state))


def _head(state: Any) -> rx.Component:
    facts = state.facts

    def turn(label: str, sign: str, key: Any) -> rx.Component:
        return rx.link(sign, href=routes.hours_of(state.owner, key), class_name="btn sm turn", aria_label=t(label))

    figures = (("Travaillé", "worked"), ("Dû", "due"), ("Taux", "percent"), ("Vacances prises (jours)", "vacation"))
    return rx.el.div(
        rx.el.div(
            turn("Mois précédent", "‹", facts["before"]),
            rx.el.h2(facts["month"], class_name="month-name"),
            turn("Mois suivant", "›", facts["after"]),
            rx.cond(state.is_other, rx.el.b(facts["name"])),
            rx.cond(facts["closed"] != "", rx.el.span(facts["closed"], class_name="tag grn")),
            rx.el.span(class_name="sp"),
            rx.el.button(t("Saisir des heures"), type="button", class_name="btn", on_click=state.open_form("")),
            class_name="row g6 wraps",
        ),
        rx.el.dl(
            *[rx.el.div(rx.el.dt(t(label)), rx.el.dd(facts[key])) for label, key in figures],
            rx.el.div(rx.el.dt(t("Solde")), rx.el.dd(facts["balance"], class_name=facts["tone"])),
            class_name="facts-row",
        ),
        class_name="sect",
    )


def _form(state: Any) -> rx.Component:
    def text(name: str, label: Any, **more: Any) -> rx.Component:
        control = rx.el.input(
            name=name, default_value=state.form[name], key=f"{name}{state.round}", class_name="in", **more
        )
        return field(label, control, state.errors[name])

    reason = field(t("Motif de la correction"), rx.el.input(name="reason", class_name="in", max_length=500))
    hidden = [rx.el.input(type="hidden", name=name, value=state.form[name]) for name in ("id", "version")]
    form = rx.el.form(
        *hidden,
        rx.el.div(
            text("day", t("Jour"), input_mode="numeric", required=True, max_length=10),
            text("begins", t("Arrivée"), placeholder="8:00", required=True, max_length=5),
            text("ends", t("Départ"), placeholder="17:24", required=True, max_length=5),
            text("pause", t("Pause (minutes)"), input_mode="numeric", max_length=3),
            text("pause_begins", t("Début de la pause (dès 30 minutes)"), placeholder="12:00", max_length=5),
            text("task", t("Travail"), max_length=500),
            text("note", t("Note"), max_length=500),
            reason,
            class_name="fields",
        ),
        rx.el.div(
            rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"),
            rx.el.button(t("Annuler"), type="button", class_name="btn", on_click=state.close_form),
            class_name="row g6",
        ),
        on_submit=state.save,
        class_name="hours-form",
    )
    return section(
        rx.cond(state.form["id"] != "", t("Corriger des heures"), t("Saisir des heures")), form, _remove(state)
    )


def _remove(state: Any) -> rx.Component:
    form = rx.el.form(
        rx.el.input(type="hidden", name="id", value=state.form["id"]),
        field(t("Motif"), rx.el.input(name="reason", class_name="in", max_length=500)),
        rx.el.button(t("Enlever ces heures"), type="submit", class_name="btn sm danger"),
        on_submit=state.remove,
    )
    summary = rx.el.summary(t("Enlever…"), class_name="btn sm")
    menu = rx.el.details(summary, rx.el.div(form, class_name="pop"), class_name="menu")
    return rx.cond(state.form["id"] != "", menu)


def _days(state: Any) -> rx.Component:
    def span(one: Any) -> rx.Component:
        change = rx.el.button(
            one["times"], type="button", class_name="bare-btn span-times", on_click=state.open_form(one["id"]),
            disabled=one["closed"] != "",
        )  # fmt: skip
        return rx.el.div(change, rx.el.span(one["about"], class_name="m el"), class_name="span-line")

    def line(one: Any) -> rx.Component:
        spans = rx.foreach(one["spans"].to(list[dict[str, str]]), span)
        off = rx.cond(one["off"] != "", rx.el.span(one["off"], class_name="tag"))
        return rx.el.tr(
            rx.el.td(one["label"], class_name="day-name"),
            rx.el.td(spans, off, class_name="day-spans"),
            rx.el.td(one["worked"], class_name="r"),
            rx.el.td(one["due"], class_name="r m"),
            class_name=one["kind"].to(str),
        )

    left = [rx.el.th(t(head)) for head in ("Jour", "Heures")]
    right = [rx.el.th(t(head), class_name="r") for head in ("Travaillé", "Dû")]
    body = rx.el.tbody(rx.foreach(state.days, line))
    return rx.el.table(rx.el.thead(rx.el.tr(*left, *right)), body, class_name="list hours-days")


def _below(state: Any) -> rx.Component:
    return rx.fragment(
        _texts(state.remarks, t("À regarder (loi sur le travail)")),
        _texts(state.corrections, t("Corrections après la clôture")),
        _closing(state),
        _absence(state),
        _share(state),
        _files(state),
    )


def _texts(lines: Any, title: Any) -> rx.Component:
    listed = rx.el.ul(rx.foreach(lines, lambda one: rx.el.li(one)), class_name="plain-list")
    return rx.cond(lines.length() > 0, section(title, listed))


def _box(name: str, label: Any, longest: int, **more: Any) -> rx.Component:
    return field(label, rx.el.input(name=name, class_name="in", max_length=longest, **more))


def _small_form(boxes: list[rx.Component], label: Any, on_submit: Any) -> rx.Component:
    button = rx.el.button(label, type="submit", class_name="btn")
    return rx.el.form(rx.el.div(*boxes, class_name="fields"), button, on_submit=on_submit, reset_on_submit=True)


def _closing(state: Any) -> rx.Component:
    close = confirm(
        t("Clôturer le mois"),
        title=t("Clôturer ce mois ?"),
        sentence=t("Ses heures ne changent plus ensuite. C’est définitif."),
        on_confirm=state.close_month,
        class_name="btn p",
    )
    boxes = [
        _box("day", t("Jour"), 10, required=True),
        _box("minutes", t("Minutes (négatif : à retirer)"), 6, required=True),
        _box("reason", t("Motif"), 500, required=True),
    ]
    correct = _small_form(boxes, t("Noter la correction"), state.correct)
    is_closed = state.facts["closed"] != ""
    done = rx.cond(is_closed, section(t("Corriger ce mois clôturé"), correct), rx.el.div(close, class_name="sect"))
    return rx.cond(state.may_close & state.is_other, done)


KINDS_OFF = (
    ("vacation:100", "Vacances"),
    ("vacation:50", "Vacances, demi-journée"),
    ("other:100", "Autre absence"),
    ("other:50", "Autre absence, demi-journée"),
    ("", "Enlever l’absence"),
)


def _absence(state: Any) -> rx.Component:
    options = [rx.el.option(t(label), value=value) for value, label in KINDS_OFF]
    boxes = [
        _box("first", t("Du"), 10, required=True, placeholder="24.12.2026"),
        _box("last", t("Au"), 10, placeholder="24.12.2026"),
        field(t("Genre"), rx.el.select(*options, name="kind", class_name="in")),
    ]
    return section(t("Vacances et absences"), _small_form(boxes, t("Noter"), state.take_off))


def _share(state: Any) -> rx.Component:
    boxes = [
        _box("first", t("Dès le"), 10, required=True),
        _box("percent", t("Taux (%)"), 3, required=True, input_mode="numeric"),
        _box("vacation_days", t("Vacances (jours par an)"), 2, required=True, input_mode="numeric"),
    ]
    form = _small_form(boxes, t("Enregistrer le taux"), state.set_share)
    return rx.cond(state.may_manage, section(t("Taux d’occupation"), form))


def _files(state: Any) -> rx.Component:
    links = [
        rx.el.a(
            label,
            href=routes.month_file(state.owner, state.facts["key"], form),
            reload_document=True,
            class_name="btn sm",
        )
        for label, form in (("CSV", "csv"), ("Excel", "xlsx"))
    ]
    return section(t("Feuille du mois"), rx.el.div(*links, class_name="row g6"))
