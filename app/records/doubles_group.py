"""The records that a record likely doubles, on its page, each leading to both side by side."""

from collections.abc import Mapping
from uuid import UUID

from app import routes
from app.doors import ask
from app.records.doubles import in_words
from app.records.page_view import Group, Related
from app.text import say
from db.access.rules import Actor
from db.records.duplicates.queries import likely_doubles


def doubles_group(by: Actor, kind: str, record_id: UUID, group: str, values: Mapping[str, object]) -> Group:
    """Return the likely doubles of a record that the person reaches, and where any two are put side by side."""
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    found = ask(by, likely_doubles, kind=kind, group=group, values=texts, besides=record_id, by=by)
    lines = [
        Related(one.name, in_words(one.reasons, by.language), routes.comparison(kind, record_id, one.record_id))
        for one in found
        if one.record_id is not None
    ]
    add = routes.comparison(kind, record_id)
    title, nothing = say(by.language, "Doublons possibles"), say(by.language, "Aucun doublon repéré.")
    return Group(title, lines, nothing, say(by.language, "Fusionner avec…"), add)
