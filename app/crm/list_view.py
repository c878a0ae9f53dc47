"""From a page of leads to the JSON text that the list part draws."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from app import routes
from app.crm.columns import all_columns, chosen_columns, columns_seen, state_label
from app.text import SWITZERLAND, count, day, money, percent, quantity, say
from db.access.rules import Actor, may
from db.crm.leads.listing.rules import CUSTOM, NOBODY, ListPage, ListRequest, read_request
from db.crm.leads.rules import OPEN_STATES, LeadState
from db.records.custom_fields.rules import CustomField
from db.records.views.queries import View

OPEN = urlencode([("state", state.value) for state in OPEN_STATES])
EVERYTHING = "view=all"
MOST_OPTIONS = 30
FACET_LABELS = {"state": "État", "owner": "Responsable", "source": "Source", "canton": "Canton"}


@dataclass(frozen=True)
class Surroundings:
    """What the list shows besides its page."""

    by: Actor
    at: datetime
    fields: Sequence[CustomField]
    people: Sequence[tuple[UUID, str]]
    names: Mapping[UUID, str]
    views: Sequence[View]
    stamp: str = ""


def asked_for(address: str) -> tuple[str, ListRequest]:
    """Return the address without its page, and the request that it holds; without anything, the open leads.

    Raises: BadInput.
    """
    pairs = [(key, value) for key, values in parse_qs(address).items() for value in values]
    base = [(key, value) for key, value in pairs if key not in ("cursor", "back")]
    if not [pair for pair in base if pair[0] != "columns"]:
        base = [*parse_pairs(OPEN), *base]
    request = read_request(urlencode([*base, *(pair for pair in pairs if pair[0] in ("cursor", "back"))]))
    return urlencode(base), request


def parse_pairs(address: str) -> list[tuple[str, str]]:
    """Return the pairs of an address."""
    return [(key, value) for key, values in parse_qs(address).items() for value in values]


def page_view(address: str, request: ListRequest, page: ListPage, around: Surroundings) -> dict[str, Any]:
    """Return what the list part draws."""
    language, today = around.by.language, around.at.astimezone(SWITZERLAND).date()
    columns = columns_seen(chosen_columns("".join(parse_qs(address).get("columns", [""])), around.fields), around.by)
    rows = [
        [row.lead_id.hex, row.row_version, *(column.cell(row, language, today) for column in columns)]
        for row in page.rows
    ]
    is_back = request.cursor is not None and request.back
    return {
        **frame_view(address, request, around),
        "rows": rows,
        "columns": [
            {
                "key": column.key,
                "label": say(language, column.label),
                "kind": column.kind,
                "sort": column.sort,
                "falls": column.falls,
                "width": column.width,
            }
            for column in columns
        ],
        "first": page.first,
        "last": page.last,
        "hasMore": page.has_more or is_back,
        "hasBefore": page.has_more if is_back else request.cursor is not None,
        "sorted": _sorted(request, around, language),
        "stamp": around.stamp,
        "empty": _empty(address, language),
        "error": "",
    }


def frame_view(address: str, request: ListRequest, around: Surroundings) -> dict[str, Any]:
    """Return what stays while rows change: tabs, filters, rights."""
    language = around.by.language
    columns = [
        [column.key, say(language, column.label)] for column in columns_seen(all_columns(around.fields), around.by)
    ]
    return {
        "address": address,
        "filterKey": urlencode([pair for pair in parse_pairs(address) if pair[0] not in ("sort", "columns")]),
        "search": request.search,
        "sort": request.sort,
        "allColumns": columns,
        "filters": _active(request, around, language),
        "ranges": _ranges(request, language),
        "custom": [[field.key, field.label] for field in around.fields],
        "tabs": tabs(address, around),
        "people": [[str(user_id), name] for user_id, name in around.people],
        "may": {
            "edit": may(around.by, "crm.edit_leads"),
            "export": may(around.by, "crm.export_leads"),
            "share": may(around.by, "records.share_view"),
        },
    }


def counts_view(request: ListRequest, page: ListPage, around: Surroundings) -> dict[str, Any]:
    """Return totals, quick chips and facets of a counted page."""
    language = around.by.language
    chips = page.chips or {}
    total = page.total or 0
    totals: list[Any] = [count(total, "piste", "pistes", language)]
    if page.amount:
        totals.append([say(language, "Total"), money(page.amount)])
    return {
        "total": total,
        "totals": totals,
        "quick": _quick(request, chips, around, language),
        "facets": [_facet(name, request, chips, around, language) for name in FACET_LABELS],
    }


def tabs(address: str, around: Surroundings) -> list[dict[str, Any]]:
    """Return the views that every list has, then the saved ones."""
    mine = urlencode([*parse_pairs(OPEN), ("owner", str(around.by.user_id))])
    built_in = [("Ouvertes", OPEN), ("Mes pistes", mine), ("Toutes", EVERYTHING)]
    language = around.by.language
    found = [{"id": "", "name": say(language, name), "query": query} for name, query in built_in]
    found += [
        {"id": str(view.view_id) if view.own else "", "name": view.name, "query": view.query} for view in around.views
    ]
    here = sorted(parse_pairs(address))
    return [{**tab, "on": sorted(parse_pairs(tab["query"])) == here} for tab in found]


def _quick(
    request: ListRequest, chips: Mapping[str, Mapping[str, int]], around: Surroundings, language: str
) -> list[dict[str, Any]]:
    groups = [
        ("open", "Ouvertes", [state.value for state in OPEN_STATES]),
        ("converted", "Converties", [LeadState.CONVERTED.value]),
        ("lost", "Perdues", [LeadState.LOST.value]),
    ]
    by_state = chips.get("state", {})
    found: list[dict[str, Any]] = [
        {
            "key": key,
            "label": say(language, label),
            "set": {"state": states},
            "on": set(request.state) == set(states),
            "count": _number(sum(by_state.get(state, 0) for state in states)),
        }
        for key, label, states in groups
    ]
    me = str(around.by.user_id)
    mine = {
        "key": "mine",
        "label": say(language, "À moi"),
        "set": {"owner": [me]},
        "on": request.owner == (me,),
        "count": _number(chips.get("owner", {}).get(around.by.user_id.hex if around.by.user_id else "", 0)),
    }
    likely = {
        "key": "likely",
        "label": say(language, "Signature ≥ 70 %"),
        "set": {"score_from": ["0.7"]},
        "on": request.score_from == 0.7,
        "count": None,
    }
    return [*found, mine, likely]


def _number(amount: int) -> str:
    return quantity(Decimal(amount))


def _facet(
    name: str,
    request: ListRequest,
    chips: Mapping[str, Mapping[str, int]],
    around: Surroundings,
    language: str,
) -> dict[str, Any]:
    counted = chips.get(name, {})
    options = [
        (str(UUID(value)) if name == "owner" and value != NOBODY else value, number)
        for value, number in sorted(counted.items(), key=lambda pair: -pair[1])[:MOST_OPTIONS]
    ]
    chosen = list(request.facet(name))
    options += [(value, 0) for value in chosen if value not in dict(options)]
    if name == "state":
        options.sort(key=lambda pair: list(LeadState).index(LeadState(pair[0])))
    return {
        "key": name,
        "label": say(language, FACET_LABELS[name]),
        "chosen": chosen,
        "options": [[value, _facet_label(name, value, around, language), _number(number)] for value, number in options],
    }


def _facet_label(name: str, value: str, around: Surroundings, language: str) -> str:
    if name == "state":
        return state_label(LeadState(value), language)
    if name == "owner":
        return say(language, "personne") if value == NOBODY else around.names.get(UUID(value), value)
    return value or say(language, "sans indication")


def _active(request: ListRequest, around: Surroundings, language: str) -> list[dict[str, str]]:
    """Return the filters that no quick chip shows, each with × to remove it."""
    found = []
    shown_by_quick = {
        "state": set(request.state) in ({state.value for state in OPEN_STATES}, {"converted"}, {"lost"}),
        "owner": request.owner == (str(around.by.user_id),),
    }
    for name in FACET_LABELS:
        for value in () if shown_by_quick.get(name) else request.facet(name):
            found.append({"name": name, "value": value, "label": _facet_label(name, value, around, language)})
    if request.score_from is not None and request.score_from != 0.7:
        label = say(language, "Signature ≥ {share}", share=percent(request.score_from))
        found.append({"name": "score_from", "value": _plain(request.score_from), "label": label})
    if request.score_to is not None:
        label = say(language, "Signature ≤ {share}", share=percent(request.score_to))
        found.append({"name": "score_to", "value": _plain(request.score_to), "label": label})
    if request.received_from:
        label = say(language, "Reçue dès le {day}", day=day(request.received_from))
        found.append({"name": "from", "value": str(request.received_from), "label": label})
    if request.received_to:
        label = say(language, "Reçue jusqu’au {day}", day=day(request.received_to))
        found.append({"name": "to", "value": str(request.received_to), "label": label})
    if request.import_id:
        found.append({"name": "import", "value": str(request.import_id), "label": say(language, "D’un import")})
    return found + _active_custom(request, around)


def _active_custom(request: ListRequest, around: Surroundings) -> list[dict[str, str]]:
    labels = {field.key: field.label for field in around.fields}
    signs = {"is": "=", "from": "≥", "to": "≤", "contains": "∋"}
    return [
        {
            "name": CUSTOM + condition.key,
            "value": f"{condition.operator}:{condition.value}",
            "label": f"{labels.get(condition.key, condition.key)} {signs[condition.operator]} {condition.value}",
        }
        for condition in request.custom
    ]


def _plain(share: float) -> str:
    return format(share, "g")


def _ranges(request: ListRequest, language: str) -> list[dict[str, Any]]:
    def share(value: float | None) -> str:
        return "" if value is None else format(round(value * 100, 6), "g")

    def on(value: date | None) -> str:
        return day(value) if value else ""

    shares = [
        ("score_from", "Signature, au moins %", share(request.score_from)),
        ("score_to", "Signature, au plus %", share(request.score_to)),
    ]
    days = [("from", "Reçue dès le", on(request.received_from)), ("to", "Reçue jusqu’au", on(request.received_to))]
    return [
        *(_range(name, say(language, label), value, is_share=True) for name, label, value in shares),
        *(_range(name, say(language, label), value, is_share=False) for name, label, value in days),
    ]


def _range(name: str, label: str, value: str, *, is_share: bool) -> dict[str, Any]:
    return {"name": name, "label": label, "type": "number" if is_share else "text", "percent": is_share, "value": value}


def _sorted(request: ListRequest, around: Surroundings, language: str) -> str:
    labels = {column.sort: column.label for column in all_columns(around.fields) if column.sort}
    label = say(language, labels.get(request.sort_key, request.sort_key))
    return say(language, "Tri : {column}", column=label)


def _empty(address: str, language: str) -> list[str]:
    """Return title, sentence, and the one offer of an empty list."""
    if sorted(parse_pairs(address)) == sorted(parse_pairs(OPEN)):
        return [
            say(language, "Aucune piste ouverte."),
            say(language, "Elles arrivent par l’import d’un fichier ou la saisie à la main."),
            say(language, "Importer un fichier"),
            routes.IMPORT_LEADS,
        ]
    return [
        say(language, "Aucune piste ne correspond."),
        say(language, "Retirer un filtre ou chercher un mot plus court."),
        "",
        "",
    ]


def as_text(view: Mapping[str, Any]) -> str:
    """Return the view as the one string that travels."""
    return json.dumps(view, ensure_ascii=False, separators=(",", ":"))
