"""One question before what cannot be undone."""

from typing import Any

import reflex as rx

from app.text import t


def confirm(
    label: Any,
    *,
    title: Any,
    sentence: Any,
    on_confirm: Any,
    verb: Any = None,
    is_dangerous: bool = False,
    class_name: str = "btn",
) -> rx.Component:
    """Draw a button that asks once; the dialog's button repeats the verb. Opening and closing need no round trip.

    Only for what cannot be undone; anything else is done at once, with *Annuler* in the notice.
    """
    act = rx.el.button(
        label if verb is None else verb,
        type="button",
        class_name="btn danger" if is_dangerous else "btn p",
        on_click=on_confirm,
        custom_attrs={"data-act": "close-dialog"},
    )
    leave = rx.el.button(t("Ne rien faire"), type="button", class_name="btn", custom_attrs={"data-act": "close-dialog"})
    return rx.fragment(
        rx.el.button(label, type="button", class_name=class_name, custom_attrs={"data-act": "ask"}),
        rx.el.dialog(
            rx.el.h2(title),
            rx.el.p(sentence, class_name="m"),
            rx.el.div(act, leave, class_name="row g6"),
            class_name="confirm",
        ),
    )
