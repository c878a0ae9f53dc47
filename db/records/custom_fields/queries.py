"""Which fields the company added."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor, may
from db.kernel.errors import NotFound
from db.records.custom_fields.rules import CustomField, FieldType, order_of, read_value
from db.records.custom_fields.tables import CustomFieldDefinition, CustomValue


@readable("records.read")
def custom_fields(session: Session, *, kind: str) -> Sequence[CustomField]:
    """Return the fields of a kind of record, in their order; the caller narrows them with `fields_for`."""
    wanted = (
        select(CustomFieldDefinition)
        .where(col(CustomFieldDefinition.kind) == kind)
        .order_by(col(CustomFieldDefinition.position), col(CustomFieldDefinition.id))
    )
    return [as_field(row) for row in session.scalars(wanted)]


@readable("records.read")
def custom_fields_for(session: Session, *, kind: str, by: Actor) -> list[CustomField]:
    """Return the fields that the actor may read (for screens)."""
    return fields_for(session, kind=kind, by=by)


def fields_for(session: Session, *, kind: str, by: Actor, with_sensitive: bool = False) -> list[CustomField]:
    """Return the fields that the actor may read; sensitive ones only for a reader that logs each reading."""
    return [
        field
        for field in custom_fields(session, kind=kind)
        if may(by, field.permission) and (with_sensitive or not field.sensitive)
    ]


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
        FieldType(row.type),
        choices,
        row.personal,
        row.permission,
        row.feature,
        row.sensitive,
    )


def value_matches(field: CustomField, *, operator: str, given: Any) -> ColumnElement[bool]:
    """Return the condition on `CustomValue` rows of a field: is, from, to, contains.

    Raises: BadInput: the value does not fit the field.
    """
    if operator == "contains":
        from db.records.search.rules import escaped, fold

        return col(CustomValue.text_order).like(f"%{escaped(fold(str(given)))}%", escape="\\")
    text_order, number = order_of(read_value(field, given))
    column: Any = CustomValue.number if field.is_number else CustomValue.text_order
    wanted: Any = number if field.is_number else text_order
    conditions: dict[str, ColumnElement[bool]] = {"from": col(column) >= wanted, "to": col(column) <= wanted}
    equal: ColumnElement[bool] = col(column) == wanted
    return conditions.get(operator, equal)
