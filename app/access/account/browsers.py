"""Where one is signed in, and ending it from afar."""

import asyncio
from uuid import UUID

import reflex as rx

from app.access.spoken import told
from app.components import section
from app.doors import ask, do, now
from app.platform import handler
from app.session import current_actor
from app.text import instant, t
from db.access.people.sessions import actions
from db.access.people.sessions.queries import browsers


class Browsers(rx.State):
    """The browsers in which one is signed in."""

    rows: list[dict[str, str]] = []

    @handler("access.use_own_account")
    async def load(self) -> None:
        """List them, the latest first."""
        actor, at = await current_actor(self), now()
        found = await asyncio.to_thread(ask, actor, browsers, user_id=actor.user_id, at=at)
        self.rows = [
            {
                "id": str(one.id),
                "device": one.device,
                "address": one.address,
                "opened": instant(one.opened_at, on=at),
                "seen": instant(one.last_seen_at, on=at),
                "here": "1" if one.id == actor.session_id else "",
            }
            for one in found
        ]

    @handler("access.use_own_account")
    async def end(self, session_id: str) -> list[rx.event.EventSpec]:
        """End one of them."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, actions.end_session, session_id=UUID(session_id))
        return [Browsers.load, await told(self, "Appareil déconnecté.")]

    @handler("access.use_own_account")
    async def end_others(self) -> list[rx.event.EventSpec]:
        """End all but this one."""
        await asyncio.to_thread(do, await current_actor(self), actions.end_other_sessions)
        return [Browsers.load, await told(self, "Les autres appareils sont déconnectés.")]


def browsers_part() -> rx.Component:
    """Draw the list."""
    return section(
        t("Appareils connectés"),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[
                        rx.el.th(word)
                        for word in (t("Appareil"), t("Adresse"), t("Connecté"), t("Vu la dernière fois"))
                    ],
                    rx.el.th(),
                )
            ),
            rx.el.tbody(rx.foreach(Browsers.rows, _row)),
            class_name="list",
        ),
        rx.cond(
            Browsers.rows.length() > 1,
            rx.el.div(
                rx.el.button(
                    t("Déconnecter tous les autres"), type="button", class_name="btn", on_click=Browsers.end_others
                ),
                class_name="row",
            ),
        ),
        aside=t("déconnectés après 12 heures sans usage, au plus tard après 30 jours"),
    )


def _row(one: rx.Var[dict[str, str]]) -> rx.Component:
    end = rx.el.button(t("Déconnecter"), type="button", class_name="btn q sm", on_click=Browsers.end(one["id"]))
    return rx.el.tr(
        rx.el.td(one["device"]),
        rx.el.td(one["address"], class_name="m"),
        rx.el.td(one["opened"], class_name="m"),
        rx.el.td(one["seen"], class_name="m"),
        rx.el.td(rx.cond(one["here"], rx.el.span(t("cet appareil"), class_name="tag grn"), end), class_name="r"),
    )
