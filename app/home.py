"""`/ma-journee`: what is late or due, what waits for a decision, who wrote, what changed. `/` leads there."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do, now
from app.home_parts import (
    changes_block,
    decisions_block,
    late_block,
    messages_block,
    running_block,
    today_block,
)
from app.home_reading import Morning, morning
from app.home_shortcuts import shortcuts_row
from app.home_view import date_words, job_views
from app.people.clock import ClockState
from app.platform import PUBLIC, handler, notify
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, day, instant, say
from db.access.people.queries import count_users
from db.access.rules import NOBODY
from db.crm.agenda.actions import finish_step, set_step
from db.crm.leads.actions import note_exchange
from db.jobs.actions import cancel_job
from db.kernel.errors import BadInput

READ, EDIT = "access.use_own_account", "crm.edit_leads"
POLL_SECONDS = 1.5
FARTHEST = 31  # days
KEYS = (("J K", "parcourir"), ("↵", "ouvrir"), ("X", "fait"), ("H", "reporter"), ("T", "noter un appel"))


class Index(rx.State):
    """The bare address."""

    @handler(PUBLIC)
    async def lead_on(self) -> Any:
        """Lead to one's day, to the sign-in page, or, while nobody exists, to the first set-up."""
        if (await current_actor(self)).user_id is not None:
            return rx.redirect(routes.HOME)
        nobody_yet = await asyncio.to_thread(ask, NOBODY, count_users) == 0
        return rx.redirect(routes.WELCOME if nobody_yet else routes.SIGN_IN)


class Day(rx.State):
    """What a person sees first."""

    date: str = ""
    summary: str = ""
    late: list[dict[str, str]] = []
    today: list[dict[str, str]] = []
    late_count: str = ""
    today_count: str = ""
    decisions: list[dict[str, Any]] = []
    decision_count: str = ""
    abstention: str = ""
    messages: list[dict[str, str]] = []
    jobs: list[dict[str, str]] = []
    changes: list[dict[str, str]] = []
    shows_agenda: bool = False
    noting: str = ""  # the lead a call with which is being noted
    _follows: bool = False

    @handler(READ)
    async def load(self) -> Any:
        """Read everything anew; while work runs, look after it."""
        actor, at = await current_actor(self), now()
        self.date, self.noting = date_words(at, actor.language), ""
        self._show(await asyncio.to_thread(morning, actor, at))
        return Day.follow if self.jobs and not self._follows else None

    def _show(self, read: Morning) -> None:
        for name, value in vars(read).items():
            setattr(self, name, value)

    @handler(EDIT)
    async def finish(self, line: str, version: str) -> Any:
        """Note that a step was done."""
        actor, shown = await current_actor(self), self._line(line)
        done = await asyncio.to_thread(
            do, actor, finish_step, kind=shown["kind"], record_id=UUID(shown["record"]), step=shown["step"],
            expected_version=_number(version),
        )  # fmt: skip
        told = say(actor.language, "fait {when}", when=instant(now(), now()))
        self._change(line, state="done", told=told, version=str(done))

    @handler(EDIT)
    async def postpone(self, line: str, version: str, to: str) -> Any:
        """Give a step another day: `tomorrow` or `week`, the next working day then."""
        actor, shown = await current_actor(self), self._line(line)
        due = _day_after(now(), to)
        moved = await asyncio.to_thread(
            do, actor, set_step, kind=shown["kind"], record_id=UUID(shown["record"]), step=None, due=due,
            expected_version=_number(version),
        )  # fmt: skip
        told = say(actor.language, "reporté au {day}", day=day(due))
        self._change(line, state="moved", told=told, version=str(moved))

    @handler(EDIT)
    async def take_back(self, line: str, version: str) -> Any:
        """Put a step back as it was this morning."""
        actor, shown = await current_actor(self), self._line(line)
        restored = await asyncio.to_thread(
            do, actor, set_step, kind=shown["kind"], record_id=UUID(shown["record"]), step=shown["step"],
            due=date.fromisoformat(shown["due"]), expected_version=_number(version),
        )  # fmt: skip
        self._change(line, state="", told="", version=str(restored))

    @handler(EDIT)
    def note(self, lead_id: str) -> None:
        """Open the place for what was said in a call with a lead."""
        self.noting = "" if self.noting == lead_id else str(lead_id)

    @handler(EDIT)
    async def keep_note(self, form: dict[str, Any]) -> Any:
        """Keep what was said in a call."""
        actor = await current_actor(self)
        lead_id = _id(form.get("lead_id"))
        await asyncio.to_thread(
            do, actor, note_exchange, lead_id=lead_id, channel="call", direction="out", happened_at=now(),
            text=str(form.get("text", "")),
        )  # fmt: skip
        self.noting = ""
        return [notify("Appel noté."), Day.load]

    @handler(READ, background=True)
    async def follow(self) -> Any:
        """Show how far the person's jobs are until none is left, then what they changed."""
        async with self:
            if self._follows:
                return None
            self._follows = True
        while True:
            await asyncio.sleep(POLL_SECONDS)
            async with self:
                actor = await current_actor(self)
                self.jobs = await asyncio.to_thread(job_views, actor) if actor.user_id else []
                if not self.jobs:
                    self._follows = False
                    return Day.load

    @handler("jobs.cancel_own")
    async def stop(self, job_id: str) -> Any:
        """Ask a job to stop."""
        await asyncio.to_thread(do, await current_actor(self), cancel_job, job_id=UUID(job_id))
        return Day.load

    def _line(self, line: str) -> dict[str, str]:
        found = next((one for one in [*self.late, *self.today] if one["id"] == line), None)
        if found is None:
            raise BadInput("Cette ligne n’est plus là. Recharger la page.")
        return dict(found)

    def _change(self, line: str, **values: str) -> None:
        self.late = [{**one, **values} if one["id"] == line else one for one in self.late]
        self.today = [{**one, **values} if one["id"] == line else one for one in self.today]


