"""Form fields."""

from typing import Any

import reflex as rx


def field(label: Any, control: rx.Component, error: Any = "", *, hint: Any = "", **props: Any) -> rx.Component:
    """Draw a labelled control; with an error (value or Var) its outline turns red and the sentence stands below.

    The control is an `rx.el.input`, `select` or `textarea` with `class_name="in"`; the label wraps it: no id is needed.
    """
    return rx.el.label(
        rx.el.span(label, class_name="lb"),
        control,
        _below(error, "s red", role="alert"),
        _below(hint, "s f"),
        class_name=_class(error),
        **props,
    )


def _class(error: Any) -> Any:
    if isinstance(error, rx.Var):
        return rx.cond(error, "fld bad", "fld")
    return "fld bad" if error else "fld"


def _below(sentence: Any, style: str, **props: Any) -> rx.Component:
    line = rx.el.span(sentence, class_name=f"below {style}", **props)
    if isinstance(sentence, rx.Var):
        return rx.cond(sentence, line)
    return line if sentence else rx.fragment()
