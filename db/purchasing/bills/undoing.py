"""How bills come back when a deed is undone."""

from db.purchasing.bills.actions import derive, findable
from db.purchasing.bills.rules import EDIT, KIND
from db.records.undo.rules import Undoer, register_undoer
from db.records.undo.searching import search_follows

register_undoer(
    Undoer(
        "bill",
        edit=EDIT,
        kind=KIND,
        owner="owner_id",
        together=(frozenset({"state", "discard_reason"}),),
        derive=derive,
        **search_follows(findable),
    )
)
register_undoer(Undoer("bill_file", edit=EDIT))
