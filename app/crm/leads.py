"""`/pistes`: whom to call first and why. The address holds search, filters, order and columns."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.components.record_table import record_table, record_tabs, table_labels
from app.crm.lead import LeadPage
from app.crm.lead_parts import brief_part
from app.crm.list_view import (
    Surroundings,
    as_text,
    asked_for,
    counts_view,
    frame_view,
    page_view,
)
from app.crm.score import score_stamp
from app.crm.score_panel import score_panel
from app.doors import ask, do, now
from app.platform import Visitor, handler, notify
from app.records.story_part import story_section
from app.session import current_actor
from app.shell import screen
from app.text import t
from db.access.people.queries import open_people, user_names
from db.access.rules import Actor
from db.crm.leads.actions import assign_leads, lose_leads
from db.crm.leads.listing.rules import ListRequest
from db.crm.leads.queries import lead_page
from db.kernel.errors import BadInput, BusinessError
from db.records.custom_fields.queries import custom_fields_for
from db.records.views.actions import remove_view, save_view
from db.records.views.queries import saved_views

READ, EDIT = "crm.read_leads", "crm.edit_leads"
KEYS = (
    ("J K", "parcourir"),
    ("Entrée", "ouvrir"),
    ("X", "cocher"),
    ("F", "filtrer"),
    ("/", "chercher"),
    ("1–4", "vues"),
)


class Leads(rx.State):
    """One page of the list as one JSON text; everything else is in the address."""

    view: str = ""
    peeked: str = ""
    _address: str = ""
    _counts: dict[str, Any] = {}

    @handler(READ)
    async def load(self) -> None:
        """Show what the address asks for."""
        self.peeked = ""
        await self._show(self.router.url.query)

    @handler(READ)
    async def query(self, address: str) -> None:
        """Show another search, filter, order or page."""
        await self._show(address)

    @handler(READ)
    def open(self, lead_id: str) -> Any:
        """Go to a lead's page."""
        return rx.redirect(routes.lead(UUID(lead_id)))

    @handler(READ)
    async def peek(self, lead_id: str) -> None:
        """Look at a lead beside the list; the same one again closes the panel."""
        if self.peeked == lead_id:
            self.peeked = ""
            return
        self.peeked = lead_id
        await (await self.get_state(LeadPage))._look_at(lead_id)

    @handler(READ)
    def close_peek(self) -> None:
        """Close the panel beside the list."""
        self.peeked = ""

    @handler(EDIT)
    async def bulk(self, verb: str, ids: list[str], value: str) -> Any:
        """Assign the chosen leads, or close them as lost."""
        actor = await current_actor(self)
        lead_ids = [UUID(one) for one in ids]
        if verb == "assign":
            done = await asyncio.to_thread(do, actor, assign_leads, lead_ids=lead_ids, owner_id=UUID(value))
            message = "{count} pistes attribuées."
        elif verb == "lose":
            done = await asyncio.to_thread(do, actor, lose_leads, lead_ids=lead_ids, reason=value)
            message = "{count} pistes perdues."
        else:
            raise BadInput("« {verb} » ne se fait pas en lot.", verb=verb[:40])
        await self._show(self._address)
        return notify(message, count=done)

    @handler("records.save_view")
    async def save_view(self, name: str, address: str, shared: bool) -> Any:
        """Keep the state of the list as a tab."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, save_view, kind="lead", name=name, query=address, shared=bool(shared))
        await self._show(self._address)
        return notify("Vue « {name} » enregistrée.", name=name)

    @handler("records.save_view")
    async def remove_view(self, view_id: str) -> Any:
        """Remove a tab of one's own."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, remove_view, view_id=UUID(view_id))
        await self._show(self._address)
        return notify("Vue supprimée.")

    async def _show(self, address: str) -> None:
        actor = await current_actor(self)
        view, self._counts = await asyncio.to_thread(read_list, actor, address, self._counts)
        self._address = view["address"]
        self.view = as_text(view)


def read_list(actor: Actor, address: str, counts: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the list shows for an address, and its counts to keep for the pages that follow."""
    around = Surroundings(
        by=actor,
        at=now(),
        fields=ask(actor, custom_fields_for, kind="lead", by=actor),
        people=ask(actor, open_people),
        names=ask(actor, user_names),
        views=ask(actor, saved_views, kind="lead", by=actor),
        stamp=score_stamp(actor),
    )
    try:
        base, request = asked_for(address)
        request = _counted(request, base, counts)
        page = ask(actor, lead_page, request=request, by=actor)
    except BusinessError as refusal:
        return _refused(refusal, around), {}
    if page.total is not None:
        counts = {"address": base, **counts_view(request, page, around)}
    return {**page_view(base, request, page, around), **counts}, counts


def _counted(request: ListRequest, base: str, counts: dict[str, Any]) -> ListRequest:
    """Count only when the search or a filter changed, never while paging."""
    from dataclasses import replace

    paging = request.cursor is not None and counts.get("address") == base
    return replace(request, want_counts=not paging)


def _refused(refusal: BusinessError, around: Surroundings) -> dict[str, Any]:
    from app.text import say

    sentence = say(around.by.language, refusal.message_id, **refusal.params)
    empty = {
        "rows": [],
        "columns": [],
        "facets": [],
        "quick": [],
        "totals": [""],
        "total": 0,
        "empty": ["", "", "", ""],
    }
    return {**frame_view("", ListRequest(), around), **empty, "error": sentence, "sorted": "", "stamp": ""}


def _head() -> rx.Component:
    labels = rx.Var.create(table_labels())
    return rx.fragment(
        record_tabs(
            view=Leads.view,
            labels=labels,
            on_query=Leads.query,
            on_save_view=Leads.save_view,
            on_remove_view=Leads.remove_view,
        ),
        rx.cond(
            Visitor.permissions.contains(EDIT),
            rx.link(
                t("Nouvelle piste"),
                rx.el.kbd("C"),
                href=routes.NEW_LEAD,
                underline="none",
                class_name="btn sm p",
                custom_attrs={"data-key": "c", "data-key-label": t("Nouvelle piste")},
            ),
        ),
    )


@screen(route=routes.LEADS, title="Pistes", permission=READ, on_load=Leads.load, head=_head, keys=KEYS)
def leads() -> rx.Component:
    """Draw the list, and the lead that is looked at beside it."""
    table = record_table(
        view=Leads.view,
        labels=rx.Var.create(table_labels()),
        link_to=routes.lead("{id}"),
        peeking=Leads.peeked != "",
        on_query=Leads.query,
        on_open=Leads.open,
        on_peek=Leads.peek,
        on_bulk=Leads.bulk,
    )
    return rx.el.div(table, rx.cond(Leads.peeked != "", _peek()), class_name="with-peek")


def _peek() -> rx.Component:
    lead = LeadPage.lead
    head = rx.el.header(
        rx.el.span(lead["name"], class_name="el b grow"),
        rx.link(
            rx.icon("maximize-2", size=13, class_name="i s"),
            href=routes.lead(lead["id"]),
            class_name="btn q sm ic",
            aria_label=t("Ouvrir en grand"),
        ),
        rx.el.button(
            rx.icon("x", size=13, class_name="i s"),
            type="button",
            class_name="btn q sm ic",
            aria_label=t("Fermer"),
            on_click=Leads.close_peek,
            custom_attrs={"data-key": "Escape", "data-key-label": t("Fermer")},
        ),
        class_name="head",
    )
    return rx.el.aside(
        head,
        rx.el.div(brief_part(LeadPage), score_panel(LeadPage), story_section(), class_name="peek-body"),
        class_name="peek",
        aria_label=t("Aperçu"),
    )
