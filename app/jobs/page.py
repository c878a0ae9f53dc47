"""`/travaux`: what is done in the background, how far it is, why it failed, and what can be done about it."""

from typing import Any

import reflex as rx

from app import routes
from app.components import chip, empty_state, section, tag
from app.jobs.state import ALL, MINE, Jobs
from app.shell import screen
from app.text import t


def _head() -> rx.Component:
    whose = rx.el.select(
        rx.el.option(t("Tout le monde"), value=ALL),
        rx.el.option(t("Les miens"), value=MINE),
        value=rx.cond(Jobs.who == MINE, MINE, ALL),
        on_change=Jobs.choose_whose,
        class_name="in whose",
        aria_label=t("Travaux de qui"),
    )
    return rx.fragment(
        rx.el.span(class_name="sp"),
        rx.cond(Jobs.worker != "", rx.el.span(t("exécuteur vu à {at}", at=Jobs.worker), class_name="f s nw")),
        rx.cond(Jobs.sees_all, whose),
    )


@screen(route=routes.JOBS, title="Travaux", permission="jobs.read_own", on_load=Jobs.load, head=_head)
def jobs() -> rx.Component:
    """Draw the list, the log of the chosen job beside it, and below what runs by itself."""
    nothing = empty_state(
        t("Aucun travail ici."),
        t("Imports, contrôles de modèles et calculs apparaissent ici dès qu’ils sont demandés."),
    )
    return rx.fragment(
        rx.el.div(rx.foreach(Jobs.chips, _chip), class_name="tools", role="group", aria_label=t("État")),
        rx.el.div(
            rx.el.div(
                rx.cond(Jobs.problems.length() > 0, _problems()),
                rx.cond(
                    Jobs.rows.length() > 0,
                    _table(),
                    rx.cond(rx.State.is_hydrated, rx.el.div(nothing, class_name="pad")),
                ),
                rx.cond(
                    Jobs.has_more,
                    rx.el.div(
                        rx.el.button(t("Plus anciens"), type="button", class_name="btn sm", on_click=Jobs.show_more),
                        class_name="sect",
                    ),
                ),
                rx.cond(Jobs.tasks.length() > 0, _tasks()),
                class_name="jobs-list",
            ),
            rx.cond(Jobs.chosen.contains("id"), _log()),
            class_name="beside",
        ),
    )


def _chip(one: Any) -> rx.Component:
    return chip(one["label"], one["count"], is_on=Jobs.wanted == one["state"], on_click=Jobs.choose_state(one["state"]))


def _table() -> rx.Component:
    heads = [t("État"), t("Travail"), t("Avancement"), t("Demandé par"), t("Quand"), t("Durée")]
    return rx.el.table(
        rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads], rx.el.th(aria_label=t("Boutons")))),
        rx.el.tbody(rx.foreach(Jobs.rows, _row)),
        class_name="list jobs",
    )


def _row(job: Any) -> rx.Component:
    name = rx.el.button(job["kind"], type="button", class_name="bare-btn md", on_click=Jobs.choose(job["id"]))
    return rx.el.tr(
        rx.el.td(tag(job["word"], job["tone"])),
        rx.el.td(name),
        rx.el.td(_progress(job)),
        rx.el.td(job["who"], class_name="m"),
        rx.el.td(job["when"], class_name="m"),
        rx.el.td(job["took"], class_name="f"),
        rx.el.td(_buttons(job), class_name="r"),
        class_name=rx.cond(Jobs.chosen["id"] == job["id"], "sel", ""),
        key=job["id"],
    )


def _progress(job: Any) -> rx.Component:
    bar = rx.el.div(
        rx.el.div(
            rx.el.div(class_name="bar", style={"width": job["share"] + "%"}),
            class_name="track",
            role="progressbar",
            aria_label=job["kind"],
            custom_attrs={"aria-valuenow": job["share"], "aria-valuemin": "0", "aria-valuemax": "100"},
        ),
        rx.el.span(job["message"], " ", rx.el.span(job["figures"], class_name="f"), class_name="s m el"),
        class_name="job",
    )
    why = rx.el.span(job["error"], class_name="s m el", title=job["error"])
    return rx.cond(job["state"] == "running", bar, rx.cond(job["error"] != "", why, rx.el.span(job["figures"])))


