"""What one may ask of any list, how it is written in an address, and what a list answers."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from db.kernel.errors import BadInput
from db.records.custom_fields.rules import PREFIX

NOBODY = "none"  # the owner of records that have none
LARGEST_PAGE = 200
USUAL_PAGE = 50
OPERATORS = ("is", "from", "to", "contains")
COUNTED = 10_000  # what a search finds beyond this is not counted exactly
FEW = 1000  # so many records are read and sorted sooner than an index is walked for those that fit


@dataclass(frozen=True)
class Shape:
    """What a list can be asked for: the keys of its orders, facets and ranges."""

    sorts: tuple[str, ...]
    usual_sort: str
    facets: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    has_added: bool = False  # may orders and filters name fields that the company added (`custom.key`)


@dataclass(frozen=True)
class CustomFilter:
    """One condition on a custom field: the value is, is at least, is at most, or contains; `is` nothing: has none."""

    key: str
    operator: str
    value: str


def custom_filters(given: Mapping[str, Sequence[str]]) -> tuple[CustomFilter, ...]:
    """Return the conditions on custom fields that an address holds."""
    return tuple(
        _custom_filter(key, value)
        for key, values in given.items()
        if key.startswith(PREFIX)
        for value in values
        if value
    )


def _custom_filter(key: str, value: str) -> CustomFilter:
    operator, _, wanted = value.partition(":")
    if operator not in OPERATORS:
        operator, wanted = "is", value
    return CustomFilter(key.removeprefix(PREFIX), operator, wanted)


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: after (or before) this record; `few` repeats the way of reading."""

    value: Any
    record_id: str
    few: bool

    def text(self) -> str:
        """Return the cursor for an address."""
        given = json.dumps([self.value, self.record_id, self.few], separators=(",", ":"))
        return urlsafe_b64encode(given.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class ListRequest:
    """A search, its filters, the order, and which page. Values of one facet are alternatives; facets add up."""

    sort: str
    search: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, str] = field(default_factory=dict)
    custom: tuple[CustomFilter, ...] = ()
    group: str = ""  # the custom field whose groups are to be counted
    cursor: Cursor | None = None
    back: bool = False
    size: int = USUAL_PAGE

    @property
    def sort_key(self) -> str:
        """Return the column that orders the list."""
        return self.sort.removeprefix("-")

    @property
    def falls(self) -> bool:
        """Test if the largest come first."""
        return self.sort.startswith("-")

    def facet(self, name: str) -> tuple[str, ...]:
        """Return the chosen values of a facet."""
        return self.facets.get(name, ())


@dataclass(frozen=True)
class ListPage:
    """One page of rows; each row has `record_id` and `row_version`. `first` and `last` are cursors."""

    rows: Sequence[Any]
    first: str
    last: str
    has_more: bool


@dataclass(frozen=True)
class Group:
    """How many records share a facet's value, and the sum of their amounts."""

    count: int = 0
    amount: Decimal = Decimal(0)

    def plus(self, count: int, amount: Decimal) -> "Group":
        """Return the group with more records in it."""
        return Group(self.count + count, self.amount + amount)


@dataclass(frozen=True)
class ListCounts:
    """Totals of a view. `is_capped`: more than `total` were found, chips and amount were not counted.

    `chips` are the values of each facet, not narrowed by the facet's own choice; `groups` are narrowed by it.
    """

    total: int
    is_capped: bool = False
    amount: Decimal | None = None
    chips: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, Group]] = field(default_factory=dict)


@dataclass
class Cube:
    """Totals, chips and groups, gathered cell by cell from one grouped reading."""

    names: Sequence[str]
    chosen: Sequence[frozenset[str]]
    total: Group = field(default_factory=Group)
    chips: dict[str, dict[str, int]] = field(default_factory=dict)
    groups: dict[str, dict[str, Group]] = field(default_factory=dict)

    def add(self, cell: Sequence[str], count: int, amount: Decimal) -> None:
        """Add the records that share one combination of facet values."""
        misses = [i for i, value in enumerate(cell) if self.chosen[i] and value not in self.chosen[i]]
        if not misses:
            self.total = self.total.plus(count, amount)
            for name, value in zip(self.names, cell, strict=True):
                of_facet = self.groups.setdefault(name, {})
                of_facet[value] = of_facet.get(value, Group()).plus(count, amount)
        for i in range(len(cell)) if not misses else misses if len(misses) == 1 else ():
            chips = self.chips.setdefault(self.names[i], {})
            chips[cell[i]] = chips.get(cell[i], 0) + count

    def counts(self, *, has_amount: bool) -> ListCounts:
        """Return what was gathered."""
        return ListCounts(
            self.total.count, amount=self.total.amount if has_amount else None, chips=self.chips, groups=self.groups
        )


def read_request(address: str, shape: Shape) -> ListRequest:
    """Return the request that an address holds.

    Raises: BadInput: naming the part that cannot be understood.
    """
    given = parse_qs(address.lstrip("?"), keep_blank_values=True)  # an empty canton is a canton
    one = {key: values[-1] for key, values in given.items() if values}
    request = ListRequest(
        sort=one.get("sort") or shape.usual_sort,
        search=one.get("q", "")[:200],
        facets={name: tuple(given[name]) for name in shape.facets if name in given},
        ranges={name: one[name] for name in shape.ranges if one.get(name)},
        custom=custom_filters(given) if shape.has_added else (),
        group=custom_group(one) if shape.has_added else "",
        cursor=read_cursor(one.get("cursor")),
        back=one.get("back") == "1",
        size=_size(one.get("size")),
    )
    return check_request(request, shape)


def custom_group(one: Mapping[str, str]) -> str:
    """Return the custom field by which an address groups; empty when it groups by none."""
    group = one.get("group", "")
    return group if group.startswith(PREFIX) else ""


def check_request(request: ListRequest, shape: Shape) -> ListRequest:
    """Return the request when it can be answered.

    Raises: BadInput.
    """
    is_added = shape.has_added and request.sort_key.startswith(PREFIX)
    if request.sort_key not in shape.sorts and not is_added:
        raise BadInput("La liste ne se trie pas par « {sort} ».", sort=request.sort_key[:60])
    return replace(request, size=max(1, min(request.size, LARGEST_PAGE)))


def read_cursor(text: str | None) -> Cursor | None:
    """Return the cursor that an address holds.

    Raises: BadInput.
    """
    if not text:
        return None
    try:
        value, record_id, few = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(value, str | int | float | None):
            raise ValueError
        return Cursor(value, UUID(record_id).hex, bool(few))
    except (ValueError, TypeError, AttributeError):
        raise BadInput("Cette page de la liste n’existe pas ; recommencez au début.") from None


def _size(text: str | None) -> int:
    try:
        return int(text) if text else USUAL_PAGE
    except ValueError:
        raise BadInput("« {text} » n’est pas une taille de page.", text=text) from None
