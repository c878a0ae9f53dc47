"""`/bienvenue/import`: how far an exported company is on its way in, and at the end who opens it."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.access import incoming
from app.access.demonstration import choose_person
from app.access.forms import note_of, why_refused
from app.access.posted import is_local
from app.access.setup_link import is_right
from app.components.states import job_view, progress_bar
from app.doors import do, now
from app.exchange.arrival import arrival_under_way
from app.exchange.people import people_to_let_in
from app.job_watch import LOOK_SECONDS, OPEN
from app.language import Language
from app.platform import PUBLIC, handler
from app.shell import visitor_screen
from app.text import say, t
from db.access.people.rules import ROLE_NAMES
from db.access.rules import Role, system_actor
from db.jobs.arrivals.actions import stop_company_import
from db.jobs.queries import JobStatus
from db.jobs.rules import JobState
from db.session import COMPANY, open_company


class Arrival(rx.State):
    """The import that this browser brought, or may look at."""

    sentence: str = ""
    job: dict[str, str] = {}
    company: str = ""
    people: list[dict[str, str]] = []

    @handler(PUBLIC)
    async def load(self) -> Any:
        """Show how the import stands and follow it; lead on where there is none."""
        _, self.sentence = await note_of(self)
        status = await self._status()
        if status is None:
            return rx.redirect("/")
        await self._show(status)
        return Arrival.follow if status.state in OPEN else None

    async def _status(self) -> JobStatus | None:
        """Return the import that the browser's cookie names; to who may set up also one that is under way."""
        if open_company() != COMPANY:
            return None
        headers = self.router.headers
        found = await asyncio.to_thread(incoming.status_for, headers.cookie)
        token = self.router.url.query_parameters.get("jeton", "")
        if found is None and (is_local(self.router.session.client_ip, headers.raw_headers) or is_right(token)):
            return await asyncio.to_thread(arrival_under_way)
        return found

    async def _show(self, status: JobStatus) -> None:
        language = (await self.get_state(Language)).lang
        self.job = job_view(status, language) | {"figures": ""}
        self.company = str((status.result or {}).get("company", ""))
        found = await asyncio.to_thread(people_to_let_in, status, at=now())
        role = say(language, ROLE_NAMES[Role.ADMINISTRATOR])
        self.people = [{"id": str(one.id), "name": one.name, "roles": role} for one in found]

    @handler(PUBLIC, background=True)
    async def follow(self) -> None:
        """Look after the import until it is over."""
        while True:
            async with self:
                status = await self._status()
                if status is not None:
                    await self._show(status)
            if status is None or status.state not in OPEN:
                return
            await asyncio.sleep(LOOK_SECONDS)

    @handler(PUBLIC)
    async def stop(self) -> None:
        """Stop the import that is shown."""
        status = await self._status()
        if status is not None:
            await asyncio.to_thread(do, system_actor("screen"), stop_company_import, job_id=status.id)


@visitor_screen(route=routes.ARRIVAL, title="Import de l’entreprise", on_load=Arrival.load)
def arrival() -> rx.Component:
    """Draw the progress; then the company's administrators, or why nothing was imported."""
    return rx.el.section(
        rx.el.h1(t("Reprendre une entreprise exportée")),
        why_refused(Arrival.sentence),
        rx.match(
            Arrival.job["state"],
            (JobState.DONE.value, _done()),
            (JobState.FAILED.value, _not_done()),
            (JobState.CANCELLED.value, _not_done()),
            _under_way(),
        ),
        class_name="entrance wide",
    )


def _under_way() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            t("Vous pouvez fermer cette page : l’import continue, même si le serveur redémarre."), class_name="intro"
        ),
        rx.cond(Arrival.job, progress_bar(Arrival.job, on_cancel=Arrival.stop)),
    )


def _not_done() -> rx.Component:
    was_stopped = Arrival.job["state"] == JobState.CANCELLED.value
    return rx.el.div(
        rx.cond(
            was_stopped,
            rx.el.div(t("Import arrêté."), class_name="callout", role="status"),
            why_refused(Arrival.job["error"]),
        ),
        rx.el.p(t("Rien n’a été importé : l’installation est vide, comme avant."), class_name="m"),
        rx.el.a(t("Revenir au début"), href=routes.WELCOME, class_name="btn p"),
        class_name="stack",
    )


def _done() -> rx.Component:
    return rx.el.div(
        rx.el.p(rx.el.b(Arrival.company), t(" est importée."), class_name="intro", role="status"),
        rx.cond(
            Arrival.people,
            rx.fragment(
                rx.el.p(
                    t(
                        "Les mots de passe ne voyagent pas dans un export. Dites qui vous êtes, choisissez le vôtre. "
                        "Ensuite, sous « Personnes », vous donnez un lien à chacun des autres."
                    ),
                    class_name="m",
                ),
                choose_person(Arrival.people, action=incoming.PERSON_ADDRESS),
            ),
            rx.el.a(t("Se connecter"), href=routes.SIGN_IN, class_name="btn p"),
        ),
        class_name="stack",
    )
