"""Rows, counts and single rows of a list, asked for a person."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode

from app.doors import ask, now
from app.lists.address import Address, chosen_columns, taken_apart
from app.lists.counting import counted_once
from app.lists.counts import counts_view
from app.lists.kind import Around, ListKind
from app.lists.view import page_view, refused_view, row_view
from app.text import say
from db.access.people.queries import open_people, user_names
from db.access.rules import Actor, may
from db.kernel.errors import BusinessError
from db.records.custom_fields.queries import custom_fields_for
from db.records.custom_fields.rules import PREFIX
from db.records.views.queries import saved_views


def surroundings(kind: ListKind, actor: Actor) -> Around:
    """Return what the list shows besides its rows."""
    sees_fields = may(actor, "records.read")
    return Around(
        by=actor,
        at=now(),
        fields=ask(actor, custom_fields_for, kind=kind.record, by=actor, group=kind.group) if sees_fields else [],
        people=ask(actor, open_people),
        names={**ask(actor, user_names), **kind.more_names(actor)},
        views=ask(actor, saved_views, kind=kind.key, by=actor),
        stamp=kind.stamp(actor),
    )


def read_rows(kind: ListKind, actor: Actor, address: str) -> dict[str, Any]:
    """Return what the list shows for an address, without its counts."""
    around = surroundings(kind, actor)
    asked = taken_apart(kind, address, around.views)
    try:
        page = ask(actor, kind.queries.page, request=kind.read_request(asked.asked), by=actor)
        return page_view(kind, asked, page, around)
    except BusinessError as refusal:
        return refused_view(kind, in_words(actor, refusal), around)


def read_counts(kind: ListKind, actor: Actor, address: str) -> dict[str, Any]:
    """Return totals, chips and groups of the view that an address holds; nothing when it cannot be shown."""
    around = surroundings(kind, actor)
    asked = taken_apart(kind, address, around.views)
    try:
        whole = _counted_by(asked)
        request = kind.read_request(whole)
        read = partial(ask, actor, kind.queries.counts, request=request, by=actor)
        counts = counted_once(kind.key, actor, whole, read)
    except BusinessError:
        return {}
    return counts_view(kind, asked, counts, around)


def _counted_by(asked: Address) -> str:
    """Return the address whose counts are wanted: with the group, where a field that the company added makes it."""
    return f"{asked.whole}&{urlencode({'group': asked.group})}" if asked.group.startswith(PREFIX) else asked.whole


def fresh_rows(kind: ListKind, actor: Actor, address: str, ids: list[Any]) -> list[list[Any]]:
    """Return single rows as the list draws them at an address."""
    around = surroundings(kind, actor)
    wanted = "".join(parse_qs(taken_apart(kind, address, around.views).base).get("columns", [""]))
    columns = chosen_columns(kind, wanted, around)
    return [row_view(row, columns, around) for row in ask(actor, kind.queries.rows, ids=ids, by=actor)]


def facts_of(kind: ListKind, actor: Actor, record_id: Any) -> dict[str, Any]:
    """Return a record as the panel beside the list shows it: its name, and the label and text of each column."""
    around = surroundings(kind, actor)
    rows = ask(actor, kind.queries.rows, ids=[record_id], by=actor)
    if not rows:
        return {}
    today, language = around.at.date(), actor.language
    facts = [
        {"label": say(language, column.label), "text": text_of(column.cell(rows[0], language, today))}
        for column in kind.columns_seen(around)
        if column.key != "name"
    ]
    return {"id": rows[0].record_id.hex, "name": rows[0].name, "facts": [fact for fact in facts if fact["text"]]}


def text_of(cell: Any) -> str:
    """Return a drawn value as text."""
    if isinstance(cell, list):
        return " ".join(str(part) for part in cell[1:2] or cell if part is not None)
    return "" if cell is None else str(cell)


def in_words(actor: Actor, refusal: BusinessError) -> str:
    """Return a refusal in the person's language."""
    return say(actor.language, refusal.message_id, **refusal.params)


def view_of(kind: ListKind, actor: Actor, address: str) -> Address:
    """Return the view that an address means for a person."""
    return taken_apart(kind, address, ask(actor, saved_views, kind=kind.key, by=actor))
