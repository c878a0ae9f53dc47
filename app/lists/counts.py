"""Totals, chips and groups of a view, which follow its rows a moment later."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from app.lists.address import Address
from app.lists.kind import Around, Facet, ListKind, Quick
from app.text import count, money, quantity, say
from db.records.custom_fields.rules import PREFIX, CustomField, FieldType
from db.records.listing.rules import Group, ListCounts
from db.records.search.rules import fold

MOST_OPTIONS = 30
MOST_GROUPS = 200


def counts_view(kind: ListKind, address: Address, counts: ListCounts, around: Around) -> dict[str, Any]:
    """Return totals, quick chips, facets and groups of a counted view."""
    given = parse_qs(address.whole, keep_blank_values=True)
    return {
        "filterKey": address.filter_key,
        "total": None if counts.is_capped else counts.total,
        "totals": _totals(kind, counts, around.by.language),
        "quick": [_quick(one, given, counts, around) for one in kind.quick],
        "facets": [_facet(facet, given, counts, around) for facet in kind.facets_seen(around.by)],
        "groups": {
            facet.name: _groups(facet, counts.groups.get(facet.name, {}), counts.amount is not None, around)
            for facet in [*kind.facets_seen(around.by), *_added(counts, around)]
        },
    }


def _added(counts: ListCounts, around: Around) -> list[Facet]:
    """Return the fields of the company that were grouped by, as facets."""
    found = {PREFIX + field.key: field for field in around.fields if PREFIX + field.key in counts.groups}
    return [Facet(name, field.label, name, partial(_named, field), _order(field)) for name, field in found.items()]


def _order(field: CustomField) -> tuple[str, ...]:
    return ("yes", "no", "") if field.type is FieldType.YES_NO else (*(fold(one) for one in field.choices), "")


def _named(field: CustomField, value: str, around: Around) -> str:
    if not value:
        return say(around.by.language, "sans indication")
    if field.type is FieldType.YES_NO:
        return say(around.by.language, "oui" if value == "yes" else "non")
    return next((one for one in field.choices if fold(one) == value), value)


def _totals(kind: ListKind, counts: ListCounts, language: str) -> list[Any]:
    one, many = kind.words
    if counts.is_capped:
        return [f"{quantity(Decimal(counts.total))}+\u00a0{say(language, many)}"]
    found: list[Any] = [count(counts.total, one, many, language)]
    if counts.amount:
        found.append([say(language, "Total"), money(counts.amount)])
    return found


def _quick(quick: Quick, given: Mapping[str, list[str]], counts: ListCounts, around: Around) -> dict[str, Any]:
    sets = quick.sets(around.by)
    number = None
    if quick.counted and not counts.is_capped:
        number = sum(counts.chips.get(name, {}).get(_hex(one), 0) for name, values in sets.items() for one in values)
    return {
        "key": quick.key,
        "label": say(around.by.language, quick.label),
        "set": {name: list(values) for name, values in sets.items()},
        "on": all(set(given.get(name, [])) == set(values) for name, values in sets.items()),
        "count": None if number is None else quantity(Decimal(number)),
    }


def _facet(facet: Facet, given: Mapping[str, list[str]], counts: ListCounts, around: Around) -> dict[str, Any]:
    counted = counts.chips.get(facet.name, {})
    by_number = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_OPTIONS]
    options = [(_dashed(value), number) for value, number in by_number]
    chosen = given.get(facet.name, [])
    options += [(value, 0) for value in chosen if _hex(value) not in counted]
    if facet.order:
        options.sort(key=lambda pair: _place(facet, pair[0]))
    return {
        "key": facet.name,
        "label": say(around.by.language, facet.label),
        "chosen": [_dashed(_hex(value)) for value in chosen],
        "options": [
            [value, facet.named(value, around), "" if counts.is_capped else quantity(Decimal(number))]
            for value, number in options
        ],
    }


def _groups(facet: Facet, groups: Mapping[str, Group], has_amount: bool, around: Around) -> list[list[str]]:
    """Return value, words, count and amount of each group, the largest first, or in the facet's own order."""
    ordered = sorted(groups.items(), key=lambda pair: (-pair[1].count, pair[0]))
    if facet.order:
        ordered.sort(key=lambda pair: _place(facet, pair[0]))
    return [
        [
            value,
            facet.named(value, around),
            quantity(Decimal(group.count)),
            money(group.amount) if has_amount else "",
        ]
        for value, group in ordered[:MOST_GROUPS]
    ]


def _place(facet: Facet, value: str) -> int:
    return facet.order.index(value) if value in facet.order else len(facet.order)


def _hex(value: str) -> str:
    """Return a facet's value as the engine counts it: ids without dashes."""
    try:
        return UUID(value).hex if len(value) >= 32 else value
    except ValueError:
        return value


def _dashed(value: str) -> str:
    try:
        return str(UUID(value)) if len(value) == 32 else value
    except ValueError:
        return value
