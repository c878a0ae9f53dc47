"""The one form of every kind: its fields come from the table's own types and the area's rules.

An area describes a form by `FormSpec` and `register_form`; reading, showing, locking and hiding are written once, here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.text import day, instant, money, quantity, say
from db.access.rules import Actor, may_see_field
from db.kernel.errors import BadInput, NotFound
from db.kernel.findings import Finding
from db.kernel.phones import shown_phone
from db.records.columns.queries import columns_of
from db.records.columns.rules import ValueType
from db.records.conflicts.rules import CUSTOM_PREFIX
from db.records.custom_fields.rules import (
    CustomEntry,
    CustomField,
    FieldType,
    read_date,
    read_number,
    read_value,
    value_of,
)
from db.records.kinds.rules import kind_called

NEW = "new"


@dataclass(frozen=True)
class FieldSpec:
    """One field of a form. `type` None: what the column is; choices are value and French label."""

    name: str
    label: str
    type: ValueType | None = None
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    wide: bool = False
    required: bool | None = None  # None: what the column says
    custom: CustomField | None = None
    extra: bool = False  # no column of the table: what the area's own deed makes of it


@dataclass(frozen=True)
class FormSpec:
    """A form: its name, the kind of record, and its fields in the order of the Tab key."""

    form: str
    kind: str
    fields: tuple[FieldSpec, ...]


@dataclass(frozen=True)
class FormRecord:
    """A record as a form needs it: typed values by field, version, and why fields cannot be changed."""

    values: Mapping[str, Any]
    version: int = 0
    locked: Mapping[str, str] = field(default_factory=dict)  # field → French reason
    custom: Sequence[CustomField] = ()
    absent: frozenset[str] = frozenset()  # fields that have no place here


@dataclass(frozen=True)
class Form:
    """What an area gives for a form: how it is read, what saving calls, where it leads."""

    spec: FormSpec
    read: Callable[[Actor, UUID | None, Mapping[str, str]], FormRecord]  # None: a new one, with what the address says
    create: Callable[[Actor, dict[str, Any]], UUID]
    edit: Callable[[Actor, UUID, dict[str, Any], int], Any]
    address: Callable[[Any], str]
    created: str  # French notice
    permission: str
    find: Callable[[Actor, str, str], list[tuple[str, str]]] | None = None  # field, text → id and name
    names: Callable[[Actor, Sequence[str]], Mapping[str, str]] | None = None  # ids of records → names
    check: Callable[[Mapping[str, Any]], list[Finding]] | None = None  # what the area's rules say of all the values
    group: str | None = None  # among which records of the kind doubles are looked for; None: nowhere


FORMS: dict[str, Form] = {}


def register_form(form: Form) -> None:
    """Make a form known; every column that it names must exist."""
    known = columns_of(form.spec.kind)
    missing = [one.name for one in form.spec.fields if one.name not in known and not one.extra]
    assert not missing, f"{form.spec.form}: no such columns {missing}"
    FORMS[form.spec.form] = form


def form_called(name: object) -> Form:
    """Return a form by its name.

    Raises: NotFound.
    """
    found = FORMS.get(str(name))
    if found is None:
        raise NotFound("Ce formulaire n’existe pas.")
    return found


def fields_of(spec: FormSpec, record: FormRecord, by: Actor) -> list[FieldSpec]:
    """Return the fields that the person may see, each with its type, then the company's own fields."""
    columns, table = columns_of(spec.kind), kind_called(spec.kind).table
    own = [
        replace(
            one,
            type=one.type or columns[one.name].type,
            required=bool(one.required) if one.required is not None or one.extra else columns[one.name].required,
        )
        for one in spec.fields
        if may_see_field(by, table, one.name) and one.name not in record.absent
    ]
    return [*own, *(_custom_spec(one) for one in record.custom)]


def _custom_spec(custom: CustomField) -> FieldSpec:
    types = {
        FieldType.NUMBER: ValueType.NUMBER,
        FieldType.DATE: ValueType.DATE,
        FieldType.YES_NO: ValueType.YES_NO,
        FieldType.CHOICE: ValueType.CHOICE if custom.choices else ValueType.TEXT,
        FieldType.AMOUNT: ValueType.AMOUNT,
        FieldType.LONG_TEXT: ValueType.LONG_TEXT,
    }
    choices = tuple((one, one) for one in custom.choices)
    kind = types.get(custom.type, ValueType.TEXT)
    is_long = custom.type is FieldType.LONG_TEXT
    name, is_asked = CUSTOM_PREFIX + custom.key, custom.required and not custom.is_retired
    return FieldSpec(name, custom.label, kind, choices, wide=is_long, required=is_asked, custom=custom)


