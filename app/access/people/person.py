"""The chosen person beside the list: roles, ways in, leaving."""

import reflex as rx

from app.access.people.state import MANAGE, People
from app.components import confirm, field, section
from app.platform import Visitor
from app.text import t


def person_panel() -> rx.Component:
    """Draw the panel."""
    return rx.el.aside(
        rx.el.header(rx.el.h2(People.name), rx.el.div(People.email, class_name="m s"), class_name="sect"),
        rx.cond(People.problem, rx.el.div(People.problem, class_name="callout error", role="alert")),
        rx.cond(
            Visitor.permissions.contains(MANAGE),
            rx.cond(People.is_closed, _closed(), rx.fragment(_roles(), _ways_in(), _leaving())),
        ),
        class_name="peek",
        key=People.chosen,
    )


def _roles() -> rx.Component:
    return section(
        t("Rôles"),
        rx.el.form(
            rx.el.div(
                rx.foreach(
                    People.roles,
                    lambda role: rx.el.label(
                        rx.el.input(
                            type="checkbox",
                            name=role["name"],
                            default_checked=role["on"] == "1",
                            key=f"{People.chosen}{role['name']}{role['on']}",
                            class_name="in",
                        ),
                        role["label"],
                        class_name="tick",
                    ),
                ),
                class_name="checks",
            ),
            rx.el.div(rx.el.button(t("Changer les rôles"), type="submit", class_name="btn"), class_name="row"),
            on_submit=lambda form: People.change_roles(People.chosen, form),
            class_name="stack",
        ),
    )


def _ways_in() -> rx.Component:
    link = rx.el.div(
        rx.el.b(t("Lien pour choisir un mot de passe, montré une seule fois")),
        rx.el.div(rx.el.code(People.link, class_name="secret")),
        rx.el.div(t("Il vaut 24 heures et une seule fois. Transmettez-le à la personne elle-même."), class_name="s"),
        class_name="callout warn",
        role="status",
    )
    without_factor = confirm(
        t("Retirer le second facteur"),
        title=t("Retirer le second facteur de cette personne ?"),
        sentence=t("Pour un téléphone perdu sans codes de secours. Vérifiez d’abord que la demande vient bien d’elle."),
        on_confirm=People.reset_factor(People.chosen),
        is_dangerous=True,
    )
    return section(
        t("Accès"),
        rx.cond(People.link, link),
        rx.el.div(
            rx.el.button(
                t("Créer un lien de mot de passe"),
                type="button",
                class_name="btn",
                on_click=People.make_link(People.chosen),
            ),
            rx.el.button(
                t("Déconnecter ses appareils"), type="button", class_name="btn", on_click=People.sign_out(People.chosen)
            ),
            rx.cond(People.has_factor & ~People.is_self, without_factor),
            class_name="row g6 wraps",
        ),
    )


def _leaving() -> rx.Component:
    successor = rx.el.select(
        rx.el.option(t("personne ne reprend"), value=""),
        rx.foreach(People.successors, lambda one: rx.el.option(one["name"], value=one["id"])),
        name="to_user",
        class_name="in",
    )
    return section(
        t("Départ"),
        rx.el.form(
            rx.cond(
                People.belongings,
                rx.el.p(t("À transmettre : "), rx.el.b(People.belongings.join(", ")), class_name="m"),
                rx.el.p(t("Aucune fiche à transmettre."), class_name="m"),
            ),
            field(t("Reprend les fiches"), successor),
            rx.el.div(rx.el.button(t("Fermer le compte"), type="submit", class_name="btn danger"), class_name="row"),
            on_submit=lambda form: People.close(People.chosen, form),
            class_name="stack",
        ),
        aside=t("l’historique reste ; le compte peut être rouvert"),
    )


def _closed() -> rx.Component:
    return section(
        t("Compte fermé"),
        rx.el.div(
            rx.el.button(
                t("Rouvrir le compte"), type="button", class_name="btn", on_click=People.reopen(People.chosen)
            ),
            class_name="row",
        ),
    )
