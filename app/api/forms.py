"""One record over the API, made from its screen's form: read, create, change, with the form's types and rules."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import ConfigDict, Field, create_model

from app.api.instants import check_aware
from app.api.permission import allowed
from app.api.versions import IfMatch, expected_version, put_version
from app.records.forms import FieldSpec, Form, FormRecord, fields_of
from app.records.saving import all_findings
from db.access.rules import Actor
from db.kernel.errors import BadInput, NotFound
from db.kernel.findings import BadFields, Finding
from db.records.columns.queries import columns_of
from db.records.columns.rules import ValueType
from db.records.conflicts.rules import CUSTOM_PREFIX
from db.records.custom_fields.rules import read_value, told
from db.records.kinds.rules import kind_called

LONGEST_TEXT = 20_000
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=6)]
TYPES: dict[ValueType, Any] = {
    ValueType.AMOUNT: Amount,
    ValueType.NUMBER: Amount,
    ValueType.DATE: date,
    ValueType.INSTANT: datetime,
    ValueType.YES_NO: bool,
    ValueType.PERSON: UUID,
    ValueType.RECORD: UUID,
}
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


def add_form(router: APIRouter, form: Form) -> None:
    """Give a router one record: `GET /{id}`, `POST`, `PATCH /{id}`."""
    name = form.spec.form.title().replace("_", "").replace("-", "")
    answer = create_model(f"{name}Record", id=(UUID, ...), row_version=(int, ...), **_fields(form), custom=_custom())
    changes = create_model(f"{name}Changes", __config__=ConfigDict(extra="forbid"), **_fields(form), custom=_custom())
    reader = Depends(allowed(kind_called(form.spec.kind).read))
    editor = Depends(allowed(form.permission))

    def one(by: Annotated[Actor, reader], record_id: UUID, response: Response) -> Any:
        """Lire une fiche ; `ETag` porte sa version, un champ caché est null."""
        return _answer(form, by, record_id, response)

    def create(by: Annotated[Actor, editor], given: changes, response: Response) -> Any:  # type: ignore[valid-type]
        """Créer une fiche."""
        record = form.read(by, None, {})
        start = {one.name: record.values.get(one.name) for one in fields_of(form.spec, record, by)}
        begun = {name: value for name, value in start.items() if not _is_empty(value)}
        sent = given.model_dump(exclude_unset=True)  # type: ignore[attr-defined]
        values = {**begun, **_checked(form, record, by, sent, known=begun)}
        return _answer(form, by, form.create(by, values), response)

    def change(
        by: Annotated[Actor, editor],
        record_id: UUID,
        given: changes,  # type: ignore[valid-type]
        response: Response,
        if_match: IfMatch = None,
    ) -> Any:
        """Modifier une fiche : seulement ce qui est envoyé. `If-Match` répète l'`ETag` lu (sinon 412)."""
        version, record = expected_version(if_match), form.read(by, record_id, {})
        values = _checked(form, record, by, given.model_dump(exclude_unset=True), known=record.values)  # type: ignore[attr-defined]
        form.edit(by, record_id, values, version)
        return _answer(form, by, record_id, response)

    router.add_api_route("/{record_id}", one, response_model=answer, name=f"read {name}")
    router.add_api_route("", create, methods=["POST"], status_code=201, response_model=answer, name=f"create {name}")
    router.add_api_route("/{record_id}", change, methods=["PATCH"], response_model=answer, name=f"change {name}")


def _fields(form: Form) -> dict[str, Any]:
    columns = columns_of(form.spec.kind)
    return {one.name: _type_of(one, one.type or columns[one.name].type) for one in form.spec.fields}


def _type_of(spec: FieldSpec, sort: ValueType) -> Any:
    if sort is ValueType.CHOICE and spec.choices:
        values = tuple(value for value, _ in spec.choices)
        return (Literal[(*values, "")] | None, Field(default=None, description=spec.label))  # type: ignore[valid-type]
    return (TYPES.get(sort, Text) | None, Field(default=None, description=spec.label))


def _custom() -> Any:
    return (dict[str, Any] | None, Field(default=None, description="champs ajoutés, par leur clé"))


def _checked(form: Form, record: FormRecord, by: Actor, given: dict[str, Any], *, known: Any) -> dict[str, Any]:
    """Return what was sent as the form gives it to its area.

    Raises:
        NotFound: a field that the person does not see. BadFields: what is missing or will not do, field by field.
    """
    custom = given.pop("custom", None) or {}
    specs = {one.name: one for one in fields_of(form.spec, record, by)}
    sent = {**given, **{CUSTOM_PREFIX + key: value for key, value in custom.items()}}
    values, found = {}, []
    for name, value in sent.items():
        if name not in specs:
            raise NotFound("Le champ « {key} » n’existe pas.", key=name[:80])
        if name in record.locked:
            found.append(Finding(name, record.locked[name]))
            continue
        try:
            values[name] = _value(specs[name], value)
        except BadInput as problem:
            found.append(Finding(name, problem.message_id, problem.params))
    missing = [one for name, one in specs.items() if one.required and _is_empty({**known, **values}.get(name))]
    found += [Finding(one.name, "Ce champ est obligatoire.") for one in missing]
    if found:
        raise BadFields(all_findings(form, known, values, found))
    return values


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _value(spec: FieldSpec, value: Any) -> Any:
    if spec.custom is not None:
        return read_value(spec.custom, value if isinstance(value, bool | str) or value is None else str(value))
    if value is None and spec.type not in TYPES:
        return ""
    if isinstance(value, datetime):
        check_aware(**{spec.name: value})
    return value


def _answer(form: Form, by: Actor, record_id: UUID, response: Response) -> dict[str, Any]:
    record = form.read(by, record_id, {})
    seen = fields_of(form.spec, record, by)
    put_version(response, record.version)
    own = {one.name: record.values.get(one.name) for one in seen if one.custom is None}
    added = {one.custom.key: told(record.values.get(one.name)) for one in seen if one.custom is not None}
    return {"id": record_id, "row_version": record.version, **own, "custom": added}
