"""`/bienvenue/demonstration`: how far the invented firm is, and as whom to go on."""

import asyncio
from uuid import UUID

import reflex as rx

from app.access.forms import hidden, note_of, why_refused
from app.access.routes import DEMO_PROGRESS
from app.doors import ask
from app.platform import handler, native_form
from app.session import current_actor
from app.shell import visitor_screen
from app.text import say, t
from db.access.people.queries import Person, people_of_demo
from db.access.people.rules import ROLE_NAMES
from db.access.rules import NOBODY, Role
from db.jobs.queries import job_status
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError
from db.session import DEMO, open_company

OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
TO_TRY = (Role.MANAGER, Role.SALES, Role.ANALYST, Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.WAREHOUSE)


def demo_people(language: str) -> list[dict[str, str]]:
    """List one person of the demonstration for each role that is worth trying."""
    waiting = list(ask(NOBODY, people_of_demo))
    chosen: list[Person] = []
    for role in TO_TRY:
        found = min(
            (one for one in waiting if role in one.roles), key=lambda one: (len(one.roles), one.id), default=None
        )
        if found is not None:
            chosen.append(found)
            waiting.remove(found)
    return [
        {
            "id": str(person.id),
            "name": person.name,
            "roles": ", ".join(say(language, ROLE_NAMES[role]) for role in ROLE_NAMES if role in person.roles),
        }
        for person in chosen
    ]


class Demonstration(rx.State):
    """How far the demonstration is."""

    sentence: str = ""
    job: str = ""
    is_busy: bool = False
    problem: str = ""
    message: str = ""
    percent: int = 0
    people: list[dict[str, str]] = []

    @handler("demo.open")
    async def load(self) -> rx.event.EventSpec | None:
        """Show the people to choose from, and follow the job that invents the firm's past."""
        if open_company() != DEMO:
            return rx.redirect("/")
        actor = await current_actor(self)
        _, self.sentence = await note_of(self)
        self.people = await asyncio.to_thread(demo_people, actor.language)
        self.job, self.problem = self.router.url.query_parameters.get("travail", ""), ""
        self.is_busy = bool(self.job)
        return Demonstration.follow if self.is_busy else None

    @handler("demo.open", background=True)
    async def follow(self) -> None:
        """Look after the job until it is over."""
        while True:
            async with self:
                actor, job = await current_actor(self), self.job
            try:
                status = await asyncio.to_thread(ask, actor, job_status, job_id=UUID(job), asked_by=actor.user_id)
            except (BusinessError, ValueError) as problem:
                async with self:
                    self.is_busy, self.problem = False, say(actor.language, getattr(problem, "sentence", str(problem)))
                return
            async with self:
                self.percent = 100 * status.done // status.total if status.total else 0
                said = say(actor.language, status.message), say(actor.language, status.error or "")
                self.message, self.problem = said
                self.is_busy = status.state not in OVER
            if status.state in OVER:
                return
            await asyncio.sleep(0.5)


@visitor_screen(route=DEMO_PROGRESS, title="Démonstration", on_load=Demonstration.load)
def demonstration() -> rx.Component:
    """Draw the progress and the people."""
    return rx.el.section(
        rx.el.h1(t("L’entreprise de démonstration")),
        rx.el.p(t("Une maison inventée : personnes, sociétés et chiffres sont fictifs."), class_name="intro"),
        why_refused(Demonstration.sentence),
        why_refused(Demonstration.problem),
        rx.cond(
            Demonstration.is_busy,
            rx.el.div(
                rx.el.div(
                    rx.el.div(class_name="bar", style={"width": f"{Demonstration.percent}%"}), class_name="track"
                ),
                rx.el.span(
                    t("Trois ans d’activité s’écrivent, par les mêmes actes que les écrans : "), Demonstration.message
                ),
                class_name="job s m",
                role="status",
            ),
            rx.cond(
                Demonstration.problem == "",
                rx.el.div(
                    t("Prête. Choisissez qui vous êtes ; on en change par « Se déconnecter »."), class_name="s m"
                ),
            ),
        ),
        choose_person(Demonstration.people, Demonstration.is_busy),
        class_name="entrance wide",
    )


def choose_person(
    people: rx.Var[list[dict[str, str]]], is_busy: rx.Var[bool] | bool = False, *, action: str = "/auth/demo-person"
) -> rx.Component:
    """Draw one button per person; the browser posts the chosen one to `action`."""
    return rx.el.div(
        rx.foreach(
            people,
            lambda person: native_form(
                hidden("person", person["id"]),
                rx.el.button(
                    rx.el.b(person["name"]),
                    rx.el.span(person["roles"], class_name="s m"),
                    type="submit",
                    disabled=is_busy,
                    class_name="btn who",
                ),
                action=action,
                method="post",
            ),
        ),
        class_name="people",
    )
