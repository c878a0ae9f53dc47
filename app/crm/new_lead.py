"""`/pistes/nouvelle`: a lead typed by hand."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.components import section
from app.crm.lead_form import all_findings, custom_inputs, lead_fields, no_values, read_form, sentences
from app.doors import ask, do, now
from app.platform import handler, notify
from app.session import current_actor
from app.shell import screen
from app.text import t
from db.access.people.queries import open_people
from db.crm.leads.actions import create_lead
from db.crm.leads.rules import BadLead, LeadDraft
from db.records.custom_fields.queries import custom_fields_for

EDIT = "crm.edit_leads"
EMPTY = no_values()


class NewLead(rx.State):
    """The form of a new lead."""

    values: dict[str, str] = EMPTY
    custom: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    people_key: str = ""
    errors: dict[str, str] = {}

    @handler(EDIT)
    async def load(self) -> None:
        """Show an empty form; the person who types is the owner."""
        actor = await current_actor(self)
        fields = await asyncio.to_thread(ask, actor, custom_fields_for, kind="lead", by=actor)
        people = await asyncio.to_thread(ask, actor, open_people)
        self.errors, self.custom = {}, custom_inputs(fields, {})
        self.people = [{"id": str(user_id), "name": name} for user_id, name in people]
        self.values = {**EMPTY, "owner_id": str(actor.user_id)}
        self.people_key = f"{len(people)}-{actor.user_id}"

    @handler(EDIT)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep the lead and open it, or say beside each field what is wrong; nothing typed is lost."""
        actor = await current_actor(self)
        fields = await asyncio.to_thread(ask, actor, custom_fields_for, kind="lead", by=actor)
        values, found = read_form(form, fields)
        try:
            draft = LeadDraft(received_at=now(), **{"name": "", **values})
            if found:
                raise BadLead(all_findings(draft, values, found))
            lead_id = await asyncio.to_thread(do, actor, create_lead, draft=draft)
        except BadLead as refusal:
            self.errors = sentences(refusal.findings, actor.language)
            return None
        self.errors = {}
        return [notify("Piste créée."), rx.redirect(routes.lead(lead_id))]


@screen(route=routes.NEW_LEAD, title="Nouvelle piste", permission=EDIT, on_load=NewLead.load)
def new_lead() -> rx.Component:
    """Draw the form."""
    return rx.el.form(
        section(t("Fiche"), lead_fields(NewLead, with_state=False)),
        rx.el.div(
            rx.el.button(
                t("Créer la piste"),
                rx.el.kbd("Ctrl ↵"),
                type="submit",
                class_name="btn p",
                custom_attrs={"data-key": "ctrl+Enter", "data-key-label": t("Créer la piste")},
            ),
            rx.link(t("Ne rien créer"), href=routes.LEADS, underline="none", class_name="btn q"),
            class_name="row g6 form-foot",
        ),
        on_submit=NewLead.save,
        class_name="lead-form alone",
    )
