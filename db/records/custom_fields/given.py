"""Values that somebody gives for custom fields: read by their types, merged into those before, for every kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.kernel.findings import BadFields, Finding
from db.records.custom_fields.queries import custom_fields, fields_for
from db.records.custom_fields.rules import (
    ELSEWHERE,
    PREFIX,
    RETIRED,
    CustomField,
    FieldType,
    kept,
    read_value,
    value_of,
)

MUST_BE_FILLED = "Ce champ est obligatoire."
WORDED = (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE)


@dataclass(frozen=True)
class Given:
    """What came of values: the record's JSON as it would be, and what stands against it."""

    custom: dict[str, Any]
    findings: list[Finding]

    def or_raise(self) -> dict[str, Any]:
        """Return the JSON.

        Raises: BadFields.
        """
        if self.findings:
            raise BadFields(self.findings)
        return self.custom


def read_given(
    session: Session, *, kind: str, group: str, given: Mapping[str, Any], before: Mapping[str, Any], by: Actor
) -> Given:
    """Return values merged into those before: unknown ones, retired ones and those that do not fit are findings.

    A field that must be filled may not be emptied; of one that is as it was nothing is asked.
    """
    known = {field.key: field for field in fields_for(session, kind=kind, by=by, with_sensitive=True)}
    found: list[Finding] = []
    custom = dict(before)
    for key, value in given.items():
        if key in before and before[key] == value:
            continue
        try:
            custom[key] = _read(known.get(key), key, group, value, before.get(key))
        except BadInput as problem:
            found.append(Finding(PREFIX + key, problem.message_id, problem.params))
    return Given({key: value for key, value in custom.items() if value is not None}, found)


def _read(field: CustomField | None, key: str, group: str, value: Any, before: Any) -> Any:
    if field is None:
        raise BadInput("Le champ « {key} » n’existe pas.", key=key[:80])
    if isinstance(value, dict | list):
        raise BadInput("Donnez une valeur simple dans « {label} ».", label=field.label)
    if _is_same(field, value, before):
        return before
    if not field.is_offered_to(group):
        raise BadInput(RETIRED if field.is_retired else ELSEWHERE)
    read = kept(field, read_value(field, value))
    if field.required and read is None:
        raise BadInput(MUST_BE_FILLED)
    return read


def _is_same(field: CustomField, value: Any, before: Any) -> bool:
    """Test if a value is the one that is kept, also where it would not be offered today."""
    stored = value_of(field, before)
    return stored is not None and value == stored


def missing_of(session: Session, *, kind: str, group: str, custom: Mapping[str, Any], by: Actor) -> list[Finding]:
    """Return the fields that must be filled and are not, of those that the actor can fill."""
    asked = [one for one in fields_for(session, kind=kind, by=by) if one.required and one.is_offered_to(group)]
    return [Finding(PREFIX + one.key, MUST_BE_FILLED) for one in asked if custom.get(one.key) in (None, "")]


def new_values(session: Session, *, kind: str, group: str, given: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """Return the JSON of a new record that somebody fills in.

    Raises: BadFields: a value does not fit, or one is missing.
    """
    read = read_given(session, kind=kind, group=group, given=given, before={}, by=by)
    told = {one.field for one in read.findings}
    missing = missing_of(session, kind=kind, group=group, custom=read.custom, by=by)
    return Given(read.custom, [*read.findings, *(one for one in missing if one.field not in told)]).or_raise()


def texts_found_by(session: Session, *, kind: str, permission: str, stored: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the texts by which a record can be found: of fields that every reader of the kind may read."""
    if not stored:
        return []
    return texts_among(custom_fields(session, kind=kind), permission, stored)


def texts_among(fields: Any, permission: str, stored: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the same out of fields that are known already."""
    return [
        (PREFIX + field.key, str(stored.get(field.key) or ""))
        for field in fields
        if field.permission == permission and field.type in WORDED and not field.sensitive
    ]
