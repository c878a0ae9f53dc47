"""The panel of a score: value with interval, how often such a score was right, reasons as bars, and one's objection."""

from typing import Any

import reflex as rx

from app.components import probability_mark, reason_line, stamp
from app.platform import Visitor
from app.text import t


def score_panel(state: Any) -> rx.Component:
    """Draw the score of a lead; without one, say why there is none."""
    score = state.score
    return rx.el.section(
        rx.el.h2(t("Chance de signer"), rx.el.span(class_name="sp"), stamp(score["stamp"].to(str))),
        rx.cond(score["p"], _value(state), _none()),
        class_name="sect score",
    )


def _value(state: Any) -> rx.Component:
    score = state.score
    return rx.fragment(
        rx.el.div(
            rx.el.span(score["value"].to(str), class_name="big md"),
            probability_mark(score["p"], score["low"], score["high"], score["hollow"], width=150, interval=False),
            rx.el.span(score["interval"].to(str), class_name="s m"),
            class_name="row score-row",
        ),
        reason_line(score["right"].to(str)),
        rx.el.div(rx.foreach(state.reasons, _bar), class_name="fa"),
        rx.el.div(score["rests"].to(str), class_name="s f"),
        _objection(state),
    )


def _bar(reason: rx.Var[dict[str, str]]) -> rx.Component:
    is_for = reason["side"] == "for"
    bar = rx.cond(
        is_for,
        rx.el.i(style={"left": "50%", "width": reason["width"], "background": "var(--ac)"}),
        rx.el.i(style={"right": "50%", "width": reason["width"], "background": "var(--red)"}),
    )
    return rx.fragment(
        rx.el.span(
            reason["text"], rx.cond(reason["detail"], rx.el.span(reason["detail"], class_name="f")), class_name="of"
        ),
        rx.el.span(bar, class_name="fb"),
        rx.el.span(reason["points"], class_name=rx.cond(is_for, "r m", "r red")),
    )


def _none() -> rx.Component:
    return rx.fragment(
        rx.el.div(probability_mark(None, width=150, interval=False), class_name="row score-row"),
        reason_line(t("Pas de probabilité : la piste est close, ou aucun score n’a encore été calculé.")),
    )


def _objection(state: Any) -> rx.Component:
    choices = rx.el.select(
        rx.el.option(t("la probabilité en général"), value=""),
        rx.foreach(state.reasons, lambda reason: rx.el.option(reason["text"], value=reason["text"])),
        name="about",
        class_name="in",
        aria_label=t("À propos de"),
    )
    form = rx.el.form(
        rx.el.input(type="hidden", name="lead_id", value=state.lead["id"]),
        choices,
        rx.el.input(
            name="why",
            class_name="in",
            required=True,
            max_length=1500,
            placeholder=t("Ce qui ne va pas, en quelques mots"),
        ),
        rx.el.div(rx.el.button(t("Envoyer"), type="submit", class_name="btn sm p"), class_name="row g6"),
        on_submit=state.disagree,
        reset_on_submit=True,
        class_name="objection",
    )
    return rx.cond(
        Visitor.permissions.contains("insights.give_feedback"),
        rx.el.details(rx.el.summary(t("Je ne suis pas d’accord"), class_name="lk s"), form, class_name="disagree"),
    )
