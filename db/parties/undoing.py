"""How companies, persons and their links come back when a deed is undone."""

from db.parties.actions import findable
from db.parties.rules import KIND
from db.parties.tables import Party
from db.records.search.rules import fold
from db.records.undo.rules import Undoer, register_undoer
from db.records.undo.searching import search_and_index_follow


def _derive(party: Party) -> None:
    party.name_order = fold(party.name)


register_undoer(
    Undoer(
        "party",
        edit="parties.edit",
        kind=KIND,
        together=(frozenset({"kind", "uid"}),),
        derive=_derive,
        **search_and_index_follow(findable, KIND),
    )
)
register_undoer(Undoer("party_contact", edit="parties.edit"))
