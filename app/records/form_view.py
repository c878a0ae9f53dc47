"""A form as the screen gets it: one JSON text with fields, values, errors, conflicts and the sentence on the draft."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.doors import ask, now
from app.records.forms import FieldSpec, told
from app.text import instant, say
from db.access.people.queries import open_people, user_names
from db.access.rules import Actor
from db.records.columns.rules import ValueType
from db.records.conflicts.rules import FieldMeanwhile

if TYPE_CHECKING:
    from app.records.saving import Open


DAY = timedelta(days=1)


@dataclass(frozen=True)
class Shown:
    """What a form is shown with: where it belongs, what was typed and chosen, what is wrong, since when it is kept."""

    form: str
    record: str
    seen: str
    values: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    kept_at: datetime | None = None
    opened: str = ""  # when it was opened anew; empty when what is typed is to stay as it is


def form_view(opened: "Open", said: Shown, by: Actor) -> str:
    """Return the form as JSON. Fields that only others changed show their value; those that both changed ask."""
    mine = opened.mine(said.values)
    names = _names(opened, said, by)
    fields = [_field(opened, spec, said, mine, names, by) for spec in opened.fields]
    view = {
        "form": said.form,
        "record": said.record,
        "seen": said.seen,
        "opened": said.opened,
        "fields": fields,
        "draft": "" if said.kept_at is None else instant(said.kept_at, said.kept_at - DAY),
        "conflict": any(one["theirs"] for one in fields),
        "general": said.errors.get("", ""),
    }
    return json.dumps(view, ensure_ascii=False)


def _field(
    opened: "Open", spec: FieldSpec, said: Shown, mine: Mapping[str, str], names: Mapping[str, str], by: Actor
) -> dict[str, Any]:
    typed = said.values.get(spec.name)
    keeps_typed = typed is not None and (spec.name in mine or not opened.meanwhile.get(spec.name))
    value = typed if keeps_typed and typed is not None else opened.now(spec)
    changed = opened.meanwhile.get(spec.name)
    assert spec.type is not None
    return {
        "name": spec.name,
        "label": spec.label if spec.custom else say(by.language, spec.label),
        "type": spec.type.value,
        "value": value,
        "text": names.get(value, "") if spec.type is ValueType.RECORD else "",
        "required": bool(spec.required),
        "wide": spec.wide,
        "hint": say(by.language, spec.hint) if spec.hint else "",
        "locked": say(by.language, opened.record.locked[spec.name]) if spec.name in opened.record.locked else "",
        "options": _options(spec, value, names, by),
        "error": said.errors.get(spec.name, ""),
        "told": _told(spec, changed, names, by) if changed else "",
        "theirs": changed.at.isoformat() if changed and spec.name in mine else "",
        "theirValue": opened.now(spec) if changed else "",
        "theirText": names.get(opened.now(spec), "") if changed and spec.type is ValueType.RECORD else "",
        "choice": said.choices.get(spec.name, "").partition("|")[0],
    }


def _told(spec: FieldSpec, changed: FieldMeanwhile, names: Mapping[str, str], by: Actor) -> str:
    """Say who changed a field, when, and from what to what: « Anne a modifié à 10:42 : 1'200.00 → 1'500.00 »."""
    at = now()
    sentence = "{name} a modifié « {field} » à {when} : {before} → {after}"
    if changed.by_id == by.user_id:
        sentence = "Vous avez modifié « {field} » ailleurs à {when} : {before} → {after}"
    elif ":" not in instant(changed.at, at)[:3]:  # not today
        sentence = "{name} a modifié « {field} » le {when} : {before} → {after}"
    return say(
        by.language,
        sentence,
        name=changed.by_name,
        field=spec.label if spec.custom else say(by.language, spec.label),
        when=instant(changed.at, at),
        before=told(spec, changed.before, names, by.language),
        after=told(spec, changed.after, names, by.language),
    )


def _options(spec: FieldSpec, value: str, names: Mapping[str, str], by: Actor) -> list[list[str]]:
    if spec.type is ValueType.YES_NO:
        return [["", "—"], ["yes", say(by.language, "oui")], ["no", say(by.language, "non")]]
    if spec.type is ValueType.PERSON:
        here = [(str(user_id), name) for user_id, name in ask(by, open_people)]
        gone = [(value, names.get(value, "—"))] if value and value not in dict(here) else []
        return [["", say(by.language, "personne")], *map(list, [*here, *gone])]
    if spec.type is ValueType.CHOICE:
        nothing = [] if spec.required else [["", "—"]]
        plain = spec.custom is not None
        gone = [[value, value]] if plain and value and value not in dict(spec.choices) else []  # offered no more
        return [*nothing, *([key, label if plain else say(by.language, label)] for key, label in spec.choices), *gone]
    return []


def _names(opened: "Open", said: Shown, by: Actor) -> dict[str, str]:
    """Return the names of the people and records that the form's values point to."""
    pointing = [spec for spec in opened.fields if spec.type is ValueType.RECORD]
    ids = {said.values.get(spec.name, "") for spec in pointing} | {opened.now(spec) for spec in pointing}
    for changed in (opened.meanwhile.get(spec.name) for spec in pointing):
        ids |= {str(changed.before or ""), str(changed.after or "")} if changed else set()
    find = opened.form.names
    records = dict(find(by, sorted(ids - {""}))) if find is not None and ids - {""} else {}
    people = {str(user_id): name for user_id, name in ask(by, user_names).items()}
    return {**people, **records}
