"""`/heures/mois`: everybody's month side by side, what is missing, and the closing; made for a phone as well."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.components import confirm, empty_state
from app.doors import ask, do, now
from app.people.sheet_view import month_before, month_key, read_month
from app.platform import Visitor, handler, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, count, day, month_words, say, t
from db.access.rules import Actor
from db.people.hours.rules import READ, duration_text, month_after
from db.people.months.actions import close_month, close_months
from db.people.months.queries import BoardLine, month_board
from db.people.months.rules import CLOSE


class Months(rx.State):
    """The board of a month."""

    lines: list[dict[str, str]] = []
    month: str = ""
    key: str = ""
    before: str = ""
    after: str = ""
    summary: str = ""
    ready: int = 0

    @handler(READ)
    async def load(self) -> None:
        """Show the month of the address, else the last one that is over."""
        await self._show(await current_actor(self))

    @handler(CLOSE)
    async def close(self, owner_id: str) -> Any:
        """Approve one person's month."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, close_month, owner_id=uuid_of(owner_id), month=self._month())
        await self._show(actor)
        return notify("Mois clôturé.")

    @handler(CLOSE)
    async def close_all(self) -> Any:
        """Approve the month of everybody who is ready."""
        actor, month = await current_actor(self), self._month()
        board = await asyncio.to_thread(ask, actor, month_board, month=month, by=actor, at=now())
        ready = [line.owner_id for line in board if _is_ready(line, actor)]
        done = await asyncio.to_thread(do, actor, close_months, owner_ids=ready, month=month)
        await self._show(actor)
        return notify("{count} mois clôturés.", count=done)

    def _month(self) -> Any:
        today = now().astimezone(SWITZERLAND).date()
        given = dict(self.router.url.query_parameters).get("mois", "")
        return read_month(given or month_key(month_before(today.replace(day=1))), today=today)

    async def _show(self, actor: Actor) -> None:
        month = self._month()
        board = await asyncio.to_thread(ask, actor, month_board, month=month, by=actor, at=now())
        self.month, self.key = month_words(month, actor.language), month_key(month)
        self.before, self.after = month_key(month_before(month)), month_key(month_after(month))
        self.lines = [_line_view(line, month_key(month), actor) for line in board]
        self.ready = sum(_is_ready(line, actor) for line in board)
        self.summary = count(self.ready, "mois à clôturer", "mois à clôturer", actor.language)


def _is_ready(line: BoardLine, actor: Actor) -> bool:
    return line.closed_at is None and not line.is_running and line.owner_id != actor.user_id


def _line_view(line: BoardLine, key: str, actor: Actor) -> dict[str, str]:
    balance = line.worked - line.due
    said = count(line.remarks, "remarque", "remarques", actor.language) if line.remarks else ""
    closed = say(actor.language, "clôturé le {day}", day=day(line.closed_at)) if line.closed_at else ""
    return {
        "id": str(line.owner_id),
        "name": line.name,
        "href": routes.hours_of(line.owner_id, key),
        "worked": duration_text(line.worked),
        "due": duration_text(line.due),
        "balance": _balance_text(balance) if line.worked else "",
        "tone": "red" if balance < 0 else "",
        "remarks": said,
        "running": say(actor.language, "départ manquant") if line.is_running else "",
        "closed": closed,
        "ready": "yes" if _is_ready(line, actor) else "",
    }


def _balance_text(balance: int) -> str:
    return duration_text(balance) if balance < 0 else f"+{duration_text(balance)}"


@screen(route=routes.MONTHS, title="Mois à clôturer", permission=READ, on_load=Months.load)
def months_page() -> rx.Component:
    """Draw the board."""
    nothing = empty_state(t("Aucune heure ce mois-ci."), t("Elles apparaissent dès que quelqu’un pointe."))
    lines = rx.el.div(rx.foreach(Months.lines, _line), class_name="month-lines")
    return rx.el.div(
        _head(),
        rx.cond(Months.lines.length() > 0, lines, rx.cond(rx.State.is_hydrated, nothing)),  # type: ignore[attr-defined]
        class_name="hours",
    )


def _head() -> rx.Component:
    def turn(label: str, sign: str, key: Any) -> rx.Component:
        href = f"{routes.MONTHS}?mois={key}"
        return rx.link(sign, href=href, class_name="btn sm turn", aria_label=t(label))

    every = confirm(
        t("Tout clôturer"),
        title=t("Clôturer le mois de toutes ces personnes ?"),
        sentence=t("Leurs heures ne changent plus ensuite. C’est définitif."),
        on_confirm=Months.close_all,
        class_name="btn p",
    )
    is_ready = (Months.ready > 1) & Visitor.permissions.contains(CLOSE)
    return rx.el.div(
        turn("Mois précédent", "‹", Months.before),
        rx.el.h2(Months.month, class_name="month-name"),
        turn("Mois suivant", "›", Months.after),
        rx.el.span(Months.summary, class_name="m"),
        rx.el.span(class_name="sp"),
        rx.cond(is_ready, every),
        class_name="row g6 wraps sect",
    )


def _line(one: Any) -> rx.Component:
    close = rx.el.button(t("Clôturer"), type="button", class_name="btn close-month", on_click=Months.close(one["id"]))
    may = (one["ready"] != "") & Visitor.permissions.contains(CLOSE)
    return rx.el.div(
        rx.link(one["name"], href=one["href"], class_name="lk el who"),
        rx.el.span(one["worked"], rx.el.span(" / ", one["due"], class_name="m"), class_name="sums"),
        rx.el.span(one["balance"], class_name=f"bal {one['tone']}"),
        rx.el.span(
            rx.cond(one["remarks"] != "", rx.el.span(one["remarks"], class_name="tag amb")),
            rx.cond(one["running"] != "", rx.el.span(one["running"], class_name="tag red")),
            rx.cond(one["closed"] != "", rx.el.span(one["closed"], class_name="tag grn")),
            class_name="said",
        ),
        rx.cond(may, close),
        class_name="month-line",
    )
