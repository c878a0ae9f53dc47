"""`/pistes/nouvelle`: a lead typed by hand."""

import reflex as rx

from app import routes
from app.crm import forms as forms  # registers the form
from app.platform import handler
from app.records.form_state import OneForm, form_part
from app.records.forms import NEW
from app.shell import screen
from app.text import t

EDIT = "crm.edit_leads"
GIVEN = ("name", "company_name", "person_name")


class NewLead(rx.State):
    """The page of a new lead."""

    @handler(EDIT)
    async def load(self) -> None:
        """Show the form with what the address says, or what was left unfinished; the person who types is the owner."""
        given = {name: value for name, value in self.router.url.query_parameters.items() if name in GIVEN}
        await (await self.get_state(OneForm))._open("lead", NEW, given)


@screen(route=routes.NEW_LEAD, title="Nouvelle piste", permission=EDIT, on_load=NewLead.load)
def new_lead() -> rx.Component:
    """Draw the form."""
    return rx.el.div(form_part(t("Créer la piste")), class_name="alone")
