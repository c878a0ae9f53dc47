"""Where each kind of record has its page, and its icon; one line per kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app import routes


@dataclass(frozen=True)
class KindOnScreen:
    """How the screens show a kind: the address of one record, and a Lucide icon."""

    address: Callable[[Any], str]
    icon: str


KINDS_ON_SCREEN: dict[str, KindOnScreen] = {
    "lead": KindOnScreen(routes.lead, "target"),
}


def address_of(kind: str, record_id: object) -> str:
    """Return the address of a record's page; an empty text while its kind has none."""
    shown = KINDS_ON_SCREEN.get(kind)
    return shown.address(record_id) if shown else ""
