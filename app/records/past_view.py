"""A record as it was on a day, in words: each field then and today, and who changed it since."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from app.custom_words import value_text as custom_text
from app.doors import ask, now
from app.history_view import BOOKKEEPING, Reader, places_pointed_to, value_text
from app.history_words import ACTIONS, COLUMNS, word
from app.records.forms import FORMS, FieldSpec, FormRecord, FormSpec, fields_of, told
from app.records.kinds import address_of
from app.records.story import field_specs
from app.text import SWITZERLAND, day, instant, say
from db.access.people.queries import user_names
from db.access.rules import Actor, may
from db.kernel.errors import BadInput
from db.records.custom_fields.queries import known_fields
from db.records.custom_fields.rules import value_of
from db.records.past.queries import CUSTOM, Since, ThenAndNow, then_and_now
from db.records.search.queries import titles_of

MOST_DEEDS = 3


@dataclass
class PastField:
    """One field as the screen shows it: `changed` when it is something else today."""

    label: str
    then: str
    now: str
    changed: bool
    deeds: list[str] = field(default_factory=list)


@dataclass
class PastView:
    """A record on a day; `words` say what cannot be shown."""

    name: str
    href: str
    fields: list[PastField]
    words: list[str]
    summary: str = ""


def end_of_day(chosen: date) -> datetime:
    """Return the last instant of a Swiss day."""
    return datetime.combine(chosen + timedelta(days=1), time.min, SWITZERLAND) - timedelta(microseconds=1)


def read_day(text: str) -> date:
    """Return a day as people or addresses write it.

    Raises: BadInput: there is no such day, or it is yet to come.
    """
    for style in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            found = datetime.strptime(text.strip(), style).date()  # noqa: DTZ007 - a day
        except ValueError:
            continue
        if found > now().astimezone(SWITZERLAND).date():
            raise BadInput("Le {day} n’est pas encore passé : choisir un jour jusqu’à aujourd’hui.", day=day(found))
        return found
    raise BadInput("Ce jour n’existe pas : écrire 24.11.2026.")


def read_past(actor: Actor, kind: str, record_id: UUID, chosen: date) -> PastView:
    """Return a record as it was at the end of a day.

    Raises: NotAllowed, NotFound.
    """
    found = ask(actor, then_and_now, kind=kind, record_id=record_id, at=end_of_day(chosen), by=actor)
    fields = _fields(actor, kind, found) if found.then.exists else []
    title = ask(actor, titles_of, places=[(kind, record_id)], by=actor).get((kind, record_id), "")
    name = title or str(found.then.values.get("name") or found.now.values.get("name") or "")
    href = address_of(kind, record_id) if found.now.exists else ""
    return PastView(name, href, fields, _words(actor, found, chosen), _summary(actor, found, fields))


def _summary(actor: Actor, found: ThenAndNow, fields: list[PastField]) -> str:
    """Return in words how many values are not what they were."""
    changed = sum(one.changed for one in fields)
    if not found.now.exists:
        return ""
    if changed > 1:
        return say(actor.language, "{count} valeurs ont changé depuis.", count=changed)
    return say(actor.language, "Une valeur a changé depuis." if changed else "Rien n’a changé depuis.")


def _words(actor: Actor, found: ThenAndNow, chosen: date) -> list[str]:
    """Return what is to be said besides the fields: not there yet, not there any more, erased."""
    language, words = actor.language, []
    if not found.then.exists and found.made and found.made.at > end_of_day(chosen):
        words.append(_told(language, "Cette fiche n’existait pas encore : {who} l’a créée le {when}.", found.made))
    elif not found.then.exists and found.removed:
        words.append(_told(language, "Cette fiche n’existait plus : {who} l’a supprimée le {when}.", found.removed))
    elif not found.then.exists:
        words.append(say(language, "Cette fiche était supprimée ce jour-là ; elle a été rétablie depuis."))
    elif found.removed:
        words.append(_told(language, "Cette fiche n’existe plus : {who} l’a supprimée le {when}.", found.removed))
    if found.then.incomplete:
        words.append(
            say(language, "Des valeurs d’avant ce jour ont été effacées (protection des données) : elles manquent ici.")
        )
    return words


def _told(language: str, message_id: str, since: Since) -> str:
    return say(language, message_id, who=since.actor_name, when=instant(since.at))


def _fields(actor: Actor, kind: str, found: ThenAndNow) -> list[PastField]:
    specs, reader = {**field_specs(actor, kind), **_own_fields(actor, kind)}, _reader(actor, kind, found)
    then, today = _flat(found.then.values), _flat(found.now.values)
    names = [name for name in {**dict.fromkeys(specs), **then, **today} if name in then or name in today]
    shown = [name for name in names if name in specs or _has_words(name)]
    return [_field(name, then, today, found, specs, reader) for name in shown]


def _own_fields(actor: Actor, kind: str) -> dict[str, FieldSpec]:
    """Return the company's own fields of a kind, also of one that has no form."""
    custom = ask(actor, known_fields, kind=kind, by=actor) if may(actor, "records.read") else []
    return {one.name: one for one in fields_of(FormSpec("", kind, ()), FormRecord({}, custom=custom), actor)}


