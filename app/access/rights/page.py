"""`/reglages/droits`: what each role may, which fields it does not see, the teams, and what one person may."""

from typing import Any

import reflex as rx

from app import routes
from app.access.rights.state import CHANGE, PARTS, READ, Policies
from app.access.rights.teams import teams_part
from app.access.rights.words import REACH_WORDS
from app.components import empty_state
from app.platform import Visitor
from app.shell import screen
from app.text import t
from db.access.people.rules import ROLE_NAMES

PART_LABELS = ("Droits des rôles", "Champs masqués", "Équipes", "Que peut voir…")


@screen(route=routes.RIGHTS, title="Droits", permission=READ, on_load=Policies.load, head=lambda: _tabs())
def rights() -> rx.Component:
    """Draw the chosen part."""
    return rx.el.div(
        rx.cond(Policies.problem != "", rx.el.div(Policies.problem, class_name="callout error", role="alert")),
        rx.match(
            Policies.part,
            ("champs", _fields()),
            ("equipes", teams_part()),
            ("personne", _person()),
            _grid(),
        ),
        class_name="rights",
    )


def _tabs() -> rx.Component:
    return rx.el.nav(
        *[
            rx.link(
                t(label),
                href=f"{routes.RIGHTS}?partie={part}",
                underline="none",
                class_name=rx.cond(Policies.part == part, "tab on", "tab"),
                aria_current=rx.cond(Policies.part == part, "page", "false"),
            )
            for part, label in zip(PARTS, PART_LABELS, strict=True)
        ],
        class_name="row rights-tabs",
        aria_label=t("Parties des droits"),
    )


def _grid() -> rx.Component:
    explained = rx.el.p(
        t(
            "Une personne a ce que donnent ses rôles ensemble : la portée la plus large l’emporte. « Équipe » comprend "
            "les fiches sans responsable. Un point marque ce que l’entreprise a changé."
        ),
        class_name="s f",
    )
    return rx.fragment(explained, _table(Policies.rows, t("Droit"), _right_cell))


def _fields() -> rx.Component:
    explained = rx.el.p(
        t(
            "Un champ masqué n’apparaît nulle part pour ce rôle : ni liste, ni recherche, ni export, ni historique, ni "
            "interface, ni carnet. Un autre rôle de la même personne peut le montrer."
        ),
        class_name="s f",
    )
    return rx.fragment(explained, _table(Policies.fields, t("Champ"), _field_cell))


def _table(rows: Any, first: Any, cell: Any) -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(first, scope="col"), *[rx.el.th(t(name), scope="col") for name in ROLE_NAMES.values()]
                )
            ),
            rx.el.tbody(rx.foreach(rows, lambda row: _row(row, cell))),
            class_name="list rights-grid",
        ),
        class_name="rights-scroll",
        tab_index=0,
        role="region",
        aria_label=t("Droits par rôle"),
    )


def _row(row: Any, cell: Any) -> rx.Component:
    return rx.cond(
        row.cells.length() == 0,
        rx.el.tr(rx.el.th(row.label, col_span=len(ROLE_NAMES) + 1, scope="rowgroup"), class_name="grp", key=row.key),
        rx.el.tr(rx.el.th(row.label, scope="row"), rx.foreach(row.cells, lambda one: cell(row.key, one)), key=row.key),
    )


def _right_cell(permission: Any, one: Any) -> rx.Component:
    choice = rx.el.select(
        *[rx.el.option(t(word), value=reach.value) for reach, word in REACH_WORDS.items()],
        value=one.value,
        on_change=lambda reach: Policies.set_reach(one.role, permission, reach),
        class_name="in",
        aria_label=one.label,
    )
    tick = rx.el.input(
        type="checkbox",
        checked=one.value == "all",
        on_change=lambda given: Policies.tick(one.role, permission, given),
        class_name="in",
        aria_label=one.label,
    )
    return _cell(one, rx.match(one.form, ("choice", choice), ("tick", tick), _word(one)))


def _field_cell(name: Any, one: Any) -> rx.Component:
    tick = rx.el.input(
        type="checkbox",
        checked=one.value == "hidden",
        on_change=lambda hidden: Policies.hide(one.role, name, hidden),
        class_name="in",
        aria_label=one.label,
    )
    return _cell(one, rx.cond(one.form == "tick", tick, _word(one)))


def _cell(one: Any, control: Any) -> rx.Component:
    return rx.el.td(
        rx.cond(Visitor.permissions.contains(CHANGE), control, _word(one)),
        rx.cond(one.changed != "", rx.el.span("●", title=one.changed, class_name="act changed")),
        key=one.role,
    )


def _word(one: Any) -> rx.Component:
    return rx.el.span(one.word, class_name=rx.cond((one.value == "none") | (one.value == ""), "f", ""))


def _person() -> rx.Component:
    chooser = rx.el.label(
        t("Que peut voir"),
        rx.el.select(
            rx.el.option(t("choisir une personne"), value=""),
            rx.foreach(Policies.people, lambda one: rx.el.option(one["name"], value=one["id"])),
            value=Policies.person,
            on_change=Policies.choose_person,
            class_name="in",
            aria_label=t("Personne"),
        ),
        "?",
        class_name="row",
    )
    found = rx.fragment(
        rx.el.div(rx.el.span(t("Rôles"), class_name="f"), Policies.person_roles, class_name="row s"),
        rx.cond(
            Policies.unseen.length() > 0,
            rx.el.div(
                rx.el.span(t("Ne voit pas"), class_name="f"),
                rx.foreach(Policies.unseen, lambda name: rx.el.span(name, class_name="tag amb")),
                class_name="row wraps s",
            ),
        ),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(t("Droit")), rx.el.th(t("Portée")), rx.el.th(t("Fiches de")), rx.el.th(t("Par le rôle"))
                )
            ),
            rx.el.tbody(rx.foreach(Policies.rights, _right_row)),
            class_name="list",
        ),
    )
    nobody = empty_state(t("Personne de choisi"), t("Choisir une personne montre ses droits et le rôle qui les donne."))
    return rx.fragment(rx.el.div(chooser, class_name="tools"), rx.cond(Policies.person != "", found, nobody))


def _right_row(one: Any) -> rx.Component:
    return rx.cond(
        one.reach == "",
        rx.el.tr(rx.el.td(one.label, col_span=4), class_name="grp"),
        rx.el.tr(rx.el.td(one.label), rx.el.td(one.reach), rx.el.td(one.whose, class_name="m"), rx.el.td(one.why)),
    )
