"""Parts of the pages with which people come in: a native form, its fields, and what went wrong."""

from typing import Any

import reflex as rx

from app.access.answers import Note, note_from
from app.components import field
from app.language import Language
from app.platform import native_form
from app.text import t

LONGEST = 256


def entry(label: Any, name: str, kind: str = "text", *, hint: Any = "", **props: Any) -> rx.Component:
    """Draw a labelled field of a native form."""
    return field(label, rx.el.input(name=name, type=kind, max_length=LONGEST, class_name="in", **props), hint=hint)


def hidden(name: str, value: Any) -> rx.Component:
    """Draw a field that the page fills itself."""
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)


def posted_form(action: str, *parts: Any, **props: Any) -> rx.Component:
    """Draw a form that the browser itself posts, so that the answer can set the session's cookie."""
    return native_form(*parts, action=action, method="post", class_name="stack", **props)


def why_refused(sentence: Any) -> rx.Component:
    """Draw what went wrong, if something did."""
    return rx.cond(sentence, rx.el.div(sentence, class_name="callout error", role="alert"))


def submit(label: Any) -> rx.Component:
    """Draw the button that posts the form."""
    return rx.el.button(label, type="submit", class_name="btn p wide-btn")


def card(title: str, lead: Any, *parts: Any) -> rx.Component:
    """Draw the one card of a page for visitors."""
    return rx.el.section(rx.el.h1(t(title)), rx.el.p(lead, class_name="intro"), *parts, class_name="entrance")


async def note_of(state: rx.State) -> tuple[Note, str]:
    """Return what the last refusal says to this page, and its sentence in the browser's language."""
    number = state.router.url.query_parameters.get("avis", "")
    note = note_from(state.router.headers.cookie, number)
    return note, note.in_words((await state.get_state(Language)).lang)
