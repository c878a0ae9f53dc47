"""Who changed a lead, with before and after; read only when somebody wants to see it."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app.components import reason_line, section
from app.custom_words import fields_by_name
from app.doors import ask, now
from app.history_view import DeedView, Reader, deed_view
from app.platform import handler
from app.session import current_actor
from app.text import t
from app.undoing import UNDO, undo_button
from db.access.people.queries import user_names
from db.access.rules import Actor, may
from db.crm.leads.trail.queries import lead_deeds

READ = "crm.read_leads"


class LeadHistory(rx.State):
    """The changes of the lead whose history was opened."""

    lead_id: str = ""
    deeds: list[DeedView] = []

    @handler(READ)
    async def show(self, lead_id: str) -> None:
        """Read what was done to a lead."""
        actor = await current_actor(self)
        self.deeds = await asyncio.to_thread(read_history, actor, UUID(lead_id))
        self.lead_id = lead_id

    @handler(READ)
    def hide(self) -> None:
        """Put it away again."""
        self.lead_id, self.deeds = "", []


def read_history(actor: Actor, lead_id: UUID) -> list[DeedView]:
    """Return what was done to a lead, newest first, as the actor may read it."""
    names = {str(key): name for key, name in ask(actor, user_names).items()}
    reader = Reader(actor.language, now(), names, may(actor, UNDO), fields_by_name(actor))
    return [deed_view(deed, reader) for deed in ask(actor, lead_deeds, lead_id=lead_id, by=actor)]


def history_part(lead_id: rx.Var[str]) -> rx.Component:
    """Draw the closed history, or its deeds."""
    is_open = LeadHistory.lead_id == lead_id
    show = rx.el.button(t("Voir"), type="button", class_name="btn sm q", on_click=LeadHistory.show(lead_id))
    hide = rx.el.button(t("Fermer"), type="button", class_name="btn sm q", on_click=LeadHistory.hide)
    return section(
        t("Modifications"),
        rx.cond(is_open, rx.foreach(LeadHistory.deeds, _deed)),
        aside=rx.cond(is_open, hide, show),
    )


def _deed(deed: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span(deed.when, class_name="f"),
            " ",
            rx.el.span(deed.act),
            " ",
            rx.el.span(deed.who, class_name="m"),
            undo_button(deed),
        ),
        rx.foreach(deed.changes, lambda change: rx.cond(change.detail != "", reason_line(change.detail))),
        class_name="change s",
    )
