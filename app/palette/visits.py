"""Which record a page shows, so that records that were opened come first in the palette."""

import re

from app.doors import do
from app.records.kinds import KINDS_ON_SCREEN
from db.access.rules import Actor, may
from db.records.kinds.rules import KINDS
from db.records.recent.actions import remember_use

_ID = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?$")


def record_at(path: str) -> str:
    """Return the record whose page is at a path as `kind:id`; an empty text when none is."""
    found = _ID.search(path)
    if found is None:
        return ""
    record_id = found[1]
    kinds = [kind for kind, shown in KINDS_ON_SCREEN.items() if shown.address(record_id) == path.rstrip("/")]
    return f"{kinds[0]}:{record_id}" if kinds else ""


def remember_visit(actor: Actor, path: str) -> None:
    """Remember the record whose page a person opened, if she may see its kind."""
    target = record_at(path)
    described = KINDS.get(target.partition(":")[0])
    if target and actor.user_id is not None and described is not None and may(actor, described.read):
        do(actor, remember_use, target=target)
