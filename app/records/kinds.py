"""Where each kind of record has its page, and its icon; one line per kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app import routes
from app.doors import ask
from db.access.rules import Actor
from db.kernel.errors import NotFound
from db.records.merging.queries import record_after_merges


@dataclass(frozen=True)
class KindOnScreen:
    """How the screens show a kind: the address of one record, and a Lucide icon."""

    address: Callable[[Any], str]
    icon: str


KINDS_ON_SCREEN: dict[str, KindOnScreen] = {
    "lead": KindOnScreen(routes.lead, "target"),
    "opportunity": KindOnScreen(routes.opportunity, "handshake"),
    "party": KindOnScreen(routes.company, "building-2"),
    "journal_entry": KindOnScreen(routes.entry, "book-open"),
    "account": KindOnScreen(routes.account_page, "list-tree"),
    "bill": KindOnScreen(routes.bill, "receipt-text"),
    "work_span": KindOnScreen(routes.span, "clock"),
    "item": KindOnScreen(routes.item, "package"),
    "stock_move": KindOnScreen(routes.move, "arrow-right-left"),
    "stock_place": KindOnScreen(routes.place, "warehouse"),
    "mail": KindOnScreen(routes.mail, "mail"),
    "stock_count": KindOnScreen(routes.stock_count, "clipboard-check"),
}


def address_of(kind: str, record_id: object) -> str:
    """Return the address of a record's page; an empty text while its kind has none."""
    shown = KINDS_ON_SCREEN.get(kind)
    return shown.address(record_id) if shown else ""


def after_merges(actor: Actor, path: str) -> str:
    """Return where the record of an address is since it was merged with another; an empty text when it was not."""
    try:
        kind, record_id = place_of(path)
    except NotFound:
        return ""
    kept = ask(actor, record_after_merges, kind=kind, record_id=record_id)
    return address_of(kind, kept) if kept is not None else ""


PLACES = {
    "pistes": "lead",
    "affaires": "opportunity",
    "societes": "party",
    "contacts": "party",
    "ecritures": "journal_entry",
    "comptes": "account",
    "heures": "work_span",
    "articles": "item",
    "mouvements": "stock_move",
    "lieux": "stock_place",
    "inventaires": "stock_count",
    "factures-recues": "bill",
    "courrier": "mail",
}


def place_of(path: str) -> tuple[str, UUID]:
    """Return kind and id of the record whose page is at a path.

    Raises: NotFound: no record's page is there.
    """
    parts = path.strip("/").split("/")
    try:
        return PLACES[parts[0]], UUID(parts[1])
    except (KeyError, IndexError, ValueError):
        raise NotFound("Cette fiche n’existe pas ou plus.") from None
