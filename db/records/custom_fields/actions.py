"""Adding fields, and keeping the index of their values in step."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain, count
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, SQLModel, col

from db.access.gate import gate
from db.access.rules import PERMISSIONS, Actor
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound
from db.kernel.findings import Finding
from db.records.custom_fields.drafts import BadField, FieldDraft, check_field
from db.records.custom_fields.queries import as_field, custom_fields
from db.records.custom_fields.rules import (
    REFINES,
    CustomField,
    FieldType,
    check_key,
    key_of,
    order_of,
    value_of,
)
from db.records.custom_fields.tables import CustomFieldDefinition, CustomValue
from db.records.kinds.rules import kind_called
from db.records.search.rules import fold

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
    permission: str = "",
    choices: Sequence[str] = (),
    feature: bool = True,
    sensitive: bool = False,
    group: str = "",
) -> UUID:
    """Add a field to a kind of record; return its id. No model learns from a sensitive one.

    Without a permission, whoever reads the records reads the field.

    Raises:
        FieldExists: the key is taken.
        BadInput: key, label or permission cannot be used, or the kind has no added fields.
    """
    draft = FieldDraft(label.strip(), choices=tuple(choices), feature=feature)
    made = _new(session, kind, group, key, FieldType(type), draft, permission)
    made.personal, made.sensitive = personal or sensitive, sensitive
    made.feature = feature and not sensitive
    session.add(made)
    session.flush()
    return made.id


def _new(
    session: Session, kind: str, group: str, key: str, type: FieldType, draft: FieldDraft, permission: str = ""
) -> CustomFieldDefinition:
    permission = permission or kind_called(kind).read
    _check_new(session, kind, key, draft.label, permission)
    of_kind = select(func.count()).where(col(CustomFieldDefinition.kind) == kind)
    made = CustomFieldDefinition(
        kind=kind,
        record_group=group,
        key=key,
        label=draft.label,
        type=REFINES.get(type, type).value,
        refinement=type.value if type in REFINES else "",
        permission=permission,
        position=session.scalar(of_kind) or 0,
    )
    _fill(made, draft)
    return made


def _check_new(session: Session, kind: str, key: str, label: str, permission: str) -> None:
    check_key(key)
    if not label.strip() or permission not in PERMISSIONS:
        raise BadInput("Un champ a besoin d’un nom et d’un droit de lecture connu.")
    if "custom" not in SQLModel.metadata.tables[kind_called(kind).table].columns:
        raise BadInput("Cette sorte de fiche n’a pas de champs ajoutés.")
    if key in {field.key for field in custom_fields(session, kind=kind)}:
        raise FieldExists("Le champ « {key} » existe déjà.", key=key)


@gate("records.manage_fields")
def add_field(
    session: Session, *, kind: str, group: str, type: FieldType, draft: FieldDraft, by: Actor, at: datetime
) -> UUID:
    """Add a field out of the settings, its key made of its name; return its id.

    Raises: BadField.
    """
    draft = check_field(draft, FieldType(type))
    _check_name_free(session, kind, group, draft.label, but=None)
    taken = {field.key for field in custom_fields(session, kind=kind)}
    key = key_of(draft.label)
    key = next(one for one in chain([key], (f"{key}_{number}" for number in count(2))) if one not in taken)
    made = _new(session, kind, group, key, FieldType(type), draft)
    session.add(made)
    session.flush()
    return made.id


@gate("records.manage_fields")
def edit_field(
    session: Session, *, field_id: UUID, draft: FieldDraft, expected_version: int, by: Actor, at: datetime
) -> None:
    """Change what a field is called, its choices, whether it must be filled and whether models may learn from it.

    Values stay: one that is no choice any more is still shown.

    Raises: NotFound, ChangedMeanwhile, BadField.
    """
    row = _locked(session, field_id)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Ce champ a été modifié entre-temps.")
    draft = check_field(draft, as_field(row).type)
    _check_name_free(session, row.kind, row.record_group, draft.label, but=field_id)
    _fill(row, draft)
    session.flush()


def _fill(row: CustomFieldDefinition, draft: FieldDraft) -> None:
    row.label, row.label_en, row.label_de = draft.label, draft.label_en, draft.label_de
    row.choices, row.required = list(draft.choices), draft.required
    row.feature = draft.feature and not row.sensitive


def _check_name_free(session: Session, kind: str, group: str, label: str, *, but: UUID | None) -> None:
    others = [field for field in custom_fields(session, kind=kind) if field.field_id != but]
    if any(fold(one.label) == fold(label) and one.group in ("", group) for one in others):
        raise BadField([Finding("label", "Un champ « {label} » existe déjà ici.", {"label": label})])


@gate("records.manage_fields")
def move_field(session: Session, *, field_id: UUID, places: int, by: Actor, at: datetime) -> None:
    """Put a field so many places later (earlier, when negative) among those of its kind and group.

    Raises: NotFound.
    """
    row = _locked(session, field_id)
    order = col(CustomFieldDefinition.position), col(CustomFieldDefinition.id)
    wanted = select(CustomFieldDefinition).where(
        col(CustomFieldDefinition.kind) == row.kind, col(CustomFieldDefinition.record_group) == row.record_group
    )
    rows = list(session.scalars(wanted.order_by(*order).with_for_update()))
    now = rows.index(row)
    rows.insert(max(0, min(len(rows) - 1, now + places)), rows.pop(now))
    for position, one in enumerate(rows):
        if one.position != position:
            one.position = position
    session.flush()


@gate("records.manage_fields")
def retire_field(session: Session, *, field_id: UUID, by: Actor, at: datetime) -> None:
    """Ask for a field no more; its values stay and are shown where they are.

    Raises: NotFound.
    """
    row = _locked(session, field_id)
    row.retired_at = row.retired_at or at
    session.flush()


@gate("records.manage_fields")
def bring_back_field(session: Session, *, field_id: UUID, by: Actor, at: datetime) -> None:
    """Ask for a retired field again.

    Raises: NotFound.
    """
    _locked(session, field_id).retired_at = None
    session.flush()


def _locked(session: Session, field_id: UUID) -> CustomFieldDefinition:
    row = session.get(CustomFieldDefinition, field_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Ce champ n’existe pas ou plus.")
    return row


@gate("records.define_field")
def remove_field(session: Session, *, field_id: UUID, by: Actor, at: datetime) -> None:
    """Remove a field that no record uses (an undone import).

    Raises: NotFound. BadInput: some record has a value.
    """
    row = _locked(session, field_id)
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
def index_record(session: Session, *, kind: str, record: Any, by: Actor, at: datetime) -> None:
    """Bring the index of one record's values in step with its JSON."""
    one = (record.id, record.search_number, record.custom)
    index_values(session, fields=custom_fields(session, kind=kind), records=[one], are_new=False, by=by, at=at)


@gate("records.write_note")
def index_rows(
    session: Session,
    *,
    fields: Sequence[CustomField],
    rows: Sequence[Mapping[str, Any]],
    are_new: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Bring the index in step with records that are known by their columns."""
    records = [(row["id"], row["search_number"], row["custom"]) for row in rows if row["custom"] or not are_new]
    index_values(session, fields=fields, records=records, are_new=are_new, by=by, at=at)


@gate("records.write_note")
def remove_values(session: Session, *, record_ids: Sequence[UUID], by: Actor, at: datetime) -> None:
    """Remove the index rows of records."""
    for start in range(0, len(record_ids), CHUNK):
        chunk = list(record_ids[start : start + CHUNK])
        session.connection().execute(delete(CustomValue).where(col(CustomValue.record_id).in_(chunk)))
