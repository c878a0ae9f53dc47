"""`/affaires`: the deals that may be signed."""

import reflex as rx

from app.crm.opportunity_list import OPPORTUNITIES
from app.lists.page import list_page
from app.lists.state import ListState, for_list


@for_list(OPPORTUNITIES)
class Opportunities(ListState, rx.State):
    """The list of opportunities."""


list_page(OPPORTUNITIES, Opportunities)
