"""`/articles`: what the firm sells, buys and stores."""

import reflex as rx

from app.catalog.item_list import ITEMS
from app.lists.page import list_page
from app.lists.state import ListState, for_list


@for_list(ITEMS)
class Items(ListState, rx.State):
    """The list of items."""


list_page(ITEMS, Items)
