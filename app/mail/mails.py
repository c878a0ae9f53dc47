"""`/courrier`: the list of e-mails."""

import reflex as rx

from app.lists.page import list_page
from app.lists.state import ListState, for_list
from app.mail.mail_list import MAILS


@for_list(MAILS)
class Mails(ListState, rx.State):
    """The list of e-mails."""


list_page(MAILS, Mails)
