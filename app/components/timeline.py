"""What happened to a record, newest first."""

from typing import Any

import reflex as rx

ICONS = (
    "mail",
    "phone",
    "message-square",
    "pencil",
    "git-compare",
    "plus",
    "check",
    "x",
    "user",
    "file-up",
    "undo-2",
    "calendar",
    "users",
    "trash-2",
    "flag",
    "handshake",
    "rotate-ccw",
    "printer",
    "globe",
    "map-pin",
)


def icon_named(name: Any, size: int = 13) -> rx.Component:
    """Draw an icon whose name is known only in the browser; a dot for a name that is not among `ICONS`."""
    if isinstance(name, str):
        return rx.icon(name, size=size, stroke_width="1.6", class_name="i s")
    cases = [(known, rx.icon(known, size=size, stroke_width="1.6", class_name="i s")) for known in ICONS]
    return rx.match(name, *cases, rx.icon("dot", size=size, class_name="i s"))


def timeline_entry(time: Any, icon: Any, text: Any, *, detail: Any = "", is_machine: Any = False) -> rx.Component:
    """Draw one line: time, icon, sentence; what a machine did is quieter, `detail` (a version change) quieter still."""
    quiet = rx.cond(is_machine, "el m", "el") if isinstance(is_machine, rx.Var) else ("el m" if is_machine else "el")
    return rx.el.div(
        rx.el.span(time, class_name="f"),
        rx.el.span(icon_named(icon), class_name="f"),
        rx.el.span(text, " ", rx.el.span(detail, class_name="f"), class_name=quiet),
        class_name="tm",
    )
