"""`/reglages/export`: the whole company in one file of open formats."""

import asyncio
from decimal import Decimal
from uuid import UUID

import reflex as rx

from app import routes
from app.access.fresh import ask_fresh_proof
from app.components import empty_state, section
from app.components.states import progress_bar
from app.doors import do, now
from app.exchange.kept import export_path, kept_exports
from app.job_watch import OPEN, looks_at
from app.platform import handler
from app.session import current_actor
from app.shell import screen
from app.text import instant, quantity, say, t
from db.access.rules import check_fresh
from db.jobs.actions import cancel_job
from db.jobs.exports.actions import ask_for_company_export
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError, FreshProofNeeded

MAY = "access.export_everything"


class CompanyExport(rx.State):
    """The exports that are ready, and the one that is being written."""

    rows: list[dict[str, str]] = []
    job: dict[str, str] = {}
    job_id: str = ""
    problem: str = ""

    @handler(MAY)
    async def load(self) -> None:
        """List what is ready."""
        self.problem = ""
        await self._list()

    async def _list(self) -> None:
        at = now()
        kept = await asyncio.to_thread(kept_exports)
        self.rows = [
            {
                "name": one.name,
                "at": instant(one.made_at),
                "size": f"{quantity(Decimal(max(1, one.bytes // 1024)))} Ko",
                "until": instant(one.until),
            }
            for one in kept
            if one.until > at
        ]

    @handler(MAY)
    async def make(self) -> rx.event.EventSpec | None:
        """Have one written, right after a second factor."""
        actor = await current_actor(self)
        try:
            job: UUID = await asyncio.to_thread(do, actor, ask_for_company_export)
        except FreshProofNeeded:
            await ask_fresh_proof(self, CompanyExport.make())
            return None
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        self.job_id, self.problem = str(job), ""
        return CompanyExport.follow  # type: ignore[return-value]

    @handler(MAY, background=True)
    async def follow(self) -> None:
        """Look after the job until it is over."""
        async for actor, status in looks_at(self):
            if status.state in OPEN:
                continue
            async with self:
                self.problem = say(actor.language, status.error or "") if status.state is JobState.FAILED else ""
                self.job, self.job_id = {}, ""
                await self._list()
            return

    @handler(MAY)
    async def stop(self) -> None:
        """Stop the one that is being written."""
        if self.job_id:
            await asyncio.to_thread(do, await current_actor(self), cancel_job, job_id=UUID(self.job_id))

    @handler(MAY)
    async def take(self, name: str) -> rx.event.EventSpec | None:
        """Let the browser fetch one: only right after a second factor."""
        actor = await current_actor(self)
        try:
            check_fresh(actor, now())
        except FreshProofNeeded:
            await ask_fresh_proof(self, CompanyExport.take(name))
            return None
        return rx.redirect(f"{routes.EXPORT_FILE}/{export_path(name, at=now()).name}", is_external=True)


@screen(route=routes.EXPORT, title="Export de l’entreprise", permission=MAY, on_load=CompanyExport.load)
def company_export() -> rx.Component:
    """Draw what an export is, the one under way, and those that are ready."""
    make = rx.el.button(
        t("Exporter toute l’entreprise"),
        type="button",
        class_name="btn p",
        on_click=CompanyExport.make,
        disabled=CompanyExport.job_id != "",
    )
    what = t(
        "Tout, en formats ouverts : chaque table en CSV et JSON, chaque fichier, un manifeste. "
        "Sans mots de passe ni clés."
    )
    return rx.el.div(
        section(
            t("Export de l’entreprise"),
            rx.el.p(what, class_name="m"),
            rx.cond(
                CompanyExport.problem != "", rx.el.div(CompanyExport.problem, class_name="callout error", role="alert")
            ),
            rx.cond(
                CompanyExport.job_id != "", progress_bar(CompanyExport.job, on_cancel=CompanyExport.stop), rx.fragment()
            ),
            rx.el.div(make, class_name="row"),
        ),
        section(
            t("Prêts à télécharger"),
            rx.cond(
                CompanyExport.rows,
                _list(),
                empty_state(t("Aucun export"), t("Le premier apparaît ici dès qu’il est demandé.")),
            ),
            rx.el.p(
                t(
                    "Un export prêt reste 24 heures sur ce serveur, puis il est effacé. "
                    "Chaque téléchargement est noté dans l’historique."
                ),
                class_name="s f",
            ),
        ),
        class_name="settings wide-settings",
    )


def _list() -> rx.Component:
    heads = (t("Fait le"), t("Taille"), t("Disponible jusqu’au"))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(*[rx.el.th(head) for head in heads], rx.el.th(rx.el.span(t("Actions"), class_name="vh")))
            ),
            rx.el.tbody(rx.foreach(CompanyExport.rows, _row)),
            class_name="list",
        ),
        class_name="scrolls",
    )


def _row(one: rx.Var[dict[str, str]]) -> rx.Component:
    take = rx.el.button(t("Télécharger"), type="button", class_name="btn sm", on_click=CompanyExport.take(one["name"]))
    return rx.el.tr(
        rx.el.td(one["at"], class_name="md"),
        rx.el.td(one["size"]),
        rx.el.td(one["until"], class_name="m"),
        rx.el.td(take, class_name="r"),
    )
