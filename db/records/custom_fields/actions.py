"""Adding fields, and keeping the index of their values in step."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import PERMISSIONS, Actor
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound
from db.records.custom_fields.rules import (
    CustomField,
    FieldType,
    check_key,
    order_of,
    value_of,
)
from db.records.custom_fields.tables import CustomFieldDefinition, CustomValue

CHUNK = 500


class FieldExists(BadInput):
    """The kind of record has a field with that key."""


@gate("records.define_field")
def define_field(
    session: Session,
    *,
    kind: str,
    key: str,
    label: str,
    type: FieldType,
    by: Actor,
    at: datetime,
    personal: bool = False,
    permission: str = "crm.read_leads",
    choices: Sequence[str] = (),
    feature: bool = True,
    sensitive: bool = False,
) -> UUID:
    """Add a field to a kind of record; return its id. No model learns from a sensitive one.

    Raises:
        FieldExists: the key is taken.
        BadInput: key, label or permission cannot be used.
    """
    check_key(key)
    if not label.strip() or permission not in PERMISSIONS:
        raise BadInput("Un champ a besoin d’un nom et d’un droit de lecture connu.")
    of_kind = select(CustomFieldDefinition).where(col(CustomFieldDefinition.kind) == kind)
    if session.scalars(of_kind.where(col(CustomFieldDefinition.key) == key)).first():
        raise FieldExists("Le champ « {key} » existe déjà.", key=key)

    position = session.scalar(select(func.count()).select_from(of_kind.subquery())) or 0
    made = CustomFieldDefinition(
        kind=kind,
        key=key,
        label=label.strip(),
        type=FieldType(type).value,
        choices=list(choices),
        personal=personal or sensitive,
        permission=permission,
        feature=feature and not sensitive,
        sensitive=sensitive,
        position=position,
    )
    session.add(made)
    session.flush()
    return made.id


@gate("records.define_field")
def edit_field(
    session: Session,
    *,
    field_id: UUID,
    label: str,
    feature: bool,
    expected_version: int,
    by: Actor,
    at: datetime,
) -> None:
    """Rename a field, or say whether models may learn from it.

    Raises: NotFound, ChangedMeanwhile, BadInput.
    """
    row = session.get(CustomFieldDefinition, field_id)
    if row is None:
        raise NotFound("Ce champ n’existe pas.")
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Ce champ a été modifié entre-temps.")
    if not label.strip():
        raise BadInput("Un champ a besoin d’un nom.")
    row.label, row.feature = label.strip(), feature and not row.sensitive


@gate("records.define_field")
def remove_field(session: Session, *, field_id: UUID, by: Actor, at: datetime) -> None:
    """Remove a field that no record uses (an undone import)."""
    row = session.get(CustomFieldDefinition, field_id)
    if row is None:
        raise NotFound("Ce champ n’existe pas.")
    if session.scalar(select(func.count()).where(col(CustomValue.field_id) == field_id)):
        raise BadInput("Le champ « {label} » contient encore des valeurs.", label=row.label)
    session.delete(row)


@gate("records.write_note")
def index_values(
    session: Session,
    *,
    fields: Sequence[CustomField],
    records: Sequence[tuple[UUID, int, Mapping[str, Any]]],
    are_new: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Write the index rows of records (id, search number, custom JSON), replacing what was there."""
    if not are_new:
        remove_values(session, record_ids=[record_id for record_id, _, _ in records], by=by, at=at)
    rows = []
    for record_id, record_number, custom in records:
        for field in fields:
            value = value_of(field, custom.get(field.key))
            if value is not None:
                text_order, number = order_of(value)
                rows.append(
                    {
                        "record_id": record_id,
                        "field_id": field.field_id,
                        "record_number": record_number,
                        "text_order": text_order,
                        "number": number,
                    }
                )
    if rows:
        session.connection().execute(insert(CustomValue), rows)


@gate("records.write_note")
def remove_values(session: Session, *, record_ids: Sequence[UUID], by: Actor, at: datetime) -> None:
    """Remove the index rows of records."""
    for start in range(0, len(record_ids), CHUNK):
        chunk = list(record_ids[start : start + CHUNK])
        session.connection().execute(delete(CustomValue).where(col(CustomValue.record_id).in_(chunk)))
