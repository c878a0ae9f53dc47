"""Compares every balance that is kept beside its lines with what the lines give: stock, open items."""

from uuid import UUID

from app.doors import ask
from db.access.rules import Actor
from db.access.seals.rules import Problem
from db.catalog.units.rules import plain
from db.ledger.open_items.queries import WrongBalance, strayed_items, wrong_balances
from db.stock.moves.queries import Difference, balance_differences


def check_balances(by: Actor) -> list[Problem]:
    """Return what is wrong with the kept balances."""
    stock = [_of_stock(one) for one in ask(by, balance_differences)]
    strayed = [_of_party(*one) for one in ask(by, strayed_items)]
    return [*stock, *(_of_item(one) for one in ask(by, wrong_balances)), *strayed]


def _of_stock(found: Difference) -> Problem:
    where = "de l’article" if found.place_id is None else "d’un lieu"
    what = "{table} {id} : le stock " + where + " est de {now}, ses mouvements en donnent {in_history}."
    table = "item" if found.place_id is None else "stock_level"
    return Problem(what, table, str(found.item_id), "quantity", plain(found.summed), plain(found.kept))


def _of_item(found: WrongBalance) -> Problem:
    what = "{table} {id} : le solde gardé est de {now}, l’écriture et ses règlements en donnent {in_history}."
    return Problem(what, "open_item", str(found.line_id), "balance", f"{found.computed:.2f}", f"{found.kept:.2f}")


def _of_party(line_id: UUID, kept: UUID | None, right: UUID | None) -> Problem:
    what = "{table} {id} : le poste ouvert est au nom de {now}, son écriture est à celui de {in_history}."
    return Problem(what, "open_item", str(line_id), "party_id", str(right), str(kept))
