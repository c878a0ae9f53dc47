"""The big button « Arrivée » / « Départ », on the home page and on one's hours."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.doors import ask, do, now
from app.platform import Visitor, handler, notify
from app.session import current_actor
from app.text import instant, say, t
from db.access.rules import Actor
from db.people.hours.actions import Forgotten, clock_in, clock_out
from db.people.hours.queries import own_clock
from db.people.hours.rules import CLOCK, FORGOTTEN, duration_text


class ClockState(rx.State):
    """Whether the person is at work, since when, and what she did today."""

    is_in: bool = False
    is_forgotten: bool = False
    since: str = ""
    today: str = ""
    week: str = ""

    @handler(CLOCK)
    async def load(self) -> None:
        """Show it."""
        await self._show(await current_actor(self))

    @handler(CLOCK)
    async def clock(self, goes_in: bool) -> Any:
        """Note arrival or departure, whichever the button said; a second tap changes nothing more."""
        actor = await current_actor(self)
        try:
            await asyncio.to_thread(do, actor, clock_in if goes_in is True else clock_out)
        except Forgotten:
            await self._show(actor)
            return rx.redirect(routes.OWN_HOURS)
        await self._show(actor)
        return notify("Arrivée notée à {time}." if self.is_in else "Départ noté à {time}.", time=instant(now(), now()))

    async def _show(self, actor: Actor) -> None:
        at = now()
        found = await asyncio.to_thread(ask, actor, own_clock, by=actor, at=at)
        self.is_in = found.since is not None
        self.is_forgotten = found.since is not None and at - found.since > FORGOTTEN
        language = actor.language
        self.since = "" if found.since is None else say(language, "depuis {time}", time=instant(found.since, at))
        self.today = say(language, "Aujourd’hui {duration}", duration=duration_text(found.today_minutes))
        self.week = say(language, "Semaine {duration}", duration=duration_text(found.week_minutes))


def clock_button(class_name: str = "clock-button") -> rx.Component:
    """Draw the button that says what it will note."""

    def button(label: Any, icon: str, goes_in: bool, tone: str) -> rx.Component:
        return rx.el.button(
            rx.icon(icon, size=18, class_name="i"),
            label,
            type="button",
            class_name=f"btn {tone} {class_name}",
            on_click=ClockState.clock(goes_in),
        )

    leave = button(t("Départ"), "log-out", False, "")
    return rx.cond(ClockState.is_in, leave, button(t("Arrivée"), "log-in", True, "p"))


def clock_line() -> rx.Component:
    """Draw the button with today's and this week's hours, for those who clock."""
    line = rx.el.div(
        clock_button(),
        rx.el.span(
            rx.el.b(rx.cond(ClockState.is_in, t("Au travail"), t("Pas au travail"))),
            rx.el.span(ClockState.since, class_name="m"),
            class_name="clock-now",
        ),
        rx.el.span(ClockState.today, rx.el.span(ClockState.week, class_name="m"), class_name="clock-sums"),
        class_name="clock-line",
    )
    return rx.cond(Visitor.permissions.contains(CLOCK) & rx.State.is_hydrated, line)  # type: ignore[operator]
