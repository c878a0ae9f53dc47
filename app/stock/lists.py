"""`/mouvements`, `/lieux` and `/inventaires`: what moved, where goods lie, what was counted."""

import reflex as rx

from app.lists.page import list_page
from app.lists.state import ListState, for_list
from app.stock.count_list import COUNTS
from app.stock.move_list import MOVES
from app.stock.place_list import PLACES


@for_list(MOVES)
class Moves(ListState, rx.State):
    """The list of stock moves."""


@for_list(PLACES)
class Places(ListState, rx.State):
    """The list of places."""


@for_list(COUNTS)
class Counts(ListState, rx.State):
    """The list of counts."""


list_page(MOVES, Moves)
list_page(PLACES, Places)
list_page(COUNTS, Counts)
