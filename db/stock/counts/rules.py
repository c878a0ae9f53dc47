"""Counting what lies at a place: the sheet's life, what a person enters, and what the difference is."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from db.catalog.items.rules import has_places
from db.catalog.units.rules import MOST, PLACES
from db.kernel.errors import ChangedMeanwhile, NotAllowed
from db.kernel.findings import BadFields, Finding
from db.kernel.lifecycle import Lifecycle
from db.records.kinds.rules import RecordKind, register_kind

KIND = "stock_count"
NOTHING = frozenset[str]()  # of a count is hidden from who reads stock
register_kind(
    RecordKind(KIND, "Inventaire", "Inventaires", "stock_count", "stock.read", "stock.count", hideable=NOTHING)
)
LONGEST_NAME, MOST_LINES = 120, 20_000


class CountState(StrEnum):
    """Where a count stands."""

    OPEN = "open"
    REVIEW = "review"
    APPROVED = "approved"
    CANCELLED = "cancelled"


COUNT_LIFE = Lifecycle[CountState](
    "Inventaire",
    {
        CountState.OPEN: frozenset({CountState.REVIEW, CountState.CANCELLED}),
        CountState.REVIEW: frozenset({CountState.OPEN, CountState.APPROVED, CountState.CANCELLED}),
        CountState.APPROVED: frozenset(),  # its moves are done; each has its counter-move
        CountState.CANCELLED: frozenset({CountState.OPEN}),
    },
)
STATE_LABELS = {
    CountState.OPEN: "En cours",
    CountState.REVIEW: "À approuver",
    CountState.APPROVED: "Approuvé",
    CountState.CANCELLED: "Abandonné",
}


class Entering(StrEnum):
    """What a number means where one is already there."""

    FIRST = "first"
    REPLACE = "replace"
    ADD = "add"  # another shelf of the same item


class BadCount(BadFields):
    """Values of a count cannot be kept; `findings` says which and why."""


class CountClosed(NotAllowed):
    """The count takes no more numbers."""


class CountedMeanwhile(ChangedMeanwhile):
    """Somebody else has just counted the same item; the person says if hers replaces that or comes on top."""


@dataclass(frozen=True)
class CountDraft:
    """A count as somebody opens it: which place, all its items or those of a group; blind hides what is expected."""

    place_id: UUID | None
    name: str = ""
    group_name: str = ""
    blind: bool = True


@dataclass(frozen=True)
class Tally:
    """What was counted of an item, when and by whom."""

    counted: Decimal | None = None
    counted_at: datetime | None = None
    by_name: str = ""


def clean_count(draft: CountDraft, *, place: str, day: str) -> CountDraft:
    """Return the draft as it is kept; without a name it is called by its place and day.

    Raises: BadCount.
    """
    if draft.place_id is None:
        raise BadCount([Finding("place_id", "Choisissez le lieu à compter.")])
    name = " ".join(draft.name.split()) or f"{place}, {day}"
    if len(name) > LONGEST_NAME:
        raise BadCount([Finding("name", "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_NAME})])
    return replace(draft, name=name, group_name=" ".join(draft.group_name.split()))


def tallied(known: Tally, given: Tally, *, entering: Entering, moved_since: Decimal) -> Tally:
    """Return what is counted after a person's number; `moved_since` is what came or left since the known tally.

    Raises: BadCount: a negative number. CountedMeanwhile: a number is there and she did not say what hers means.
    """
    if given.counted is None or given.counted < 0:
        raise BadCount([Finding("counted", "On compte zéro ou davantage, jamais moins.")])
    if not (given.counted < MOST and has_places(given.counted, PLACES)):
        raise BadCount([Finding("counted", "Une quantité est plus grande que zéro et a au plus 6 décimales.")])
    given = replace(given, counted=given.counted.quantize(Decimal(1).scaleb(-PLACES)))
    assert given.counted is not None
    if known.counted is None or entering is Entering.REPLACE:
        return given
    if entering is Entering.ADD:
        return replace(given, counted=known.counted + moved_since + given.counted)
    if known.counted == given.counted and known.by_name == given.by_name:
        return known
    raise CountedMeanwhile("{name} a déjà compté cet article. Remplacer ou ajouter ?", name=known.by_name)


def difference(counted: Decimal, *, now: Decimal, moved_since: Decimal) -> Decimal:
    """Return what was counted less what was to be expected when it was counted.

    `now` is the balance today, `moved_since` what came or left since the counting: what moves while one counts is no
    difference.
    """
    return counted - (now - moved_since)
