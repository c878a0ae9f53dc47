"""From a page of any list to the JSON text that the list part draws."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from app.lists.address import Address, chosen_columns, is_same, pairs
from app.lists.kind import Around, Column, ListKind, RangeEnd
from app.text import SWITZERLAND, quantity, say
from db.access.rules import Role, may
from db.records.custom_fields.rules import PREFIX, read_number

CUSTOM = PREFIX
SIGNS = {"is": "=", "from": "≥", "to": "≤", "contains": "∋"}
OPERATORS = tuple(SIGNS)


def page_view(kind: ListKind, address: Address, page: Any, around: Around) -> dict[str, Any]:
    """Return what the list part draws."""
    asked = parse_qs(address.asked)
    columns = chosen_columns(kind, "".join(parse_qs(address.base, keep_blank_values=True).get("columns", [""])), around)
    is_paged, is_back = "cursor" in asked, "cursor" in asked and asked.get("back") == ["1"]
    return {
        **frame_view(kind, address, around),
        "rows": [row_view(row, columns, around) for row in page.rows],
        "columns": [column_view(kind, column, around) for column in columns],
        "first": page.first,
        "last": page.last,
        "hasMore": page.has_more or is_back,
        "hasBefore": page.has_more if is_back else is_paged,
        "error": "",
    }


def row_view(row: Any, columns: Sequence[Column], around: Around) -> list[Any]:
    """Return one row: id, version, one drawn value per column."""
    language, today = around.by.language, around.at.astimezone(SWITZERLAND).date()
    return [row.record_id.hex, row.row_version, *(column.cell(row, language, today) for column in columns)]


def column_view(kind: ListKind, column: Column, around: Around) -> dict[str, Any]:
    """Return a column as the list part draws and edits it."""
    editing = column.editing if column.editing and may(around.by, kind.edit) else None
    options = [list(one) for one in editing.options(around)] if editing and editing.options else None
    return {
        "key": column.key,
        "label": say(around.by.language, column.label),
        "kind": column.kind,
        "sort": column.sort,
        "falls": column.falls,
        "width": column.width,
        "edit": {"options": options} if editing else None,
    }


def refused_view(kind: ListKind, sentence: str, around: Around) -> dict[str, Any]:
    """Return the list that says why it cannot be shown."""
    nothing = {"rows": [], "columns": [], "first": "", "last": "", "hasMore": False, "hasBefore": False}
    return {**frame_view(kind, Address("", "", ""), around), **nothing, "error": sentence}


def frame_view(kind: ListKind, address: Address, around: Around) -> dict[str, Any]:
    """Return what stays while rows change: tabs, filters, rights."""
    by, language, given = around.by, around.by.language, parse_qs(address.base, keep_blank_values=True)
    columns = kind.columns_seen(around)
    sort = "".join(given.get("sort", [kind.usual_sort])[-1:])
    return {
        "kind": kind.key,
        "address": address.base,
        "filterKey": address.filter_key,
        "search": "".join(given.get("q", [""])[-1:]),
        "sort": sort,
        "sorted": _sorted(sort, columns, language),
        "group": address.group,
        "opened": address.opened,
        "groupings": [
            *([facet.name, say(language, facet.label)] for facet in kind.facets_seen(by)),
            *([PREFIX + field.key, field.label] for field in around.fields if field.groups_records),
        ],
        "allColumns": [[column.key, say(language, column.label)] for column in columns],
        "filters": active_filters(kind, address, around),
        "ranges": [_range(end, given, language) for end in kind.ranges],
        "custom": [[field.key, field.label] for field in around.fields],
        "tabs": tabs(kind, address.base, around),
        "verbs": _verbs(kind, around) if may(by, kind.edit) else [],
        "may": _may(kind, around),
        "stamp": around.stamp,
        "empty": _empty(kind, address.base, language),
    }


def _may(kind: ListKind, around: Around) -> dict[str, Any]:
    by, shares = around.by, may(around.by, "records.share_view")
    roles = [[role.value, say(by.language, ROLE_LABELS[role])] for role in Role] if shares else []
    return {"edit": may(by, kind.edit), "export": may(by, kind.export), "share": shares, "roles": roles}


ROLE_LABELS = {
    Role.ADMINISTRATOR: "Administration",
    Role.MANAGER: "Direction",
    Role.SALES: "Vente",
    Role.PURCHASING: "Achats",
    Role.WAREHOUSE: "Dépôt",
    Role.ACCOUNTANT: "Comptabilité",
    Role.HR: "Personnel",
    Role.ANALYST: "Analyse",
}


def _verbs(kind: ListKind, around: Around) -> list[dict[str, Any]]:
    language = around.by.language
    return [
        {
            "key": verb.key,
            "label": say(language, verb.label),
            "asks": say(language, verb.asks) if verb.asks else "",
            "options": [list(one) for one in verb.options(around)] if verb.options else None,
            "danger": verb.danger,
        }
        for verb in kind.verbs
    ]


def tabs(kind: ListKind, address: str, around: Around) -> list[dict[str, Any]]:
    """Return the views that every list has, then the saved ones, the pinned first."""
    found: list[dict[str, Any]] = [
        {"id": "", "name": say(around.by.language, name), "query": query, "pinned": True, "own": False, "roles": []}
        for name, query in kind.tabs(around.by)
    ]
    found += [
        {
            "id": view.view_id.hex,
            "name": view.name,
            "query": view.query,
            "pinned": view.pinned,
            "own": view.own,
            "shared": view.shared,
            "roles": list(view.roles),
        }
        for view in around.views
    ]
    return [{**tab, "on": is_same(tab["query"], address)} for tab in found]


def active_filters(kind: ListKind, address: Address, around: Around) -> list[dict[str, str]]:
    """Return the filters that no quick chip shows, each with × to remove it."""
    given, found = parse_qs(address.base, keep_blank_values=True), []
    shown = [sets for quick in kind.quick for sets in quick.sets(around.by).items()]
    for facet in kind.facets_seen(around.by):
        values = given.get(facet.name, [])
        if any(name == facet.name and set(values) == set(chosen) for name, chosen in shown):
            continue
        found += [{"name": facet.name, "value": one, "label": facet.named(one, around)} for one in values]
    for end in kind.ranges:
        for value in [one for one in given.get(end.name, [])[-1:] if one]:
            if not any(name == end.name and (value,) == tuple(chosen) for name, chosen in shown):
                label = say(around.by.language, end.chip, value=_in_words(end, value))
                found.append({"name": end.name, "value": value, "label": label})
    if "import" in given:
        label = say(around.by.language, "D’un import")
        found.append({"name": "import", "value": given["import"][-1], "label": label})
    return found + _custom_filters(address.base, around)


def _custom_filters(address: str, around: Around) -> list[dict[str, str]]:
    labels = {field.key: field.label for field in around.fields}
    found = []
    for name, value in pairs(address):
        if name.startswith(CUSTOM) and value:
            key = name.removeprefix(CUSTOM)
            operator, _, wanted = value.partition(":")
            if operator not in OPERATORS:
                operator, wanted = "is", value
            label = f"{labels.get(key, key)} {SIGNS[operator]} {wanted}"
            found.append({"name": name, "value": value, "label": label})
    return found


def _in_words(end: RangeEnd, value: str) -> str:
    if not end.share:
        return value
    return f"{quantity(read_number(value) * 100)}\u00a0%"


def _range(end: RangeEnd, given: Mapping[str, list[str]], language: str) -> dict[str, Any]:
    value = "".join(given.get(end.name, [])[-1:])
    if end.share and value:
        value = format((read_number(value) * 100).normalize(), "f")
    label = say(language, end.label)
    return {
        "name": end.name,
        "label": label,
        "type": "number" if end.share else "text",
        "percent": end.share,
        "value": value,
    }


def _sorted(sort: str, columns: Sequence[Column], language: str) -> str:
    labels = {column.sort: column.label for column in columns if column.sort}
    key = sort.removeprefix("-")
    return say(language, "Tri : {column}", column=say(language, labels.get(key, key)))


def _empty(kind: ListKind, address: str, language: str) -> list[str]:
    """Return title, sentence, and the one offer of an empty list."""
    if is_same(address, kind.opens) or is_same(address, "view=all"):
        title, sentence, offer, to = kind.nothing
        return [say(language, title), say(language, sentence), say(language, offer) if offer else "", to]
    return [say(language, kind.none_fits), say(language, "Retirer un filtre ou chercher un mot plus court."), "", ""]


def as_text(view: Mapping[str, Any]) -> str:
    """Return the view as the one string that travels."""
    return json.dumps(view, ensure_ascii=False, separators=(",", ":"))
