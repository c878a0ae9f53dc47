"""How accounts come back when a deed is undone; what entries rest on stays."""

from db.ledger.accounts.actions import findable
from db.ledger.accounts.rules import KIND
from db.ledger.accounts.tables import Account
from db.records.search.rules import fold
from db.records.undo.rules import Undoer, register_undoer
from db.records.undo.searching import search_follows


def _derive(row: Account) -> None:
    row.name_order = fold(row.name)


register_undoer(
    Undoer(
        "account",
        edit="ledger.manage_accounts",
        kind=KIND,
        derive=_derive,
        **search_follows(lambda session, row: findable(row)),
    )
)
