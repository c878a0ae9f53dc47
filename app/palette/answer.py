"""What the palette answers: pages, actions, records and people, in groups, as one JSON text."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app import routes
from app.doors import ask
from app.navigation import ENTRIES, SETTINGS
from app.palette.actions import PaletteAction, Wish, open_actions, wishes
from app.palette.compute import computed
from app.platform import SCREENS, Screen
from app.records.kinds import KINDS_ON_SCREEN, address_of
from app.text import say
from db.access.people.queries import people
from db.access.rules import ANYBODY, Actor, may
from db.records.kinds.rules import KINDS
from db.records.recent.queries import recent_targets
from db.records.search.queries import Found, found_records, recent_records
from db.records.search.rules import fold, is_near

LONGEST = 200
RECORDS, PER_KIND = 15, 5
PAGES, ACTIONS, SUBJECTS, PEOPLE, RECENT = 5, 4, 3, 4, 9
PARTS = {"note": ("Notes", "notebook-pen"), "attached_file": ("Fichiers", "paperclip")}
Item = dict[str, str]
Group = dict[str, Any]


def answer(actor: Actor, typed: str, at: datetime) -> str:
    """Return what is offered for what was typed, as the palette reads it; `at` tells an answer from the one before."""
    typed = typed[:LONGEST]
    text = typed.strip()
    groups = _groups(actor, text)
    found = [group for group in groups if group["items"]]
    return json.dumps({"q": typed, "at": at.isoformat(), "groups": found}, ensure_ascii=False)


def _groups(actor: Actor, text: str) -> list[Group]:
    language = actor.language
    if not text:
        return [_group(language, "Dernières utilisées", _recent(actor))]
    if text.startswith("="):
        return [_group(language, "Calcul", _result(text[1:], language))]
    if text.startswith(">"):
        return [_group(language, "Agir", _deeds(actor, text[1:].strip(), all_shown=True))]
    if text.startswith("#"):
        return _records(actor, text[1:].strip())
    return _everything(actor, text)


def _everything(actor: Actor, text: str) -> list[Group]:
    wished = [wish for wish in wishes(text, actor) if wish.matched > 0]
    is_order = any(wish.subject or wish.matched == len(fold(text).split()) > 1 for wish in wished)
    deeds = _group(actor.language, "Agir", _deeds(actor, text, all_shown=False))
    pages = _group(actor.language, "Aller à", _pages(actor, text))
    records = _records(actor, text)
    people_found = _group(actor.language, "Personnes", _people(actor, text))
    begins = [page for page in pages["items"] if fold(page["title"]).startswith(fold(text))]
    about = _group(actor.language, "Agir sur le premier résultat", _about_first(actor, records))
    if is_order:
        return [deeds, *records, pages, people_found]
    return [*([pages] if begins else []), *records, deeds, about, people_found, *([] if begins else [pages])]


def _group(language: str, label: str, items: Sequence[Item]) -> Group:
    return {"label": say(language, label), "items": list(items)}


# --- pages


def _open_pages(actor: Actor) -> list[Screen]:
    return [
        one
        for one in SCREENS
        if "[" not in one.route and one.permission != ANYBODY and one.title and may(actor, one.permission)
    ]


def _pages(actor: Actor, text: str) -> list[Item]:
    words = fold(text).split()
    shown = [_page(one, actor.language) for one in _open_pages(actor)]
    hits = [page for page in shown if all(_in_title(word, page["title"]) for word in words)]
    return sorted(hits, key=lambda page: not fold(page["title"]).startswith(fold(text)))[:PAGES]


def _in_title(word: str, title: str) -> bool:
    own = fold(title).split()
    return any(one.startswith(word) or (len(word) > 3 and is_near(word, one)) for one in own)


def _page(screen: Screen, language: str) -> Item:
    entry = next((one for one in (*ENTRIES, *SETTINGS) if one.route == screen.route), None)
    return {
        "id": f"page:{screen.route}",
        "icon": entry.icon if entry else "file",
        "title": say(language, entry.label if entry else screen.title),
        "note": "",
        "keys": entry.key if entry else "",
        "href": screen.route,
    }


# --- records


def _records(actor: Actor, text: str) -> list[Group]:
    found = ask(actor, found_records, query=text, by=actor, limit=RECORDS, per_kind=PER_KIND)
    found = [one for one in found if _address(one)]
    kinds = list(dict.fromkeys(one.kind for one in found))
    return [
        _group(actor.language, _label(kind), [_record(one, actor.language) for one in found if one.kind == kind])
        for kind in kinds
    ]


def _label(kind: str) -> str:
    described = KINDS.get(kind)
    return described.plural if described else PARTS.get(kind, (kind, ""))[0]


def _record(found: Found, language: str) -> Item:
    note = " · ".join(part for part in found.subtitle.split(" · ") if part not in found.title)
    shown = KINDS_ON_SCREEN.get(found.kind)
    return {
        "id": f"{found.kind}:{found.record_id}",
        "icon": shown.icon if shown else PARTS.get(found.kind, ("", "file"))[1],
        "title": found.title,
        "note": note,
        "href": _address(found),
        "near": say(language, "orthographe proche") if found.is_near else "",
    }


def _address(found: Found) -> str:
    if found.parent_kind:
        return address_of(found.parent_kind, found.parent_id)
    return address_of(found.kind, found.record_id)


# --- actions


def _deeds(actor: Actor, text: str, *, all_shown: bool) -> list[Item]:
    if all_shown and not text:
        return [_deed(one, actor.language) for one in open_actions(actor) if one.href or one.act]
    items: list[Item] = []
    for wish in wishes(text, actor):
        items += _about(actor, wish) if wish.subject else _plain(actor, wish)
    return items[: None if all_shown else ACTIONS]


def _plain(actor: Actor, wish: Wish) -> list[Item]:
    return [_deed(wish.action, actor.language)] if wish.action.href or wish.action.act else []


def _about(actor: Actor, wish: Wish) -> list[Item]:
    found = ask(actor, found_records, query=wish.subject, by=actor, limit=RECORDS, per_kind=SUBJECTS)
    return [_deed_about(wish.action, one, actor.language) for one in found if one.kind in wish.action.about][:SUBJECTS]


def _about_first(actor: Actor, records: Sequence[Group]) -> list[Item]:
    """Return what can be done with the first record that was found."""
    first = next((item for group in records for item in group["items"]), None)
    if first is None:
        return []
    kind, _, record_id = first["id"].partition(":")
    found = Found(kind, record_id, first["title"], first["note"])  # type: ignore[arg-type]
    return [_deed_about(one, found, actor.language) for one in open_actions(actor) if kind in one.about]


def _deed(action: PaletteAction, language: str) -> Item:
    return {
        "id": f"action:{action.name}",
        "icon": action.icon,
        "title": say(language, action.label),
        "note": "",
        "href": action.href,
        "act": action.act,
    }


def _deed_about(action: PaletteAction, found: Found, language: str) -> Item:
    assert action.address is not None, "an action about records has an address"
    return {
        "id": f"action:{action.name}",
        "icon": action.icon,
        "title": say(language, action.label_about, name=found.title),
        "note": found.subtitle,
        "href": action.address(found),
        "focus": action.focus,
    }


# --- people, results, what was used last


def _people(actor: Actor, text: str) -> list[Item]:
    if not may(actor, "access.read_users"):
        return []
    words = fold(text).split()
    hits = [one for one in ask(actor, people) if all(word in fold(f"{one.name} {one.email}") for word in words)]
    return [
        {"id": f"user:{one.id}", "icon": "user", "title": one.name, "note": one.email, "href": routes.PEOPLE}
        for one in hits[:PEOPLE]
    ]


def _result(text: str, language: str) -> list[Item]:
    result = computed(text)
    if not result:
        return []
    copied = say(language, "Copier le résultat")
    return [{"id": "", "icon": "equal", "title": result, "note": copied, "href": "", "act": f"copy:{result}"}]


def _recent(actor: Actor) -> list[Item]:
    records = {f"{one.kind}:{one.record_id}": one for one in ask(actor, recent_records, by=actor, limit=RECENT)}
    pages = {f"page:{one.route}": one for one in _open_pages(actor)}
    actions = {f"action:{one.name}": one for one in open_actions(actor) if one.href or one.act}
    items: list[Item] = []
    for target in ask(actor, recent_targets, by=actor):
        if target in records:
            items.append(_record(records[target], actor.language))
        elif target in pages:
            items.append(_page(pages[target], actor.language))
        elif target in actions:
            items.append(_deed(actions[target], actor.language))
    return items[:RECENT] or [_page(one, actor.language) for one in _open_pages(actor)][:PAGES]
