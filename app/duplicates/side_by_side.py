"""Two records side by side, in words: what each says, what would be kept, what would follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.custom_words import value_text
from app.doors import ask
from app.history_words import COLUMNS, KINDS
from app.records.kinds import address_of
from app.text import day, money, say
from db.access.people.queries import user_names
from db.access.rules import Actor, may
from db.kernel.phones import shown_phone
from db.parties.queries import party_names
from db.records.custom_fields.queries import known_fields
from db.records.custom_fields.rules import CustomField, value_of
from db.records.merging.queries import Comparison, Side, comparison
from db.records.merging.rules import CUSTOM_PREFIX, is_empty, merger_of

LEFT, RIGHT = "a", "b"
UNTRACKED = {"timeline_entry": "Ligne du fil", "follower": "Personne qui suit"}  # what history does not keep


@dataclass
class FieldLine:
    """One field of both records; `can_choose`: both say something, and not the same."""

    name: str
    label: str
    left: str
    right: str
    can_choose: bool
    picked: str


@dataclass
class Column:
    """One of the two records at the head of its column, and what hangs on it."""

    record_id: str
    name: str
    since: str
    href: str
    hanging: str
    version: int


@dataclass
class SideBySide:
    """What the page shows."""

    left: Column
    right: Column
    lines: list[FieldLine]
    keeps: str
    problem: str


def read_sides(actor: Actor, kind: str, ids: tuple[UUID, UUID], *, swapped: bool | None = None) -> SideBySide:
    """Return two records side by side; `swapped` says that the right one is kept (None: the likelier one).

    Raises: BusinessError.
    """
    found = ask(actor, comparison, kind=kind, record_ids=ids, by=actor)
    if swapped is None:
        swapped = found.keeps == ids[1]
    if swapped:  # what can stand against a merge depends on which of the two is kept
        turned = ask(actor, comparison, kind=kind, record_ids=(ids[1], ids[0]), by=actor)
        problem, params = turned.problem, turned.problem_params or {}
    else:
        problem, params = found.problem, found.problem_params or {}
    keeps = RIGHT if swapped else LEFT
    lines = _lines(found, keeps, actor)
    left, right = (_column(kind, side, actor.language) for side in found.sides)
    return SideBySide(left, right, lines, keeps, say(actor.language, problem, **params) if problem else "")


def _column(kind: str, side: Side, language: str) -> Column:
    words = KINDS | UNTRACKED
    hanging = [f"{say(language, words.get(table, table))} : {count}" for table, count in side.hanging.items()]
    since = say(language, "créée le {day}", day=day(side.created_at))
    link = address_of(kind, side.record_id)
    return Column(str(side.record_id), side.name, since, link, " · ".join(hanging), side.row_version)


def _lines(found: Comparison, keeps: str, actor: Actor) -> list[FieldLine]:
    together = merger_of(found.kind).together
    words = _Words(found.kind, actor, found)
    lines = []
    for name in found.fields:
        if name in together:
            continue
        lines.append(
            _line(name, words.label(name), [words.told(name, side.values[name]) for side in found.sides], keeps)
        )
    seen = [name for name in together if name in found.fields]
    if seen:
        told = [", ".join(str(side.values[name]) for name in seen if side.values[name]) for side in found.sides]
        lines.append(_line(together[0], say(actor.language, "Adresse"), told, keeps))
    return lines


def _line(name: str, label: str, told: list[str], keeps: str) -> FieldLine:
    can_choose = bool(told[0] and told[1]) and told[0] != told[1]
    other = RIGHT if keeps == LEFT else LEFT
    own = told[0] if keeps == LEFT else told[1]
    return FieldLine(name, label, told[0], told[1], can_choose, keeps if own or not any(told) else other)


class _Words:
    """The words of fields and values."""

    def __init__(self, kind: str, actor: Actor, found: Comparison) -> None:
        self._actor = actor
        self._added: Mapping[str, CustomField] = {}
        if may(actor, "records.read"):
            self._added = {CUSTOM_PREFIX + one.key: one for one in ask(actor, known_fields, kind=kind, by=actor)}
        ids = [value for side in found.sides for value in side.values.values() if isinstance(value, UUID)]
        self._names = {one: name for one, name in ask(actor, user_names).items() if one in ids}
        if ids and may(actor, "parties.read"):
            self._names |= {one: party.name for one, party in ask(actor, party_names, party_ids=ids).items()}

    def label(self, name: str) -> str:
        """Return how a field is called."""
        if name in self._added:
            return self._added[name].label
        word = say(self._actor.language, COLUMNS.get(name, name))
        return word[:1].upper() + word[1:]

    def told(self, name: str, value: Any) -> str:
        """Return a value as text."""
        if name in self._added:
            return value_text(self._added[name], value_of(self._added[name], value), self._actor.language)
        if name == "phone" and value:
            return shown_phone(value)
        if is_empty(value):
            return ""
        if isinstance(value, UUID):
            return self._names.get(value, "—")
        if isinstance(value, Decimal):
            return money(value)
        if isinstance(value, datetime | date):
            return day(value)
        if isinstance(value, bool):
            return say(self._actor.language, "oui" if value else "non")
        return str(value)
