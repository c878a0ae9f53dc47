"""`/pistes`: whom to call first and why. The address holds search, filters, order and columns."""

import reflex as rx

from app import routes
from app.crm.lead import LeadPage
from app.crm.lead_list import LEADS
from app.crm.lead_parts import brief_part
from app.crm.score_panel import score_panel
from app.lists.page import KEYS, list_page, peek_head
from app.lists.state import ListState, for_list
from app.records.story_part import story_section
from app.text import t


@for_list(LEADS)
class Leads(ListState, rx.State):
    """The list of leads; beside it, the score of one with its reasons."""

    async def _look(self, record_id: str) -> None:
        self.peeked = record_id
        await (await self.get_state(LeadPage))._look_at(record_id)


def _peek() -> rx.Component:
    lead = LeadPage.lead
    return rx.el.aside(
        peek_head(lead["name"], routes.lead(lead["id"]), Leads.close_peek),
        rx.el.div(brief_part(LeadPage), score_panel(LeadPage), story_section(), class_name="peek-body"),
        class_name="peek",
        aria_label=t("Aperçu"),
    )


list_page(LEADS, Leads, peek=_peek, keys=(*KEYS, ("1–4", "vues")))
