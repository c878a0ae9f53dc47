"""Ctrl-K: one box for pages, records and actions, drawn by `palette.jsx`; the server answers with one JSON text."""

import asyncio
from typing import Any

import reflex as rx

from app.doors import do, now
from app.frame import Frame
from app.language import LANGUAGES, Language
from app.palette.answer import answer
from app.platform import handler
from app.session import current_actor
from app.text import t
from db.records.recent.actions import remember_use

OPEN = "records.open"


class Palette(rx.State):
    """What is offered for what was typed last."""

    answer: str = ""

    @handler(OPEN)
    async def ask(self, typed: str) -> None:
        """Offer what fits what was typed; before anything is typed, what was used last."""
        actor = await current_actor(self)
        self.answer = await asyncio.to_thread(answer, actor, str(typed), now())

    @handler(OPEN)
    async def use(self, target: str) -> None:
        """Remember what was chosen, so that it comes first the next time."""
        await asyncio.to_thread(do, await current_actor(self), remember_use, target=str(target))

    @handler(OPEN)
    async def speak(self, code: str) -> Any:
        """Show every text in another language."""
        return Frame.choose_language(code) if code in LANGUAGES else None


def _text(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class PaletteBox(rx.Component):
    """The box (`palette.jsx`). Whatever carries `data-palette` opens it."""

    library = f"$/public{rx.asset('palette.jsx', shared=True)}"
    tag = "PaletteBox"
    answer: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    language: rx.Var[str]
    on_ask: rx.EventHandler[_text]
    on_use: rx.EventHandler[_text]
    on_speak: rx.EventHandler[_text]


def palette_box() -> rx.Component:
    """Draw the palette, closed."""
    return PaletteBox.create(
        answer=Palette.answer,
        labels=_labels(),
        language=Language.lang,
        on_ask=Palette.ask,
        on_use=Palette.use,
        on_speak=Palette.speak,
    )


def _labels() -> dict[str, Any]:
    return {
        "title": t("Chercher ou agir"),
        "hint": t("Une page, une fiche, une action"),
        "close": t("Échap"),
        "results": t("Résultats"),
        "count": t("{count} résultats"),
        "nothing": t("Rien de ce que vous pouvez voir ne contient « {text} »."),
        "nothingHelp": t("Essayer moins de mots, ou un fragment de téléphone, d’IDE ou de montant."),
        "noSum": t("Continuer le calcul, par exemple = 1’200 + 8.1%"),
        "copied": t("Copié"),
        "choose": t("choisir"),
        "open": t("ouvrir"),
        "newTab": t("nouvel onglet"),
        "acts": t("actions"),
        "numbers": t("numéro"),
        "computes": t("calculer"),
    }
