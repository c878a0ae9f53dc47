"""`/historique/annulation/…`: how the undoing of many records goes on, and what stayed as it was and why."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.components import section
from app.components.states import OPEN_STATES, job_view, progress_bar
from app.doors import ask, do
from app.gateways.delimited_text import csv_bytes
from app.kept_words import kept_row
from app.platform import Arrival, handler, notify
from app.session import current_actor
from app.shell import screen
from app.text import say, t
from app.undoing import UNDO, read_deeds
from db.access.rules import Actor
from db.jobs.actions import cancel_job, retry_job
from db.jobs.queries import job
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError, NotFound
from db.records.undo.many.actions import JOB
from db.records.undo.many.queries import undo_conflicts

MOST_SHOWN = 300


class ManyUndoing(rx.State):
    """The undoing of the address."""

    job_id: str = ""
    job: dict[str, str] = {}
    state: str = ""
    summary: str = ""
    kept: list[dict[str, str]] = []
    problem: str = ""
    _follows: bool = False

    @handler(UNDO)
    async def load(self) -> Any:
        """Show the undoing of the address; go on looking while it goes on."""
        self.job_id, self.problem = self.router.url.path.rstrip("/").rsplit("/", 1)[-1], ""
        await self._show(await current_actor(self))
        return ManyUndoing.follow if self.job.get("is_open") else None

    @handler(UNDO, background=True)
    async def follow(self) -> Any:
        """Show how it goes on; at its end a notice offers to take the undoing back."""
        async with self:
            if self._follows:
                return
            self._follows, place = True, self.router.url.path
        told: list[Any] = []
        while True:
            await asyncio.sleep(0.5)
            async with self:
                actor = await current_actor(self)
                if actor.user_id is None or (await self.get_state(Arrival)).at != place:
                    break
                await self._show(actor)
                if not self.job.get("is_open"):
                    if self.state == JobState.DONE.value:
                        told = [notify("C’est annulé.", undo=f"job:{self.job_id}")]
                    break
        async with self:
            self._follows = False
        for one in told:
            yield one

    @handler(UNDO)
    async def stop(self) -> None:
        """Stop it; what came back stays back."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, cancel_job, job_id=_id(self.job_id))
        await self._show(actor)

    @handler(UNDO)
    async def go_on(self) -> Any:
        """Go on with one that was stopped or failed."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, retry_job, job_id=_id(self.job_id))
        await self._show(actor)
        return ManyUndoing.follow

    @handler(UNDO)
    async def download(self) -> Any:
        """Hand out everything that stayed as a table for a spreadsheet."""
        actor = await current_actor(self)
        found = await asyncio.to_thread(ask, actor, undo_conflicts, job_id=_id(self.job_id), by=actor)
        header = [say(actor.language, text) for text in ("Genre", "Fiche", "Champ", "Raison")]
        rows = [(one["kind"], one["name"], one["field"], one["why"]) for one in (kept_row(k, actor) for k in found)]
        return rx.download(data=csv_bytes(header, rows), filename="reste-apres-annulation.csv")

    async def _show(self, actor: Actor) -> None:
        try:
            shown = await asyncio.to_thread(_facts, actor, _id(self.job_id))
        except BusinessError as refusal:
            self.job, self.kept, self.summary, self.state = {}, [], "", ""
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return
        for name, value in shown.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _id(text: str) -> UUID:
    [found] = read_deeds(text)
    return found


def _facts(by: Actor, job_id: UUID) -> dict[str, Any]:
    status = ask(by, job, job_id=job_id, by=by)
    if status.kind != JOB:
        raise NotFound("Cette annulation n’existe pas.")
    kept = ask(by, undo_conflicts, job_id=job_id, by=by, most=MOST_SHOWN + 1)
    view = job_view(status, by.language)
    result = status.result or {}
    summary = ""
    if status.state is JobState.DONE:
        summary = say(by.language, "{count} fiches comme avant.", count=result.get("done", 0))
        if result.get("kept"):
            summary += " " + say(
                by.language, "{count} valeurs sont restées : voir pourquoi ci-dessous.", count=result["kept"]
            )
    elif status.state not in OPEN_STATES:
        summary = say(by.language, "Arrêtée : ce qui est revenu reste revenu, le reste n’a pas changé.")
    return {
        "job": view,
        "state": status.state.value,
        "summary": summary,
        "kept": [kept_row(one, by) for one in kept[:MOST_SHOWN]],
        "problem": "",
    }


@screen(route=routes.UNDOING, title="Annulation", permission=UNDO, on_load=ManyUndoing.load)
def many_undoing() -> rx.Component:
    """Draw progress, outcome, and what stayed."""
    can_go_on = (ManyUndoing.state == "cancelled") | (ManyUndoing.state == "failed")
    go_on = rx.el.button(t("Continuer l’annulation"), type="button", class_name="btn p", on_click=ManyUndoing.go_on)
    again = rx.link(t("Historique"), href=routes.HISTORY, class_name="btn q", underline="none")
    return rx.el.div(
        rx.cond(ManyUndoing.problem != "", rx.el.div(ManyUndoing.problem, class_name="callout error", role="alert")),
        section(
            t("Annulation"),
            rx.cond(ManyUndoing.job.contains("id"), progress_bar(ManyUndoing.job, on_cancel=ManyUndoing.stop)),
            rx.el.p(ManyUndoing.summary, class_name="m", role="status"),
            rx.el.div(rx.cond(can_go_on, go_on), again, class_name="row g6"),
        ),
        rx.cond(ManyUndoing.kept.length() > 0, _stayed()),
        class_name="settings wide-settings",
    )


def _stayed() -> rx.Component:
    heads = (t("Fiche"), t("Champ"), t("Raison"))
    take = rx.el.button(t("Télécharger"), type="button", class_name="btn sm q", on_click=ManyUndoing.download)
    return section(
        t("Reste comme c’est"),
        rx.el.div(
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
                rx.el.tbody(rx.foreach(ManyUndoing.kept, _kept_line)),
                class_name="list",
            ),
            class_name="scrolls",
        ),
        aside=take,
    )


def _kept_line(one: Any) -> rx.Component:
    name = rx.cond(one["href"] != "", rx.link(one["name"], href=one["href"], class_name="lk"), one["name"])
    return rx.el.tr(
        rx.el.td(rx.el.span(one["kind"], " ", class_name="m"), name),
        rx.el.td(one["field"]),
        rx.el.td(one["why"]),
    )
