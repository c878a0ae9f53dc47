"""`/societes` and `/contacts`: whom the firm deals with."""

import reflex as rx

from app.lists.page import list_page
from app.lists.state import ListState, for_list
from app.parties.lists import COMPANIES, CONTACTS


@for_list(COMPANIES)
class Companies(ListState, rx.State):
    """The list of companies."""


@for_list(CONTACTS)
class Contacts(ListState, rx.State):
    """The list of contacts."""


list_page(COMPANIES, Companies)
list_page(CONTACTS, Contacts)
