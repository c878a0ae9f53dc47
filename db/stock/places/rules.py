"""Where goods lie: a tree of places, and what may stand in its fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from db.kernel.errors import BadInput, NotAllowed
from db.kernel.findings import BadFields, Finding
from db.records.kinds.rules import RecordKind, register_kind

KIND = "stock_place"
NOTHING = frozenset[str]()  # of a place is hidden from who reads stock
register_kind(
    RecordKind(
        KIND, "Lieu de stock", "Lieux de stock", "stock_place", "stock.read", "stock.manage_places", hideable=NOTHING
    )
)
LONGEST_NAME, LONGEST_CODE, DEEPEST = 80, 20, 6
ACTIVE, CLOSED = "active", "closed"
STATE_LABELS = {ACTIVE: "Ouvert", CLOSED: "Fermé"}


class BadPlace(BadFields):
    """Values of a place cannot be kept; `findings` says which and why."""


class PlaceInUse(NotAllowed):
    """Goods lie there, so the place cannot be closed (or refuse to go below zero)."""


@dataclass(frozen=True)
class PlaceDraft:
    """A place as somebody enters it. With `allows_negative`, more may leave than is noted as there."""

    name: str
    code: str = ""
    parent_id: UUID | None = None
    allows_negative: bool = False
    state: str = ACTIVE


EDITABLE = tuple(one.name for one in fields(PlaceDraft))


def clean_place(draft: PlaceDraft) -> PlaceDraft:
    """Return the draft without needless spaces; a place without a code gets its name's first letters.

    Raises: BadPlace.
    """
    name = " ".join(str(draft.name or "").split())
    code = "".join(str(draft.code or "").upper().split()) or "".join(c for c in name.upper() if c.isalnum())[:6]
    found = []
    if not name:
        found.append(Finding("name", "Donnez un nom au lieu."))
    if len(name) > LONGEST_NAME:
        found.append(Finding("name", "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_NAME}))
    if len(code) > LONGEST_CODE:
        found.append(Finding("code", "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_CODE}))
    if draft.state not in (ACTIVE, CLOSED):
        found.append(Finding("state", "« {text} » n’est pas un état.", {"text": str(draft.state)[:40]}))
    if found:
        raise BadPlace(found)
    return replace(draft, name=name, code=code)


def draft_of(values: Mapping[str, Any]) -> PlaceDraft:
    """Return a draft from values by the names of their columns.

    Raises: BadInput: a column that a place does not have.
    """
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown))[:200])
    return PlaceDraft(**{"name": "", **values})


def check_tree(place_id: UUID | None, parent_id: UUID | None, parents: Mapping[UUID, UUID | None]) -> None:
    """Refuse a place inside itself, or too deep.

    Raises: BadPlace.
    """
    seen, above = {place_id}, parent_id
    while above is not None:
        if above in seen:
            raise BadPlace([Finding("parent_id", "Un lieu ne peut pas se trouver dans lui-même.")])
        seen.add(above)
        above = parents.get(above)
    if len(seen) > DEEPEST:
        raise BadPlace([Finding("parent_id", "Un lieu est au plus au 6e niveau.")])


def path_of(place_id: UUID, names: Mapping[UUID, str], parents: Mapping[UUID, UUID | None]) -> str:
    """Return where a place is, from the outermost: `Renens › Rack A › A-3`."""
    parts: list[str] = []
    here: UUID | None = place_id
    while here is not None and here in names and len(parts) <= DEEPEST:
        parts.append(names[here])
        here = parents.get(here)
    return " › ".join(reversed(parts))


def inside(place_id: UUID, parents: Mapping[UUID, UUID | None]) -> Sequence[UUID]:
    """Return a place and all that lie in it."""
    found = [place_id]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one and child not in found]
    return found