def with_added(record: FormRecord, entries: Sequence[CustomEntry], *, locked: str = "") -> FormRecord:
    """Return a record with the fields that the company added; `locked` says why none can be changed."""
    values = {CUSTOM_PREFIX + one.field.key: one.value for one in entries}
    stuck = {CUSTOM_PREFIX + one.field.key: locked or one.locked for one in entries if locked or one.locked}
    return replace(
        record,
        values={**record.values, **values},
        locked={**record.locked, **stuck},
        custom=[one.field for one in entries],
    )


def apart(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a form's values of columns, and those of added fields by their keys."""
    own = {name: value for name, value in values.items() if not name.startswith(CUSTOM_PREFIX)}
    return own, {name.removeprefix(CUSTOM_PREFIX): values[name] for name in values.keys() - own.keys()}


def together(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's values with those of added fields under `custom`, where there are any."""
    own, added = apart(values)
    return {**own, **({"custom": added} if added else {})}


def shown(spec: FieldSpec, value: Any) -> str:
    """Return a value as the form's control holds it; also of a value as the history keeps it (JSON)."""
    if spec.custom is not None:
        value = value_of(spec.custom, value)
    if value is None or value == "":
        return ""
    match spec.type:
        case ValueType.AMOUNT:
            return money(Decimal(str(value)))
        case ValueType.NUMBER:
            return quantity(Decimal(str(value)))
        case ValueType.DATE:
            return day(value if isinstance(value, date) else date.fromisoformat(str(value)))
        case ValueType.INSTANT:
            return instant(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
        case ValueType.YES_NO:
            return "yes" if value else "no"
        case ValueType.PHONE:
            return shown_phone(str(value))
        case ValueType.PHONES:
            return "\n".join(shown_phone(line) for line in str(value).splitlines())
    return str(value)


def as_shown(spec: FieldSpec, text: str) -> str:
    """Return a typed text as its value is shown (`1200` as `1'200.00`); what cannot be read stays as it was typed."""
    try:
        return shown(spec, _read(spec, text.strip()))
    except BadInput:
        return text.strip()


def told(spec: FieldSpec, value: Any, names: Mapping[str, str], language: str) -> str:
    """Return a value in words, for sentences."""
    text = shown(spec, value)
    if not text:
        return say(language, "rien")
    if spec.type in (ValueType.PERSON, ValueType.RECORD):
        return names.get(text, "—")
    if spec.type is ValueType.YES_NO:
        return say(language, "oui") if text == "yes" else say(language, "non")
    return say(language, dict(spec.choices).get(text, text)) if spec.custom is None else text


def read_typed(specs: Sequence[FieldSpec], typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Finding]]:
    """Return typed values by field, and a finding for each that cannot be understood or is missing."""
    values: dict[str, Any] = {}
    found: list[Finding] = []
    for spec in specs:
        if spec.name not in typed:
            continue
        text = typed[spec.name].strip()
        if spec.required and not text:
            found.append(Finding(spec.name, "Ce champ est obligatoire."))
            continue
        try:
            values[spec.name] = _read(spec, text)
        except BadInput as problem:
            found.append(Finding(spec.name, problem.message_id, problem.params))
    return values, found


def _read(spec: FieldSpec, text: str) -> Any:
    if spec.custom is not None:
        return read_value(spec.custom, text)
    match spec.type:
        case ValueType.AMOUNT | ValueType.NUMBER:
            return read_number(text) if text else None
        case ValueType.DATE:
            return read_date(text) if text else None
        case ValueType.PERSON | ValueType.RECORD:
            return _read_id(text) if text else None
        case ValueType.YES_NO:
            return text == "yes"
        case ValueType.CHOICE if text and text not in dict(spec.choices):
            raise BadInput("« {text} » n’est pas au choix.", text=text)
    return text


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("« {text} » ne désigne aucune fiche.", text=text) from None
