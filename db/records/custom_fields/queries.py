"""Which fields the company added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.readings.noting import note_reading
from db.access.rules import Actor, may, may_see_field
from db.kernel.errors import BadInput, NotFound
from db.records.custom_fields.rules import (
    ELSEWHERE,
    RETIRED,
    CustomEntry,
    CustomField,
    FieldType,
    Value,
    order_of,
    read_value,
    value_of,
)
from db.records.custom_fields.tables import CustomFieldDefinition, CustomValue
from db.records.kinds.rules import kind_called


@readable("records.read")
def custom_fields(session: Session, *, kind: str) -> Sequence[CustomField]:
    """Return the fields of a kind of record, in their order; the caller narrows them with `fields_for`."""
    return [as_field(row) for row in session.scalars(_of_kind(kind))]


def _of_kind(kind: str) -> Any:
    of_kind = select(CustomFieldDefinition).where(col(CustomFieldDefinition.kind) == kind)
    return of_kind.order_by(col(CustomFieldDefinition.position), col(CustomFieldDefinition.id))


@readable("records.read")
def custom_fields_for(session: Session, *, kind: str, by: Actor, group: str = "") -> list[CustomField]:
    """Return the fields that records of a group are asked for and that the actor may read (for screens)."""
    return [field for field in fields_for(session, kind=kind, by=by) if field.is_offered_to(group)]


@readable("records.read")
def known_fields(session: Session, *, kind: str, by: Actor) -> list[CustomField]:
    """Return all fields that the actor may read, retired ones too (for what tells of the past)."""
    return fields_for(session, kind=kind, by=by)


def fields_for(session: Session, *, kind: str, by: Actor, with_sensitive: bool = False) -> list[CustomField]:
    """Return the fields that the actor may read, named in her language, also those that are retired.

    Sensitive ones only for a reader that logs each reading. A field is hidden from a role like any column
    (`party.custom.sector`); who does not see `custom` sees none.
    """
    table = kind_called(kind).table
    if not may_see_field(by, table, "custom"):
        return []
    return [
        replace(field, label=field.label_in(by.language))
        for field in custom_fields(session, kind=kind)
        if may(by, field.permission)
        and may_see_field(by, table, f"custom.{field.key}")
        and (with_sensitive or not field.sensitive)
    ]


def entries_of(
    session: Session, *, kind: str, group: str, record_id: UUID, stored: Mapping[str, Any], by: Actor
) -> list[CustomEntry]:
    """Return the fields of one record with their values; reading sensitive ones is noted.

    A field that is retired, or meant for another group, is shown where it has a value.
    """
    found = []
    for field in fields_for(session, kind=kind, by=by, with_sensitive=True):
        value = value_of(field, stored.get(field.key))
        if field.is_offered_to(group) or value is not None:
            away = "" if field.is_offered_to(group) else RETIRED if field.is_retired else ELSEWHERE
            found.append(CustomEntry(field, value, away))
    read = [one.field.key for one in found if one.field.sensitive and one.value is not None]
    if read:
        note_reading(session, kind=kind, record_id=record_id, fields=read, through="record", by=by)
    return found


def values_seen(fields: Sequence[CustomField], stored: Mapping[str, Any]) -> dict[str, Value]:
    """Return a record's values by key, of the fields that a reader sees."""
    return {field.key: value_of(field, stored.get(field.key)) for field in fields}


@dataclass(frozen=True)
class FieldFacts:
    """A field as its settings show it: how many records have a value, and the version."""

    field: CustomField
    used: int
    row_version: int


@readable("records.manage_fields")
def fields_to_manage(session: Session, *, kind: str, group: str = "") -> list[FieldFacts]:
    """Return the fields of a kind (of a group) in their order, with how many records use each."""
    counted = select(col(CustomValue.field_id), func.count()).group_by(col(CustomValue.field_id))
    used: dict[UUID, int] = {row[0]: row[1] for row in session.connection().execute(counted)}
    rows = session.scalars(_of_kind(kind).where(col(CustomFieldDefinition.record_group) == group))
    return [FieldFacts(as_field(row), used.get(row.id, 0), row.row_version) for row in rows]


def hidden_keys(session: Session, *, kind: str, by: Actor) -> frozenset[str]:
    """Return the keys of the fields that the actor may not know of, or only record by record."""
    known = {field.key for field in fields_for(session, kind=kind, by=by)}
    return frozenset(field.key for field in custom_fields(session, kind=kind) if field.key not in known)


def field_for(session: Session, *, kind: str, key: str, by: Actor) -> CustomField:
    """Return one field that the actor may read.

    Raises: NotFound, also when the actor may not know of it.
    """
    for field in fields_for(session, kind=kind, by=by):
        if field.key == key:
            return field
    raise NotFound("Le champ « {key} » n’existe pas.", key=key)


def as_field(row: CustomFieldDefinition) -> CustomField:
    """Return the value of a definition row."""
    choices = tuple(str(choice) for choice in row.choices)
    return CustomField(
        row.id,
        row.kind,
        row.key,
        row.label,
        FieldType(row.refinement or row.type),
        choices,
        row.personal,
        row.permission,
        row.feature,
        row.sensitive,
        row.label_en,
        row.label_de,
        row.required,
        row.record_group,
        row.retired_at is not None,
    )


def value_matches(field: CustomField, *, operator: str, given: Any) -> ColumnElement[bool]:
    """Return the condition on `CustomValue` rows of a field: is, from, to, contains.

    Raises: BadInput: the value does not fit the field.
    """
    if operator == "contains":
        from db.records.search.rules import escaped, fold

        return col(CustomValue.text_order).like(f"%{escaped(fold(str(given)))}%", escape="\\")
    chosen = str(given).strip() if field.type is FieldType.CHOICE else read_value(field, given)
    if chosen is None:
        raise BadInput("Dites la valeur cherchée dans « {label} ».", label=field.label)
    text_order, number = order_of(chosen)
    column: Any = CustomValue.number if field.is_number else CustomValue.text_order
    wanted: Any = number if field.is_number else text_order
    conditions: dict[str, ColumnElement[bool]] = {"from": col(column) >= wanted, "to": col(column) <= wanted}
    equal: ColumnElement[bool] = col(column) == wanted
    return conditions.get(operator, equal)
