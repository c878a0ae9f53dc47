"""Every list and every form of the screens as routes, without a line of code for each.

A kind whose routes were not written by hand (`BY_HAND`) gets them from what its screens declare: its `ListKind` gives
the page, the counts and deeds on many records; the `Form` of the same name gives reading, creating, changing one.
What else may happen to it (post, confirm, receive) is one `Step` each in `STEPS`.
"""

import importlib
from typing import Any, Final, get_args, get_type_hints

from fastapi import APIRouter

from app.api.forms import add_form
from app.api.listing import add_changes, add_list
from app.api.steps import STEPS, add_step
from app.lists.kind import ListKind
from app.lists.register import LISTS, list_called
from app.pages import PAGES
from app.records.forms import FORMS
from db.records.listing.source import Source

# lists whose routes are written in a file of their own, for a record that is more than its form
BY_HAND: Final = {"lead", "opportunity", "company", "contact", "work_span"}


def address_of_kind(key: str) -> str:
    """Return under which address a list is found: `sales_order` is `/sales-orders`."""
    word = key.replace("_", "-")
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"/{word[:-1]}ies"
    return f"/{word}es" if word.endswith(("s", "ch", "x")) else f"/{word}s"


def routes_of(kind: ListKind) -> APIRouter:
    """Return the routes of a kind: its list, and one record of it when it has a form."""
    router = APIRouter(prefix=address_of_kind(kind.key), tags=[kind.title])
    source = kind.queries.source
    if source is not None:
        row = row_of(source)
        add_list(router, source=source, row=row, page=kind.queries.page, counts=kind.queries.counts, words=kind.title)
    add_changes(router, permission=kind.edit, action=kind.change, words=", ".join(["edit", *_verbs(kind)]))
    if kind.key in FORMS:
        add_form(router, FORMS[kind.key])
    for step in STEPS.get(kind.key, ()):
        add_step(router, step)
    return router


def row_of(source: Source) -> Any:
    """Return what a list's rows are, as its source says."""
    loaded = get_type_hints(source.load).get("return", list[Any])
    return next(iter(get_args(loaded)), Any)


def _verbs(kind: ListKind) -> list[str]:
    return [verb.key for verb in kind.verbs]


def _all() -> APIRouter:
    for module in PAGES:  # where forms are registered
        importlib.import_module(module)
    found = APIRouter()
    for key in LISTS:
        if key not in BY_HAND:
            found.routes.extend(routes_of(list_called(key)).routes)  # each with its own prefix and permission
    return found


router = _all()
