"""Notices in the language that the browser shows."""

import reflex as rx

from app.language import Language
from app.platform import notify
from app.text import say


async def told(state: rx.State, sentence: str, **params: str) -> rx.event.EventSpec:
    """Return the notice of something done, in the browser's language."""
    return notify(say((await state.get_state(Language)).lang, sentence, **params))
