"""`/reglages/personnes`: who works here, with which roles; letting people in and closing their accounts."""

import reflex as rx

from app import routes
from app.access.people.person import person_panel
from app.access.people.state import MANAGE, People
from app.components import empty_state, field
from app.platform import Visitor
from app.shell import screen
from app.text import t
from db.access.people.rules import ROLE_NAMES
from db.access.rules import Role


@screen(
    route=routes.PEOPLE,
    title="Personnes",
    permission="access.read_users",
    on_load=People.load,
    head=lambda: _tools(),
)
def people() -> rx.Component:
    """Draw the list, and the chosen person beside it."""
    return rx.el.div(
        rx.el.div(_list(), class_name="people-list"), rx.cond(People.chosen, person_panel()), class_name="beside"
    )


def _tools() -> rx.Component:
    closed = rx.el.label(
        rx.el.input(type="checkbox", checked=People.with_closed, on_change=People.show_closed, class_name="in"),
        t("aussi les personnes parties"),
        class_name="tick s m",
    )
    return rx.fragment(rx.el.span(class_name="sp"), closed)


def _list() -> rx.Component:
    heads = (t("Nom"), t("Adresse e-mail"), t("Rôles"), t("État"))
    return rx.fragment(
        rx.cond(Visitor.permissions.contains(MANAGE), _add()),
        rx.cond(
            People.rows,
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
                rx.el.tbody(rx.foreach(People.rows, _row)),
                class_name="list",
            ),
            empty_state(t("Personne encore")),
        ),
    )


def _row(person: rx.Var[dict[str, str]]) -> rx.Component:
    open_it = rx.el.button(
        person["name"], type="button", class_name="bare-btn md", on_click=People.choose(person["id"])
    )
    state = rx.cond(
        person["closed"],
        rx.el.span(t("parti le "), person["closed"], class_name="tag"),
        rx.cond(
            person["waits"],
            rx.el.span(t("attend son lien"), class_name="tag amb"),
            rx.cond(
                person["factor"],
                rx.el.span(t("second facteur"), class_name="tag grn"),
                rx.cond(person["password"], rx.el.span(t("mot de passe"), class_name="tag")),
            ),
        ),
    )
    return rx.el.tr(
        rx.el.td(open_it),
        rx.el.td(person["email"], class_name="m"),
        rx.el.td(person["roles"]),
        rx.el.td(state),
        class_name=rx.cond(People.chosen == person["id"], "sel", ""),
    )


def _add() -> rx.Component:
    boxes = [
        rx.el.label(
            rx.el.input(type="checkbox", name=f"role_{role.value}", class_name="in"),
            t(ROLE_NAMES[role]),
            class_name="tick",
        )
        for role in Role
    ]
    form = rx.el.form(
        rx.el.div(
            field(t("Nom"), rx.el.input(name="name", required=True, max_length=120, class_name="in")),
            field(
                t("Adresse e-mail"),
                rx.el.input(name="email", type="email", required=True, max_length=254, class_name="in"),
            ),
            class_name="fields",
        ),
        rx.el.div(*boxes, class_name="checks"),
        rx.el.div(
            rx.el.button(t("Ajouter"), type="submit", class_name="btn p"),
            rx.el.span(t("La personne choisit son mot de passe avec un lien que vous lui donnez."), class_name="s f"),
            class_name="row",
        ),
        on_submit=People.add,
        key=f"add{People.add_round}",
        class_name="stack",
    )
    problem = rx.cond(
        People.problem & (People.chosen == ""), rx.el.div(People.problem, class_name="callout error", role="alert")
    )
    return rx.el.div(
        rx.el.details(rx.el.summary(t("Ajouter une personne"), class_name="btn p"), form, class_name="more"),
        problem,
        class_name="add-person",
    )
