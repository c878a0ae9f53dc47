"""How items come back when a deed is undone."""

from db.catalog.items.actions import derive, findable
from db.catalog.items.rules import KIND
from db.records.undo.rules import Undoer, register_undoer
from db.records.undo.searching import search_follows

register_undoer(
    Undoer(
        "item",
        edit="catalog.edit",
        kind=KIND,
        together=(frozenset({"unit", "packages"}),),
        derive=derive,
        **search_follows(lambda session, row: findable(row)),
    )
)
