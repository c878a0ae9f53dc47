"""The teams: who sees whose records where a role says « équipe »."""

from typing import Any

import reflex as rx

from app.access.rights.state import CHANGE, Policies
from app.components import confirm, empty_state, field
from app.platform import Visitor
from app.text import t


def teams_part() -> rx.Component:
    """Draw the teams, and the form for a new one."""
    nothing = empty_state(
        t("Aucune équipe"), t("Une équipe réunit les personnes qui voient les fiches les unes des autres.")
    )
    return rx.el.div(
        rx.cond(Visitor.permissions.contains(CHANGE), _add()),
        rx.cond(Policies.teams.length() > 0, rx.foreach(Policies.teams, _team), nothing),
        class_name="stack",
    )


def _add() -> rx.Component:
    boxes = rx.foreach(Policies.people, lambda one: _box(one["id"], one["name"], False))
    form = rx.el.form(
        _fields("", ""),
        rx.el.div(boxes, class_name="checks"),
        rx.el.div(rx.el.button(t("Créer l’équipe"), type="submit", class_name="btn p"), class_name="row"),
        on_submit=Policies.add_team,
        key=f"add{Policies.round}",
        class_name="stack",
    )
    return rx.el.details(
        rx.el.summary(t("Nouvelle équipe"), class_name="btn p"), form, class_name="more", key=f"new{Policies.round}"
    )


def _team(team: Any) -> rx.Component:
    form = rx.el.form(
        rx.el.input(type="hidden", name="version", value=team.version),
        _fields(team.name, team.lead),
        rx.el.div(rx.foreach(team.members, lambda one: _box(one.id, one.name, one.on)), class_name="checks"),
        rx.el.div(
            rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"),
            confirm(
                t("Dissoudre"),
                title=t("Dissoudre cette équipe ?"),
                sentence=t("Ses membres voient alors leurs propres fiches, sauf si un autre rôle donne plus."),
                on_confirm=Policies.remove_team(team.id),
                class_name="btn danger",
            ),
            class_name="row g6",
        ),
        on_submit=lambda form: Policies.edit_team(team.id, form),
        key=f"{team.id}{Policies.round}",
        class_name="stack",
    )
    head = rx.el.summary(
        rx.el.span(team.name, class_name="md"), rx.el.span(team.people, class_name="m s el"), class_name="row g12"
    )
    return rx.cond(
        Visitor.permissions.contains(CHANGE),
        rx.el.details(head, form, class_name="sect team", key=team.id),
        rx.el.div(
            rx.el.span(team.name, class_name="md"), rx.el.span(team.people, class_name="m s"), class_name="sect row g12"
        ),
    )


def _fields(name: Any, lead: Any) -> rx.Component:
    chosen = rx.el.select(
        rx.el.option(t("personne en particulier"), value=""),
        rx.foreach(Policies.people, lambda one: rx.el.option(one["name"], value=one["id"])),
        name="lead",
        default_value=lead,
        class_name="in",
    )
    return rx.el.div(
        field(
            t("Nom de l’équipe"),
            rx.el.input(name="name", required=True, max_length=80, default_value=name, class_name="in"),
        ),
        field(t("Responsable d’équipe"), chosen),
        class_name="fields",
    )


def _box(user_id: Any, name: Any, on: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=f"member_{user_id}", default_checked=on, class_name="in"),
        name,
        class_name="tick",
    )
