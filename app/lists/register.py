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
    "work_span": "app.people.span_list:SPANS",
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
