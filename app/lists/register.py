"""Every list of the product, by its key; each is described beside the screens of its area."""

import importlib

from app.lists.kind import ListKind
from db.kernel.errors import NotFound

# key → `module:object`, imported when first needed
LISTS: dict[str, str] = {
    "lead": "app.crm.lead_list:LEADS",
    "opportunity": "app.crm.opportunity_list:OPPORTUNITIES",
    "company": "app.parties.lists:COMPANIES",
    "contact": "app.parties.lists:CONTACTS",
    "journal_entry": "app.ledger.lists:ENTRIES",
    "account": "app.ledger.lists:ACCOUNTS",
    "bill": "app.purchasing.bill_list:BILLS",
    "work_span": "app.people.span_list:SPANS",
    "item": "app.catalog.item_list:ITEMS",
    "stock_move": "app.stock.move_list:MOVES",
    "stock_place": "app.stock.place_list:PLACES",
    "mail": "app.mail.mail_list:MAILS",
    "stock_count": "app.stock.count_list:COUNTS",
}


def list_called(key: str) -> ListKind:
    """Return the list with this key.

    Raises: NotFound.
    """
    target = LISTS.get(key)
    if target is None:
        raise NotFound("Cette liste n’existe pas.")
    module, _, name = target.partition(":")
    found: ListKind = getattr(importlib.import_module(module), name)
    return found
