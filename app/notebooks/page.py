"""`/carnets`: the analyst's notebooks, the data they see, and how well they are confined."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.components import confirm, empty_state, section, tag
from app.doors import now
from app.notebooks.control import is_editor_running, stop_editor
from app.notebooks.entrance import OPEN
from app.notebooks.places import NOTEBOOKS, home_of, is_changed, restart_from_template
from app.notebooks.snapshot_facts import read_snapshot_facts
from app.notebooks.wording import measure_lines, snapshot_lines
from app.platform import handler, native_form, notify
from app.session import current_actor
from app.shell import screen
from app.text import say, t
from db.access.rules import Actor
from db.kernel.errors import BusinessError
from workspace.confinement.policy import measures

OPEN_NOTEBOOK = "workspace.open_notebook"


class NotebooksState(rx.State):
    """What the analyst may open, and what is running for her."""

    notebooks: list[dict[str, str]] = []
    snapshot: list[dict[str, str]] = []
    guards: list[dict[str, str]] = []
    running: bool = False
    unreachable: str = ""

    @handler(OPEN_NOTEBOOK)
    async def load(self) -> None:
        """Show the notebooks, the last snapshot and the measures."""
        actor = await current_actor(self)
        await asyncio.to_thread(self._read, actor)

    def _read(self, actor: Actor) -> None:
        if actor.user_id is None:
            return
        home = home_of(actor.user_id)
        self.notebooks = [
            {
                "file": file,
                "title": say(actor.language, title),
                "changed": "yes" if is_changed(home, file) else "",
            }
            for file, title in NOTEBOOKS.items()
        ]
        facts = read_snapshot_facts(home)
        self.snapshot = snapshot_lines(facts, actor.language, now()) if facts else []
        self.guards = measure_lines(measures(), actor.language)
        self.running, self.unreachable = False, ""
        try:
            self.running = is_editor_running(actor.user_id)
        except BusinessError as refusal:
            self.unreachable = say(actor.language, refusal.message_id)

    @handler(OPEN_NOTEBOOK)
    async def stop(self) -> Any:
        """End the analyst's own editor."""
        actor = await current_actor(self)
        if actor.user_id is None:
            return None
        stopped = await asyncio.to_thread(stop_editor, actor.user_id)
        self.running = False
        return notify("Carnets arrêtés" if stopped else "Aucun carnet n’était ouvert")

    @handler(OPEN_NOTEBOOK)
    async def restart(self, file: str) -> Any:
        """Put the project's notebook in place of the analyst's own."""
        actor = await current_actor(self)
        if actor.user_id is None or file not in NOTEBOOKS:
            return None
        kept = await asyncio.to_thread(restart_from_template, actor.user_id, file)
        await asyncio.to_thread(self._read, actor)
        return notify("Carnet repris du modèle ; le vôtre est gardé sous {name}", name=kept.name)


def open_button(kind: str, subject: Any, label: Any, class_name: str = "btn p") -> rx.Component:
    """Draw the button that opens a notebook in a new tab: "edit" with a file, "read" with a frozen one's sha256."""
    return native_form(
        rx.el.input(type="hidden", name="kind", value=kind, read_only=True),
        rx.el.input(type="hidden", name="subject", value=subject, read_only=True),
        rx.el.button(label, type="submit", class_name=class_name),
        action=OPEN,
        method="post",
        custom_attrs={"target": "_blank", "rel": "noopener"},
    )


@screen(route=routes.NOTEBOOKS, title="Carnets", permission=OPEN_NOTEBOOK, on_load=NotebooksState.load)
def notebooks() -> rx.Component:
    """Draw the three regions under each other."""
    return rx.el.div(
        rx.cond(
            NotebooksState.unreachable != "",
            rx.el.div(NotebooksState.unreachable, class_name="callout error", role="alert"),
        ),
        section(t("Vos carnets"), rx.foreach(NotebooksState.notebooks, _notebook), _running()),
        section(
            t("Données de vos carnets"),
            rx.cond(
                NotebooksState.snapshot.length() > 0,  # type: ignore[attr-defined]
                rx.el.dl(rx.foreach(NotebooksState.snapshot, _pair), class_name="kv"),
                empty_state(t("Pas encore d’instantané."), t("Il est pris quand vous ouvrez un carnet.")),
            ),
            rx.el.p(
                t(
                    "Un instantané ne contient que ce que vous pouvez lire ; les noms, adresses et textes personnels y "
                    "sont des pseudonymes. Il est repris à chaque ouverture depuis cette page."
                ),
                class_name="s m",
            ),
        ),
        section(
            t("Ce qui retient le code d’un carnet"),
            rx.el.ul(rx.foreach(NotebooksState.guards, _guard), class_name="guards"),
        ),
        class_name="settings notebooks",
    )


def _notebook(notebook: rx.Var[dict[str, str]]) -> rx.Component:
    return rx.el.div(
        rx.el.span(notebook["title"], class_name="md"),
        rx.el.span(notebook["file"], class_name="f"),
        rx.cond(notebook["changed"] != "", tag(t("modifié par vous"))),
        rx.el.span(class_name="sp"),
        rx.cond(
            notebook["changed"] != "",
            confirm(
                t("Repartir du modèle"),
                title=t("Repartir du modèle ?"),
                sentence=t("Le carnet du projet prend la place du vôtre, qui est gardé à côté sous un numéro."),
                on_confirm=NotebooksState.restart(notebook["file"]),
                class_name="btn q",
            ),
        ),
        open_button("edit", notebook["file"], t("Ouvrir le carnet")),
        class_name="row notebook",
    )


def _running() -> rx.Component:
    return rx.cond(
        NotebooksState.running,
        rx.el.div(
            tag(t("ouvert"), "ac"),
            rx.el.span(
                t("Un éditeur tourne pour vous. Sans activité, il s’arrête après 30 minutes."),
                class_name="s m",
            ),
            rx.el.span(class_name="sp"),
            rx.el.button(t("Arrêter"), type="button", class_name="btn sm", on_click=NotebooksState.stop),
            class_name="row",
        ),
    )


def _pair(pair: rx.Var[dict[str, str]]) -> rx.Component:
    return rx.fragment(rx.el.dt(pair["name"]), rx.el.dd(pair["value"]))


def _guard(line: rx.Var[dict[str, str]]) -> rx.Component:
    return rx.el.li(
        rx.cond(
            line["holds"] != "",
            rx.icon("check", size=13, class_name="i s grn"),
            rx.icon("triangle-alert", size=13, class_name="i s amb"),
        ),
        rx.el.span(line["text"]),
        class_name="row",
    )
