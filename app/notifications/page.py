"""`/messages`: what one was told, newest first."""

import asyncio
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state
from app.doors import ask, do, now
from app.frame import Frame
from app.notifications.wording import message_line
from app.platform import handler
from app.session import current_actor
from app.shell import screen
from app.text import instant, say, t
from db.access.rules import Actor
from db.records.notifications.actions import mark_all_read, mark_read
from db.records.notifications.queries import messages
from db.records.notifications.rules import TOPICS

READ = "records.read_messages"
ICONS = {
    "mention": "at-sign",
    "followed": "eye",
    "assigned": "user-plus",
    "decision": "scale",
    "job": "circle-alert",
    "backup": "archive",
    "alert": "sparkles",
}


class Messages(rx.State):
    """What the person was told."""

    rows: list[dict[str, str]] = []
    only_unread: bool = False

    @handler(READ)
    async def load(self) -> None:
        """List the newest."""
        self.rows = await asyncio.to_thread(shown, await current_actor(self))

    @handler(READ)
    async def read(self, message_id: str, is_read: bool) -> list[rx.event.EventSpec]:
        """Note that one was read, or not yet after all."""
        await self._mark(message_id, is_read)
        return [Messages.load, Frame.load]  # type: ignore[list-item]

    @handler(READ)
    async def open(self, message_id: str, address: str) -> list[rx.event.EventSpec]:
        """Go to what a message is about; it is read then."""
        await self._mark(message_id, True)
        inside = address if address.startswith("/") and not address.startswith("//") else routes.MESSAGES
        return [Frame.load, rx.redirect(inside)]  # type: ignore[list-item]

    async def _mark(self, message_id: str, is_read: bool) -> None:
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, mark_read, message_id=UUID(message_id), is_read=bool(is_read))

    @handler(READ)
    async def read_all(self) -> list[rx.event.EventSpec]:
        """Note that all were read."""
        await asyncio.to_thread(do, await current_actor(self), mark_all_read)
        return [Messages.load, Frame.load]  # type: ignore[list-item]

    @handler(READ)
    def show(self, only_unread: bool) -> None:
        """Show all of them, or the unread ones."""
        self.only_unread = bool(only_unread)


def shown(actor: Actor) -> list[dict[str, str]]:
    """Return the messages as the page shows them."""
    at = now()
    return [
        {
            "id": str(one.id),
            "icon": ICONS[one.topic],
            "topic": say(actor.language, TOPICS[one.topic].label),
            "line": message_line(one, actor.language),
            "at": instant(one.at, on=at),
            "address": one.address,
            "unread": "" if one.is_read else "yes",
            "kept": instant(one.shown_from, on=at) if one.shown_from > at else "",
        }
        for one in ask(actor, messages, by=actor)
    ]


@screen(route=routes.MESSAGES, title="Messages", permission=READ, on_load=Messages.load, head=lambda: _tools())
def messages_page() -> rx.Component:
    """Draw the list."""
    nothing = empty_state(
        t("Aucun message."),
        t("Vous êtes prévenu ici quand on vous mentionne, vous confie une piste ou attend votre décision."),
        rx.link(t("Choisir ce que vous recevez"), href=f"{routes.ACCOUNT}#messages", class_name="btn sm"),
    )
    return rx.el.div(
        rx.cond(
            Messages.rows,
            rx.el.ul(rx.foreach(Messages.rows, _row), class_name="messages"),
            rx.cond(rx.State.is_hydrated, nothing),
        ),
    )


def _tools() -> rx.Component:
    return rx.fragment(
        rx.el.button(
            t("Tous"),
            type="button",
            class_name=rx.cond(Messages.only_unread, "chip", "chip on"),
            on_click=Messages.show(False),
        ),
        rx.el.button(
            t("Non lus"),
            type="button",
            class_name=rx.cond(Messages.only_unread, "chip on", "chip"),
            on_click=Messages.show(True),
        ),
        rx.el.span(class_name="sp"),
        rx.el.button(t("Tout marquer comme lu"), type="button", class_name="btn", on_click=Messages.read_all),
    )


def _row(one: rx.Var[dict[str, str]]) -> rx.Component:
    mark = rx.cond(
        one["unread"],
        rx.el.button(t("Marquer lu"), type="button", class_name="btn q sm", on_click=Messages.read(one["id"], True)),
        rx.el.button(
            t("Marquer non lu"), type="button", class_name="btn q sm", on_click=Messages.read(one["id"], False)
        ),
    )
    icon = rx.match(
        one["icon"],
        *[(name, rx.icon(name, size=15, stroke_width="1.6", class_name="i")) for name in ICONS.values()],
        rx.icon("bell", size=15, class_name="i"),
    )
    row = rx.el.li(
        icon,
        rx.el.div(
            rx.el.button(
                one["line"],
                type="button",
                class_name="bare-btn line",
                on_click=Messages.open(one["id"], one["address"]),
            ),
            rx.el.span(
                one["topic"],
                " · ",
                one["at"],
                rx.cond(one["kept"], rx.el.span(" · ", t("gardé jusqu’à "), one["kept"])),
                class_name="s f",
            ),
            class_name="lines",
        ),
        rx.el.span(class_name="sp"),
        mark,
        class_name=rx.cond(one["unread"], "unread", ""),
        key=one["id"],
    )
    return rx.cond(~Messages.only_unread | (one["unread"] != ""), row)
