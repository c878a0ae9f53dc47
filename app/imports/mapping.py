"""Which column goes where: the plan, how it travels as JSON, and what is checked before it is used."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from app.imports.columns import Column
from app.imports.kinds import Kind
from app.imports.values import SWISS, Style
from db.access.rules import PERMISSIONS
from db.kernel.errors import BadInput
from db.records.custom_fields.rules import FieldType, key_of

CUSTOM, IGNORE = "custom", "ignore"
TYPES = tuple(type.value for type in FieldType)
BY_FILE = ""


class WrongMapping(BadInput):
    """The mapping names a column or a target that does not exist, or uses one twice."""


@dataclass(frozen=True)
class ColumnPlan:
    """What becomes of one column."""

    column: str
    target: str  # the key of a target, `custom` or `ignore`
    confidence: float = 0.0
    key: str = ""  # of the custom field
    label: str = ""
    type: str = "text"
    personal: bool = False
    permission: str = ""  # who reads the custom field; "": whoever reads the records
    feature: bool = True
    values: dict[str, str] = field(default_factory=dict)  # word in the file → state
    style: Style = SWISS


@dataclass(frozen=True)
class Plan:
    """What becomes of every column; which one identifies a record, and which one says what came first."""

    columns: tuple[ColumnPlan, ...]
    key: str = ""  # the column whose value finds an existing record
    order: str = BY_FILE  # the column that orders the rows in time when there is no date; "" = as in the file

    def plan_of(self, column: str) -> ColumnPlan:
        """Return what becomes of a column. Raises: WrongMapping."""
        for plan in self.columns:
            if plan.column == column:
                return plan
        raise WrongMapping("Le fichier n’a pas de colonne « {column} ».", column=column)

    def with_column(self, changed: ColumnPlan) -> "Plan":
        """Return the plan with one column changed."""
        return replace(self, columns=tuple(changed if plan.column == changed.column else plan for plan in self.columns))


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON keeps it."""
    return asdict(plan)


def plan_from(data: Mapping[str, Any]) -> Plan:
    """Return the plan that `as_json` made."""
    columns = tuple(ColumnPlan(**{**column, "style": Style(**column["style"])}) for column in data["columns"])
    return Plan(columns, data["key"], data["order"])


def given_plan(proposed: Plan, given: Mapping[str, Any], *, kind: Kind) -> Plan:
    """Return the proposed plan with what a person (or a mapping file) decided instead.

    `given` is `{"columns": {name: target or {"target": …, "type": …, "values": …}}, "key": name, "order": name}`;
    what it leaves out stays as proposed. Raises: WrongMapping.
    """
    unknown = set(given) - {"columns", "key", "order", "sheet", "header_line"}
    if unknown:
        raise WrongMapping("« {word} » n’est pas prévu dans une correspondance.", word=sorted(unknown)[0])
    plan = proposed
    for column, wish in dict(given.get("columns", {})).items():
        wished = {"target": wish} if isinstance(wish, str) else dict(wish)
        plan = plan.with_column(changed(plan.plan_of(column), wished))
    plan = replace(plan, key=given.get("key") or plan.key, order=given.get("order", plan.order))
    check_plan(plan, kind=kind)
    return plan


def changed(plan: ColumnPlan, wish: Mapping[str, Any]) -> ColumnPlan:
    """Return a column's plan with a person's wishes. Raises: WrongMapping."""
    allowed = {"target", "key", "label", "type", "personal", "permission", "feature", "values"}
    if set(wish) - allowed:
        raise WrongMapping("« {word} » n’est pas prévu pour une colonne.", word=sorted(set(wish) - allowed)[0])
    made = replace(plan, **{**wish, "confidence": 1.0})
    if made.target == CUSTOM:
        label = made.label or made.column
        made = replace(made, key=made.key or key_of(label), label=label)
    return made


def check_plan(plan: Plan, *, kind: Kind) -> None:
    """Refuse a plan that cannot be followed.

    Raises:
        WrongMapping: an unknown target, a target or a field used twice, a key or an order that is no used column.
    """
    used: dict[str, str] = {}
    for column in plan.columns:
        _check_column(column, kind)
        place = f"custom:{column.key}" if column.target == CUSTOM else column.target
        if column.target != IGNORE and place in used:
            raise WrongMapping(
                "Les colonnes « {one} » et « {two} » vont au même champ.", one=used[place], two=column.column
            )
        used[place] = column.column
    if plan.key and plan.plan_of(plan.key).target not in kind.keys:
        raise WrongMapping(
            "« {key} » ne peut pas être la clé : il faut un e-mail, un téléphone, un nom ou un champ ajouté.",
            key=plan.key,
        )
    if plan.order:
        plan.plan_of(plan.order)


def _check_column(column: ColumnPlan, kind: Kind) -> None:
    if column.target == CUSTOM and not kind.takes_custom:
        raise WrongMapping("« {label} » ne prend pas de champs ajoutés ; ignorer la colonne.", label=kind.label)
    if column.target not in (CUSTOM, IGNORE) and kind.target(column.target) is None:
        possible = ", ".join(target.key for target in kind.targets)
        raise WrongMapping(
            "« {target} » n’est pas un champ. Possible : {possible}, custom, ignore.",
            target=column.target,
            possible=possible,
        )
    if column.target != CUSTOM:
        return
    if column.type not in TYPES:
        raise WrongMapping(
            "« {type} » n’est pas un type. Possible : {types}.", type=column.type, types=", ".join(TYPES)
        )
    if column.permission and column.permission not in PERMISSIONS:
        raise WrongMapping("« {permission} » n’est pas un droit connu.", permission=column.permission)
    if column.key in kind.reserved:
        raise WrongMapping("« {key} » est le nom d’un champ existant.", key=column.key)


def fold(text: str) -> str:
    """Return a text without accents, case and signs: what headers are compared by."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", bare.replace("œ", "oe")))


def fingerprint(columns: Sequence[str] | Sequence[Column]) -> str:
    """Return what two files with the same headers share; their mapping is remembered by it."""
    names = sorted(fold(column if isinstance(column, str) else column.name) for column in columns)
    return sha256("\n".join(names).encode()).hexdigest()
