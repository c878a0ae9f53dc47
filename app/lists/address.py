"""What a list's address says: the view without its page, the columns with their order and width, the groups."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

from app.lists.kind import Around, Column, ListKind
from db.records.custom_fields.rules import PREFIX
from db.records.views.queries import View

PAGE = ("cursor", "back")
LOOKS = ("columns", "sort", "group", "in")  # how a view is shown, not what is in it
NARROWEST, WIDEST = 40, 900
_COLUMN = re.compile(r"([\w.\-]{1,80})(?:~(\d{2,3}))?")


@dataclass(frozen=True)
class Address:
    """An address taken apart: `base` is the view, `asked` what the engine reads, `whole` the same without a page."""

    base: str
    asked: str
    whole: str
    group: str = ""
    opened: str | None = None  # the value of the group whose rows are shown; one may be empty

    @property
    def filter_key(self) -> str:
        """Return what decides which records are in the view."""
        return urlencode([pair for pair in pairs(self.base) if pair[0] not in LOOKS or _is_added_group(pair)])


def _is_added_group(pair: tuple[str, str]) -> bool:
    """Test if a pair groups by a field that the company added: those are counted when they are asked for."""
    return pair[0] == "group" and pair[1].startswith(PREFIX)


def pairs(address: str) -> list[tuple[str, str]]:
    """Return the pairs of an address."""
    return [(key, value) for key, values in parse_qs(address, keep_blank_values=True).items() for value in values]


def taken_apart(kind: ListKind, address: str, views: Sequence[View] = ()) -> Address:
    """Return what an address asks for; without anything, the view that the person's role begins with, or the usual."""
    given = pairs(address)
    base = [pair for pair in given if pair[0] not in PAGE]
    if not [pair for pair in base if pair[0] != "columns"]:
        begins = next((view.query for view in views if view.begins), kind.opens)
        base = [*pairs(begins), *base]
    one = dict(base)
    group = one.get("group", "")
    group = group if group.startswith(PREFIX) or group in {facet.name for facet in kind.facets} else ""
    opened = one.get("in") if group else None
    sought = f"is:{opened}" if group.startswith(PREFIX) else opened  # what the engine reads
    narrowed = [pair for pair in base if pair[0] not in (group, "columns", "group", "in")]
    kept = [pair for pair in base if pair[0] not in ("columns", "group", "in")]
    asked = [*narrowed, (group, sought)] if opened is not None and sought is not None else kept
    page = [pair for pair in given if pair[0] in PAGE]
    return Address(urlencode(base), urlencode([*asked, *page]), urlencode(kept), group, opened)


def chosen_columns(kind: ListKind, wanted: str, around: Around) -> list[Column]:
    """Return the columns named in an address, in its order and with its widths (`name~220,city`), or the usual ones.

    What is no column is left out; the name, which links to the record, is always there.
    """
    by_key = {column.key: column for column in kind.columns_seen(around)}
    found: dict[str, Column] = {}
    for part in wanted.split(","):
        read = _COLUMN.fullmatch(part)
        if read and read[1] in by_key:
            column = by_key[read[1]]
            width = f"{min(WIDEST, max(NARROWEST, int(read[2])))}px" if read[2] else column.width
            found.setdefault(column.key, replace(column, width=width))
    if not found:
        found = {key: by_key[key] for key in kind.usual if key in by_key}
    if "name" not in found and "name" in by_key:
        found = {"name": by_key["name"], **found}
    return list(found.values())


def is_same(one: str, other: str) -> bool:
    """Test if two addresses are the same view."""
    return sorted(pairs(one)) == sorted(pairs(other))
