"""The page of any list: its head with views, the list, and what is looked at beside it."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from app.lists.kind import ListKind
from app.lists.table import record_table, record_tabs, table_labels
from app.platform import Visitor
from app.shell import screen
from app.text import t

KEYS = (
    ("J K", "parcourir"),
    ("↵", "ouvrir"),
    ("F2", "modifier"),
    ("X", "cocher"),
    ("F", "filtrer"),
    ("/", "chercher"),
)


def list_page(
    kind: ListKind,
    state: Any,
    *,
    peek: Callable[[], rx.Component] | None = None,
    keys: Sequence[tuple[str, str]] = KEYS,
) -> None:
    """Register the page of a list. `peek` draws what is looked at beside it."""

    def head() -> rx.Component:
        return rx.fragment(_tabs(kind, state), _new(kind))

    def body() -> rx.Component:
        beside = peek() if peek else _facts(kind, state)
        return rx.el.div(_table(kind, state), rx.cond(state.peeked != "", beside), class_name="with-peek")

    screen(route=kind.route, title=kind.title, permission=kind.read, on_load=state.load, head=head, keys=keys)(body)


def _new(kind: ListKind) -> rx.Component:
    """Draw the button for a new record, for those who may edit the kind."""
    label, address = kind.new
    if not label:
        return rx.fragment()
    button = rx.link(
        t(label),
        rx.el.kbd("C"),
        href=address,
        underline="none",
        class_name="btn sm p",
        custom_attrs={"data-key": "c", "data-key-label": t(label)},
    )
    return rx.cond(Visitor.permissions.contains(kind.edit), button)


def _tabs(kind: ListKind, state: Any) -> rx.Component:
    return record_tabs(
        view=state.view,
        labels=rx.Var.create(table_labels()),
        export_to=f"/listes/{kind.key}/export",
        on_query=state.query,
        on_save_view=state.save_view,
        on_remove_view=state.remove_view,
        on_pin_view=state.pin_view,
        on_begin_with=state.begin_with,
    )


def _table(kind: ListKind, state: Any) -> rx.Component:
    return record_table(
        view=state.view,
        counts=state.counts,
        answer=state.answer,
        labels=rx.Var.create(table_labels()),
        link_to=kind.link,
        peeking=state.peeked != "",
        on_query=state.query,
        on_open=state.open,
        on_peek=state.peek,
        on_cell=state.change_cell,
        on_preview_bulk=state.preview_bulk,
        on_bulk=state.bulk,
        on_preview_paste=state.preview_paste,
        on_paste=state.paste,
    )


def peek_head(name: Any, href: Any, close: Any) -> rx.Component:
    """Draw the head of the panel beside the list."""
    return rx.el.header(
        rx.el.span(name, class_name="el b grow"),
        rx.link(
            rx.icon("maximize-2", size=13, class_name="i s"),
            href=href,
            class_name="btn q sm ic",
            aria_label=t("Ouvrir en grand"),
        ),
        rx.el.button(
            rx.icon("x", size=13, class_name="i s"),
            type="button",
            class_name="btn q sm ic",
            aria_label=t("Fermer"),
            on_click=close,
            custom_attrs={"data-key": "Escape", "data-key-label": t("Fermer")},
        ),
        class_name="head",
    )


def _facts(kind: ListKind, state: Any) -> rx.Component:
    before, after = kind.link.split("{id}")
    rows = rx.el.dl(
        rx.foreach(
            state.facts,
            lambda fact: rx.fragment(rx.el.dt(fact["label"]), rx.el.dd(fact["text"])),
        ),
        class_name="kv",
    )
    return rx.el.aside(
        peek_head(state.peeked_name, before + state.peeked + after, state.close_peek),
        rx.el.div(rx.el.section(rows, class_name="sect"), class_name="peek-body"),
        class_name="peek",
        aria_label=t("Aperçu"),
    )
