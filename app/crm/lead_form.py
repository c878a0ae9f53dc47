"""The form of a lead: what is typed becomes typed values, and each refusal stands beside its field."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import reflex as rx

from app.components import field
from app.text import day, money, say, t
from db.crm.leads.queries import LeadDetail
from db.crm.leads.rules import CANTONS, OPEN_STATES, STATE_LABELS, Finding, LeadDraft, clean_draft, draft_findings
from db.kernel.errors import BadInput
from db.records.custom_fields.rules import CustomField, FieldType, kept, read_date, read_number, read_value

TEXTS = [
    "name",
    "company_name",
    "person_name",
    "email",
    "phone",
    "street",
    "house_number",
    "postal_code",
    "city",
    "canton",
    "source",
    "next_step",
]
CUSTOM = "custom."


def no_values() -> dict[str, str]:
    """Return what the form shows of nothing."""
    return dict.fromkeys([*TEXTS, "state", "owner_id", "expected_amount", "next_step_date"], "")


def form_values(lead: LeadDetail) -> dict[str, str]:
    """Return what the form shows of a lead, as people write it."""
    return {
        **{name: str(getattr(lead, name)) for name in TEXTS},
        "state": lead.state.value,
        "owner_id": str(lead.owner_id or ""),
        "expected_amount": "" if lead.expected_amount is None else money(lead.expected_amount),
        "next_step_date": day(lead.next_step_date) if lead.next_step_date else "",
    }


def read_form(form: Mapping[str, Any], fields: Sequence[CustomField]) -> tuple[dict[str, Any], list[Finding]]:
    """Return the values of a submitted form by field of `LeadDraft`, and what could not be understood."""
    found: list[Finding] = []
    values: dict[str, Any] = {name: str(form[name]).strip() for name in TEXTS if name in form}
    readers = {"expected_amount": read_number, "next_step_date": read_date, "owner_id": _owner}
    for name, read in readers.items():
        if name in form:
            values[name] = _read(name, str(form[name]).strip(), read, found)
    if form.get("state"):
        values["state"] = str(form["state"])
    values["custom"] = _custom(form, fields, found)
    return values, found


def all_findings(draft: LeadDraft, values: Mapping[str, Any], found: Sequence[Finding]) -> list[Finding]:
    """Return what could not be understood and what else is wrong with the lead that would result."""
    known = {name: value for name, value in values.items() if name not in ("custom", "state")}
    rest = draft_findings(clean_draft(replace(draft, **known)))
    told = {finding.field for finding in found}
    return [*found, *(finding for finding in rest if finding.field not in told)]


def _read(name: str, text: str, read: Any, found: list[Finding]) -> Any:
    if not text:
        return None
    try:
        return read(text)
    except BadInput as problem:
        found.append(Finding(name, problem.message_id, problem.params))
        return None


def _owner(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("« {text} » ne désigne personne.", text=text) from None


def _custom(form: Mapping[str, Any], fields: Sequence[CustomField], found: list[Finding]) -> dict[str, Any]:
    values = {}
    for custom in fields:
        name = CUSTOM + custom.key
        if name in form:
            text = str(form[name]).strip()
            values[custom.key] = kept(_read(name, text, lambda typed, of=custom: read_value(of, typed), found))
    return values


def sentences(findings: Sequence[Finding], language: str) -> dict[str, str]:
    """Return the first finding of each field in words."""
    told: dict[str, str] = {}
    for finding in findings:
        told.setdefault(finding.field, say(language, finding.message_id, **finding.params))
    return told


def custom_inputs(fields: Sequence[CustomField], values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the custom fields as the form draws them."""
    return [
        {
            "name": CUSTOM + custom.key,
            "label": custom.label,
            "type": custom.type.value,
            "value": _shown(custom, values.get(custom.key)),
            "choices": "\n".join(custom.choices),
        }
        for custom in fields
    ]


def _shown(custom: CustomField, value: Any) -> str:
    if value is None:
        return ""
    if custom.type is FieldType.YES_NO:
        return "oui" if value else "non"
    return day(value) if isinstance(value, date) else str(kept(value))


def lead_fields(state: Any, *, with_state: bool) -> rx.Component:
    """Draw the fields of a lead; `state` has `values`, `errors`, `custom`, `people`."""
    return rx.fragment(
        rx.el.div(
            _text(state, "name", t("Nom de la piste"), class_name="wide"),
            _text(state, "company_name", t("Société")),
            _text(state, "person_name", t("Personne")),
            _text(state, "email", t("E-mail"), input_mode="email"),
            _text(state, "phone", t("Téléphone"), input_mode="tel"),
            _text(state, "street", t("Rue")),
            _text(state, "house_number", t("Numéro")),
            _text(state, "postal_code", t("NPA")),
            _text(state, "city", t("Localité")),
            _select(state, "canton", t("Canton"), [("", "—"), *((code, code) for code in CANTONS)]),
            _text(state, "source", t("Source")),
            _text(state, "expected_amount", t("Montant attendu (CHF)"), input_mode="decimal"),
            _owner_select(state),
            *([_state_select(state)] if with_state else []),
            _text(state, "next_step", t("Prochaine étape")),
            _text(state, "next_step_date", t("Le"), placeholder="31.12.2026"),
            class_name="fields",
        ),
        rx.cond(
            state.custom,
            rx.el.div(rx.foreach(state.custom, lambda one: _custom_field(state, one)), class_name="fields"),
        ),
    )


def _text(state: Any, name: str, label: Any, class_name: str = "", **props: Any) -> rx.Component:
    control = rx.el.input(name=name, default_value=state.values[name], class_name="in", max_length=2000, **props)
    return _box(field(label, control, state.errors[name]), class_name)


def _box(inner: rx.Component, class_name: str) -> rx.Component:
    return rx.el.div(inner, class_name=class_name)


def _select(state: Any, name: str, label: Any, options: Sequence[tuple[str, Any]]) -> rx.Component:
    choices = [rx.el.option(text, value=value) for value, text in options]
    control = rx.el.select(*choices, name=name, default_value=state.values[name], class_name="in")
    return _box(field(label, control, state.errors[name]), "")


def _owner_select(state: Any) -> rx.Component:
    nobody = rx.el.option(t("personne"), value="")
    people = rx.foreach(state.people, lambda one: rx.el.option(one["name"], value=one["id"]))
    control = rx.el.select(
        nobody, people, name="owner_id", default_value=state.values["owner_id"], class_name="in", key=state.people_key
    )
    return _box(field(t("Responsable"), control, state.errors["owner_id"]), "")


def _state_select(state: Any) -> rx.Component:
    return _select(state, "state", t("État"), [(one.value, t(STATE_LABELS[one])) for one in OPEN_STATES])


def _custom_field(state: Any, one: Any) -> rx.Component:
    common = {"name": one["name"], "default_value": one["value"], "class_name": "in"}
    yes_no = rx.el.select(
        rx.el.option("—", value=""), rx.el.option(t("oui"), value="oui"), rx.el.option(t("non"), value="non"), **common
    )
    choices = one["choices"].split("\n")
    choice = rx.el.select(
        rx.el.option("—", value=""), rx.foreach(choices, lambda text: rx.el.option(text, value=text)), **common
    )
    control = rx.match(
        one["type"],
        ("yes_no", yes_no),
        ("date", rx.el.input(placeholder="31.12.2026", **common)),
        ("choice", rx.cond(one["choices"] != "", choice, rx.el.input(**common))),
        rx.el.input(**common),
    )
    return rx.el.div(field(one["label"], control, state.errors[one["name"]]))
