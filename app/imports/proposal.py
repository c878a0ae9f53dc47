"""Proposes where each column goes: by its name first, by what its values look like second, never against its values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from app.imports.columns import Column
from app.imports.kinds import Kind, Target
from app.imports.mapping import BY_FILE, CUSTOM, IGNORE, ColumnPlan, Plan, fold
from app.imports.values import is_missing
from db.records.custom_fields.rules import key_of

MOST_NEW_FIELDS = 120
ENOUGH, SURE = 0.5, 0.9
SHAPED = ("number", "date", "email", "phone", "canton", "postal_code")
IDENTIFIERS = frozenset(
    [
        "id",
        "no",
        "nr",
        "num",
        "numero",
        "number",
        "nummer",
        "ref",
        "reference",
        "referenz",
        "uuid",
        "guid",
        "key",
        "cle",
        "code",
        "seq",
        "identifiant",
    ]
)
PERSONAL = frozenset(
    [
        "nom",
        "prenom",
        "name",
        "vorname",
        "nachname",
        "firstname",
        "lastname",
        "adresse",
        "address",
        "rue",
        "strasse",
        "street",
        "email",
        "mail",
        "courriel",
        "telephone",
        "phone",
        "tel",
        "telefon",
        "mobile",
        "natel",
        "naissance",
        "birth",
        "birthday",
        "geburtsdatum",
        "geburtstag",
        "avs",
        "ahv",
        "iban",
        "passeport",
        "passport",
        "ip",
        "linkedin",
        "remarque",
        "remarques",
        "note",
        "notes",
        "commentaire",
        "commentaires",
        "comment",
        "comments",
        "bemerkung",
        "bemerkungen",
    ]
)


def propose(
    columns: Sequence[Column],
    *,
    kind: Kind,
    known_fields: Mapping[str, str],
    called: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """Return a plan for every column; `known_fields` are the types of the custom fields that exist, by key.

    `called` gives their keys by what they are called now (as `key_of` writes it). A column that is named as a field of
    the company goes there, unless it surely is something else.
    """
    chosen = _best_targets(columns, kind)
    plans: list[ColumnPlan] = []
    taken: set[str] = set()
    for column in columns:
        is_own = called.get(key_of(column.name), key_of(column.name)) in known_fields
        if column.name in chosen and not (is_own and chosen[column.name][1] < SURE):
            target, confidence = chosen[column.name]
            values = state_words(column, kind) if target.type == "state" else {}
            plans.append(ColumnPlan(column.name, target.key, round(confidence, 2), values=values, style=column.style))
        else:
            plans.append(_custom(column, kind, known_fields, called, taken))
    return Plan(tuple(plans), key=_key(columns, plans) if CUSTOM in kind.keys else "", order=_order(columns, plans))


def _best_targets(columns: Sequence[Column], kind: Kind) -> dict[str, tuple[Target, float]]:
    scores = [
        (likeness(column, target, kind), -place, column.name, target)
        for place, column in enumerate(columns)
        for target in kind.targets
    ]
    chosen: dict[str, tuple[Target, float]] = {}
    used: set[str] = set()
    for score, _, name, target in sorted(scores, key=lambda item: item[:2], reverse=True):
        if score >= ENOUGH and name not in chosen and target.key not in used:
            chosen[name] = (target, score)
            used.add(target.key)
    return chosen


def likeness(column: Column, target: Target, kind: Kind) -> float:
    """Return how sure it is, 0 to 1, that the column is that field."""
    by_name = _likeness_of_name(fold(column.name), target)
    if not column.filled:
        return min(by_name, 0.6)
    if target.type == "state":
        return by_name if by_name >= 0.9 and _says_states(column, kind) else 0.0
    if target.type == "yes_no":
        return by_name if column.type == "yes_no" else 0.0
    if target.type in ("uid", "country", "code"):
        return by_name
    if target.type in SHAPED:
        return _likeness_of_shape(by_name, column, target)
    if target.is_identity and column.filled > 20 and column.distinct < 0.3 * min(column.filled, 20_000):
        return 0.0
    if target.key == "house_number" and column.type == "number":
        return by_name if by_name >= 0.9 else 0.0
    return by_name if column.type == "text" else 0.0


def _likeness_of_name(header: str, target: Target) -> float:
    best = 0.0
    for position, word in enumerate(target.words):
        if header == word:
            return 0.97 - 0.001 * position
        speaks_for_itself = target.type in ("email", "phone", "canton") or 2 * len(word) >= len(header)
        if len(word) > 2 and speaks_for_itself and f" {word} " in f" {header} ":
            best = max(best, 0.5 + 0.3 * len(word) / len(header))
    return best


def _likeness_of_shape(by_name: float, column: Column, target: Target) -> float:
    share = column.shapes.get(target.type, 0.0)
    if by_name >= 0.9:
        return by_name if share >= 0.3 else 0.0
    if by_name:
        return by_name * share if share >= 0.6 else 0.0
    return 0.6 * share if target.type == "email" and share >= 0.8 else 0.0


def _says_states(column: Column, kind: Kind) -> bool:
    if column.type == "yes_no":
        return True
    said = state_words(column, kind)
    return bool(column.choices) and len(said) >= 0.6 * len([text for text in column.choices if not is_missing(text)])


def state_words(column: Column, kind: Kind) -> dict[str, str]:
    """Return which word of the column means which state, as far as the words are known."""
    words = [text for text in (column.choices or column.samples) if not is_missing(text)]
    return {text: state for text in words for state, known in kind.states.items() if fold(text) in known}


def _custom(
    column: Column, kind: Kind, known_fields: Mapping[str, str], called: Mapping[str, str], taken: set[str]
) -> ColumnPlan:
    key = called.get(key_of(column.name), key_of(column.name))
    if key in kind.reserved:
        key = f"champ_{key}"
    number = 2
    while key in taken:
        key, number = f"{key_of(column.name)}_{number}", number + 1
    is_new = key not in known_fields
    made = ColumnPlan(
        column.name,
        CUSTOM,
        0.0,
        key=key,
        label=column.name,
        type=known_fields.get(key, column.type),
        personal=_is_personal(column),
        feature=not (column.is_unique and column.filled > 20),
        style=column.style,
    )
    is_too_much = is_new and (not kind.proposes_custom or len(taken) >= MOST_NEW_FIELDS)
    if not kind.takes_custom or not column.filled or is_too_much:
        return replace(made, target=IGNORE)
    taken.add(key)
    return made


def _is_personal(column: Column) -> bool:
    if column.type in ("text", "date") and set(fold(column.name).split()) & PERSONAL:
        return True
    return max(column.shapes.get("email", 0.0), column.shapes.get("phone", 0.0) if column.type == "text" else 0.0) > 0.5


def _key(columns: Sequence[Column], plans: Sequence[ColumnPlan]) -> str:
    """Return the first column that is different in every row and is called an identifier."""
    for column, plan in zip(columns, plans, strict=True):
        words = set(fold(column.name).split())
        if column.is_unique and plan.target == CUSTOM and words & IDENTIFIERS and column.type in ("number", "text"):
            return column.name
    return ""


def _order(columns: Sequence[Column], plans: Sequence[ColumnPlan]) -> str:
    """Return the numbered column that goes down through the file: the newest row is on top, and its place says so."""
    if any(plan.target in ("received_at", "opened_at") for plan in plans):
        return BY_FILE
    for column in columns:
        if column.order and column.is_unique and column.type == "number":
            return column.name
    return BY_FILE
