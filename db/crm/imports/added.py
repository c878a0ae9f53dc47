"""Custom fields that an import needs: made when it begins, gone with its undoing where nobody uses them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.rules import Actor
from db.crm.imports.rules import NewField
from db.kernel.errors import BadInput
from db.records.custom_fields.actions import define_field, remove_field
from db.records.custom_fields.queries import custom_fields, hidden_keys
from db.records.custom_fields.rules import CustomField, FieldType


def make_fields(
    session: Session, *, batch: Any, kind: str, group: str, fields: Sequence[NewField], by: Actor, at: datetime
) -> None:
    """Add the custom fields that an import needs and that are missing, and note on the batch which.

    Raises:
        BadInput: a field of that key exists with another type, for other records, or one that the person may not read.
    """
    known = {field.key: field for field in custom_fields(session, kind=kind)}
    hidden = hidden_keys(session, kind=kind, by=by)
    for field in fields:
        earlier = known.get(field.key)
        if earlier is None:
            made = define_field(
                session,
                kind=kind,
                group=group,
                key=field.key,
                label=field.label,
                type=FieldType(field.type),
                personal=field.personal,
                permission=field.permission,
                feature=field.feature,
                choices=field.choices,
                by=by,
                at=at,
            )
            batch.fields_made = [*batch.fields_made, str(made)]
            continue
        is_hidden = field.key in hidden and str(earlier.field_id) not in batch.fields_made
        _check_usable(earlier, field, group, is_hidden)


def _check_usable(earlier: CustomField, field: NewField, group: str, is_hidden: bool) -> None:
    if is_hidden or not earlier.is_offered_to(group):
        raise BadInput("Le champ « {label} » existe déjà.", label=field.label)
    if earlier.type != field.type:
        raise BadInput(
            "Le champ « {label} » existe déjà avec un autre type ({type}).",
            label=earlier.label,
            type=earlier.type.value,
        )


def remove_made(session: Session, *, batch: Any, by: Actor, at: datetime) -> int:
    """Remove the fields that an import made; return how many stay because some record uses them."""
    stay = 0
    for field_id in batch.fields_made:
        try:
            remove_field(session, field_id=UUID(field_id), by=by, at=at)
        except BadInput:
            stay += 1
    return stay
