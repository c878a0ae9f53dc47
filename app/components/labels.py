"""Small words beside things: tags, filter chips, facts."""

from typing import Any

import reflex as rx

from app.text import t


def tag(text: Any, tone: Any = "") -> rx.Component:
    """Draw a tag; tones: `ac` to act on, `grn` settled, `amb` to look at, `red` late or lost (values or Vars)."""
    return rx.el.span(text, class_name=f"tag {tone}")


def chip(
    label: Any,
    count: Any = None,
    *,
    is_on: Any = False,
    on_click: Any = None,
    on_remove: Any = None,
    dashed: bool = False,
    **props: Any,
) -> rx.Component:
    """Draw a filter chip: word and count; on when its filter applies; × removes an edited filter; dashed adds one."""
    state = rx.cond(is_on, "chip on", "chip") if isinstance(is_on, rx.Var) else ("chip on" if is_on else "chip")
    parts = [rx.el.span(count, class_name="n")] if count is not None else []
    word = rx.el.button(
        *([rx.icon("plus", size=13, class_name="i s")] if dashed else []),
        label,
        *parts,
        type="button",
        class_name="bare-btn",
        **({"on_click": on_click} if on_click is not None else {}),
        **props,
    )
    remove = [] if on_remove is None else [_remove(on_remove)]
    return rx.el.span(word, *remove, class_name="chip dash" if dashed else state)


def _remove(on_remove: Any) -> rx.Component:
    return rx.el.button(
        rx.icon("x", size=13, class_name="i s"),
        type="button",
        class_name="bare-btn",
        aria_label=t("Retirer ce filtre"),
        on_click=on_remove,
    )


def facts(*pairs: tuple[Any, Any]) -> rx.Component:
    """Draw pairs of name and value under each other."""
    return rx.el.dl(*[rx.fragment(rx.el.dt(name), rx.el.dd(value)) for name, value in pairs], class_name="kv")


def facts_row(*pairs: tuple[Any, Any]) -> rx.Component:
    """Draw a record's main facts in a row: small name over value."""
    return rx.el.dl(*[rx.el.div(rx.el.dt(name), rx.el.dd(value)) for name, value in pairs], class_name="facts-row")


def section(title: Any, *content: Any, aside: Any = None, **props: Any) -> rx.Component:
    """Draw a region: a heading, what stands beside it in small, and a rule below."""
    beside = [] if aside is None else [rx.el.span(aside, class_name="f")]
    return rx.el.section(rx.el.h2(title, *beside), *content, class_name="sect", **props)
