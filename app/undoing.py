"""Undoing a deed from a notice or from the history; the plan of it is shown before, where somebody asks for it."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do
from app.history_words import COLUMNS, KINDS, word
from app.kept_words import why
from app.platform import Visitor, handler, loads_of, notify
from app.session import current_actor
from app.text import say, t
from db.access.rules import Actor
from db.jobs.queries import job
from db.kernel.errors import BadInput
from db.records.kinds.rules import kind_called
from db.records.undo.actions import remove_record, undo_deed
from db.records.undo.many.actions import ask_for_undo
from db.records.undo.many.queries import undo_size
from db.records.undo.queries import undo_plan
from db.records.undo.rules import MOST_CHANGES, Kept, Step, UndoPlan

UNDO = "records.undo"
WHAT_HAPPENS = {
    "update": "{name} : {columns} comme avant",
    "create": "{kind} « {name} » : retirée",
    "delete": "{kind} « {name} » : rétablie",
}
MOST_LINES = 12
MOST_DEEDS = 20  # that are undone at once
LISTS = {"lead": routes.LEADS, "party": routes.COMPANIES, "opportunity": routes.OPPORTUNITIES}


UNDO_OTHERWISE: dict[str, Callable[[Actor, str], str]] = {}  # what a notice begins with → undo it, return where to look


class Undoing(rx.State):
    """The deed that somebody thinks of undoing, and what would happen."""

    deed: str = ""
    will: list[str] = []
    stays: list[str] = []
    blocked: str = ""
    instead: dict[str, str] = {}
    many: bool = False

    @handler(UNDO)
    async def undo(self, deeds: str) -> Any:
        """Undo deeds (several: the last first), and show the page as it is then; many records become a job."""
        actor = await current_actor(self)
        self._close()
        prefix, _, rest = str(deeds).partition(":")
        if prefix in UNDO_OTHERWISE:
            return rx.redirect(await asyncio.to_thread(UNDO_OTHERWISE[prefix], actor, rest))
        wanted = await asyncio.to_thread(deeds_named, actor, str(deeds))
        if len(wanted) == 1:
            plan = await asyncio.to_thread(ask, actor, undo_plan, deed_id=wanted[0], by=actor)
            if plan.inverse is not None:  # what is posted is not taken back: say what the law offers instead
                self._show(str(wanted[0]), plan, actor)
                return None
        if await asyncio.to_thread(is_much, actor, wanted):
            job_id = await asyncio.to_thread(do, actor, ask_for_undo, deeds=wanted)
            return rx.redirect(routes.undoing(job_id))
        plans = [await asyncio.to_thread(do, actor, undo_deed, undoes=deed) for deed in reversed(wanted)]
        kept = sum(len(plan.kept) for plan in plans)
        if kept:
            told = notify("Annulé, sauf ce que d’autres ont changé depuis ({count}).", count=kept)
        else:
            told = notify("C’est annulé.")
        return [told, *loads_of(self)]

    @handler(UNDO)
    async def preview(self, deed: str) -> None:
        """Show what undoing a deed would do, before anything happens."""
        actor = await current_actor(self)
        [deed_id] = read_deeds(deed)
        self._show(deed, await asyncio.to_thread(ask, actor, undo_plan, deed_id=deed_id, by=actor), actor)

    def _show(self, deed: str, plan: UndoPlan, actor: Actor) -> None:
        self.deed, self.will, self.stays = deed, lines_of(plan, actor), kept_lines(plan, actor)
        self.blocked = say(actor.language, plan.blocked, **plan.blocked_params) if plan.blocked else ""
        self.many = plan.many > 0
        inverse = plan.inverse
        self.instead = {"label": say(actor.language, inverse.label), "href": inverse.route} if inverse else {}

    @handler(UNDO)
    async def remove(self, kind: str, record_id: str) -> Any:
        """Remove a record on which nothing hangs, and show the list that it was in."""
        actor = await current_actor(self)
        [found] = read_deeds(record_id)
        table = kind_called(kind).table
        name = await asyncio.to_thread(do, actor, remove_record, table=table, record_id=found)
        return [notify("« {name} » supprimée.", name=name), rx.redirect(LISTS.get(kind, "/"))]

    @handler(UNDO)
    def cancel(self) -> None:
        """Leave everything as it is."""
        self._close()

    def _close(self) -> None:
        self.deed, self.will, self.stays, self.blocked, self.instead, self.many = "", [], [], "", {}, False


def read_deeds(text: str) -> list[UUID]:
    """Return the deeds that a notice names.

    Raises: BadInput: it names none.
    """
    try:
        return [UUID(one) for one in str(text).split(",")]
    except ValueError:
        raise BadInput("Cet acte n’existe pas.") from None


def deeds_named(actor: Actor, text: str) -> list[UUID]:
    """Return the deeds that a notice names, or those of the job that it names (`job:…`).

    Raises: BadInput, NotFound: it names none, or somebody else's job.
    """
    prefix, _, rest = text.partition(":")
    if prefix != "job":
        return read_deeds(text)
    [job_id] = read_deeds(rest)
    done = (ask(actor, job, job_id=job_id, by=actor).result or {}).get("deeds", [])
    if not done:
        raise BadInput("Il n’y a rien à annuler.")
    return [UUID(str(one)) for one in done]


def is_much(actor: Actor, deeds: list[UUID]) -> bool:
    """Test if deeds are too much to be undone while somebody waits."""
    return len(deeds) > MOST_DEEDS or ask(actor, undo_size, deeds=deeds) > MOST_CHANGES


def lines_of(plan: UndoPlan, actor: Actor) -> list[str]:
    """Return in words what would come back."""
    shown = [_line(step, actor.language) for step in plan.steps[:MOST_LINES]]
    more = len(plan.steps) - len(shown)
    return [*shown, say(actor.language, "et {count} autres fiches", count=more)] if more > 0 else shown


def kept_lines(plan: UndoPlan, actor: Actor) -> list[str]:
    """Return in words what would stay, and why."""
    return [_kept(one, actor.language) for one in plan.kept[:MOST_LINES]]


def _line(step: Step, language: str) -> str:
    columns = ", ".join(word(language, COLUMNS, name) for name in step.values)
    kind = word(language, KINDS, step.table)
    return say(language, WHAT_HAPPENS[step.operation], name=step.name or kind, kind=kind, columns=columns)


def _kept(one: Kept, language: str) -> str:
    said = why(one, language)
    return f"{word(language, COLUMNS, one.column.removeprefix('custom.'))} : {said}" if one.column else said


def undo_dialog() -> rx.Component:
    """Draw the question: what would come back, what would stay and why."""
    lines = rx.el.ul(rx.foreach(Undoing.will, lambda line: rx.el.li(line)))
    stays = rx.cond(
        Undoing.stays.length() > 0,
        rx.fragment(
            rx.el.div(t("Reste comme c’est :"), class_name="md"),
            rx.el.ul(rx.foreach(Undoing.stays, lambda line: rx.el.li(line, class_name="m"))),
        ),
    )
    instead = rx.cond(
        Undoing.instead.contains("href"),
        rx.link(
            Undoing.instead["label"],
            href=Undoing.instead["href"],
            class_name="btn sm p",
            underline="none",
            on_click=Undoing.cancel,  # the page that it leads to may be drawn in this same tab
        ),
    )
    undo = rx.cond(
        (Undoing.will.length() > 0) | Undoing.many,
        rx.el.button(t("Annuler cet acte"), type="button", class_name="btn p", on_click=Undoing.undo(Undoing.deed)),
    )
    leave = rx.el.button(t("Ne rien faire"), type="button", class_name="btn q", on_click=Undoing.cancel)
    return rx.cond(
        Undoing.deed != "",
        rx.el.div(
            rx.el.div(
                rx.el.h2(t("Annuler un acte"), id="undo-title"),
                rx.cond(Undoing.blocked != "", rx.el.p(Undoing.blocked)),
                rx.cond(Undoing.will.length() > 0, lines),
                stays,
                rx.el.div(undo, instead, leave, class_name="row g6"),
                class_name="confirm undo",
                role="dialog",
                aria_modal="true",
                aria_labelledby="undo-title",
            ),
            class_name="scrim",
        ),
    )


def remove_part(kind: Any, record_id: Any) -> rx.Component:
    """Draw the button that removes the record of a page; *Annuler* brings it back."""
    button = rx.el.button(
        t("Supprimer la fiche"), type="button", class_name="btn q sm", on_click=Undoing.remove(kind, record_id)
    )
    return rx.cond(Visitor.permissions.contains(UNDO), rx.el.div(button, class_name="sect"))


def undo_button(deed: Any) -> rx.Component:
    """Draw the button that asks what undoing a deed would do."""
    return rx.cond(
        deed.undoable,
        rx.el.button(t("Annuler…"), type="button", class_name="btn q sm", on_click=Undoing.preview(deed.id)),
    )