def _has_words(name: str) -> bool:
    return name in COLUMNS and name not in BOOKKEEPING and name != CUSTOM


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    own = values.get(CUSTOM)
    own = own if isinstance(own, dict) else {}
    return {**{k: v for k, v in values.items() if k != CUSTOM}, **{f"{CUSTOM}.{k}": v for k, v in own.items()}}


def _field(
    name: str,
    then: Mapping[str, Any],
    today: Mapping[str, Any],
    found: ThenAndNow,
    specs: Mapping[str, FieldSpec],
    reader: Reader,
) -> PastField:
    before, after = (_value(name, side.get(name), specs, reader) for side in (then, today))
    changed = found.now.exists and before != after
    deeds = [_deed(one, reader) for one in reversed(found.since.get(name, ()))]
    more = len(deeds) - MOST_DEEDS
    told_deeds = [*deeds[:MOST_DEEDS], *([say(reader.language, "et {count} autres", count=more)] if more > 0 else [])]
    return PastField(_label(name, specs, reader.language), before, after if changed else "", changed, told_deeds)


def _deed(one: Since, reader: Reader) -> str:
    return f"{instant(one.at, reader.at)} · {one.actor_name} · {word(reader.language, ACTIONS, one.action)}"


def _label(name: str, specs: Mapping[str, FieldSpec], language: str) -> str:
    spec = specs.get(name)
    if spec is not None:
        return spec.label if spec.custom else say(language, spec.label)
    text = word(language, COLUMNS, name)
    return text[:1].upper() + text[1:]


def _value(name: str, value: Any, specs: Mapping[str, FieldSpec], reader: Reader) -> str:
    if value is None or value == "":
        return "—"
    spec = specs.get(name)
    if spec is None or spec.name == "state":
        return value_text(value, name, reader)
    if spec.custom is not None:
        return custom_text(spec.custom, value_of(spec.custom, value), reader.language) or "—"
    return told(spec, value, reader.names, reader.language)


def _reader(actor: Actor, kind: str, found: ThenAndNow) -> Reader:
    """Return the reader with the names of the people and records that the values point to."""
    names = {str(key): name for key, name in ask(actor, user_names).items()}
    sides = (found.then.values, found.now.values)
    places = {place for side in sides for place in places_pointed_to(side)}
    names |= {str(key): title for (_, key), title in ask(actor, titles_of, places=list(places), by=actor).items()}
    finder = next((form.names for form in FORMS.values() if form.spec.kind == kind and form.names), None)
    if finder is not None:
        ids = {v for side in sides for v in side.values() if isinstance(v, str) and len(v) == 36}
        names |= dict(finder(actor, sorted(ids)))
    return Reader(actor.language, now(), names)