def _number(version: str) -> int:
    try:
        return int(version)
    except ValueError:
        raise BadInput("Cette ligne n’est plus là. Recharger la page.") from None


def _id(given: Any) -> UUID:
    try:
        return UUID(str(given))
    except ValueError:
        raise BadInput("Cette ligne n’est plus là. Recharger la page.") from None


def _day_after(at: datetime, to: str) -> date:
    """Return tomorrow or the Monday of next week; a Saturday or Sunday becomes Monday."""
    here = at.astimezone(SWITZERLAND).date()
    wanted = here + timedelta(days=7 - here.weekday()) if to == "week" else here + timedelta(days=1)
    return wanted + timedelta(days=max(0, 7 - wanted.weekday())) if wanted.weekday() > 4 else wanted


# --- view -------------------------------------------------------------------------------------------------------------


def _head() -> rx.Component:
    return rx.fragment(rx.el.h1(Day.date), rx.el.span(Day.summary, class_name="m"))


@screen(
    route=routes.HOME,
    title="Ma journée",
    permission=READ,
    on_load=[Day.load, ClockState.load],
    head=_head,
    shows_title=False,
    keys=KEYS,
)
def home() -> rx.Component:
    """Draw the day in two columns; on a phone in the order late, decisions, today, messages."""
    return rx.el.div(
        rx.el.div(
            shortcuts_row(),
            rx.cond(Day.shows_agenda, rx.fragment(late_block(Day), today_block(Day))),
            messages_block(Day),
            changes_block(Day),
            class_name="c1",
        ),
        rx.el.div(decisions_block(Day), running_block(Day), class_name="c2"),
        class_name="cols day",
    )


@screen(route=routes.INDEX, title="Boussole", permission=PUBLIC, on_load=Index.lead_on, shows_title=False)
def index() -> rx.Component:
    """Draw nothing: the page leads on."""
    return rx.fragment()