def _buttons(job: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(job["can_cancel"] != "", _button(t("Arrêter"), Jobs.cancel(job["id"]))),
        rx.cond(job["can_settle"] != "", _button(t("Classer"), Jobs.settle(job["id"]))),
        rx.cond(job["can_retry"] != "", _button(t("Relancer"), Jobs.retry(job["id"]))),
    )


def _button(label: Any, on_click: Any) -> rx.Component:
    return rx.el.button(label, type="button", class_name="btn q sm", on_click=on_click)


def _log() -> rx.Component:
    close = rx.el.button(
        rx.icon("x", size=13, class_name="i s"),
        type="button",
        class_name="btn q sm ic",
        aria_label=t("Fermer"),
        on_click=Jobs.choose(""),
        custom_attrs={"data-key": "Escape", "data-key-label": t("Fermer")},
    )
    job = Jobs.chosen
    return rx.el.aside(
        rx.el.div(rx.el.h2(job["kind"], class_name="el"), rx.el.span(class_name="sp"), close, class_name="row ph"),
        rx.el.div(
            tag(job["word"], job["tone"]),
            rx.el.span(job["who"], class_name="m s"),
            rx.el.span(job["when"], class_name="f s"),
            rx.el.span(class_name="sp"),
            rx.cond(job["href"] != "", rx.link(t("Ouvrir"), href=job["href"], underline="none", class_name="lk s")),
            class_name="row g6 sect",
        ),
        rx.cond(
            job["error"] != "",
            rx.el.div(
                rx.el.div(job["error"], class_name="s"),
                class_name=rx.cond(job["state"] == "failed", "callout error", "callout"),
            ),
        ),
        section(t("Journal"), rx.el.div(rx.foreach(Jobs.lines, _line), role="log", aria_label=t("Journal"))),
        rx.el.div(_buttons(job), class_name="row g6 sect"),
        class_name="peek jobs-log",
        aria_label=t("Journal du travail"),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(line["at"], class_name="f"),
        rx.el.span(line["text"], class_name=line["tone"]),
        rx.cond(
            line["detail"] != "",
            rx.el.details(rx.el.summary(t("Détails")), rx.el.pre(line["detail"], tab_index=0), class_name="trace"),
        ),
        class_name="ln s",
    )


def _problems() -> rx.Component:
    return section(
        t("Réactions en échec"),
        rx.foreach(
            Jobs.problems,
            lambda one: rx.el.div(
                rx.el.span(one["when"], class_name="f"),
                rx.el.span(one["kind"], class_name="md"),
                rx.el.span(one["problem"], class_name="m el", title=one["problem"]),
                rx.el.span(class_name="sp"),
                rx.cond(Jobs.manages_all, _button(t("Relancer"), Jobs.retry_event(one["id"]))),
                class_name="row g6 s",
            ),
        ),
        aside=t("ce qui devait suivre un événement n’a pas pu se faire"),
    )


def _tasks() -> rx.Component:
    heads = [t("Tâche"), t("Rythme"), t("Dernière fois"), t("Prochaine fois")]
    return rx.fragment(
        rx.el.div(rx.el.h2(t("Tâches régulières")), class_name="gh"),
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
            rx.el.tbody(rx.foreach(Jobs.tasks, _task)),
            class_name="list",
        ),
    )


def _task(task: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(task["name"], rx.cond(task["problem"] != "", rx.el.div(task["problem"], class_name="s red"))),
        rx.el.td(task["every"], class_name="m"),
        rx.el.td(task["last"], class_name="m"),
        rx.el.td(task["next"], class_name="m"),
    )
