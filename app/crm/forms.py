"""The forms of leads and opportunities, and of the companies and persons that they are about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app import routes
from app.crm.next_step import FIRST_STEP, proposed_step_date
from app.doors import ask, do, now
from app.records.forms import FieldSpec, Form, FormRecord, FormSpec, apart, register_form, together, with_added
from app.records.party_names import find_parties, names_of_parties
from app.text import say
from db.access.rules import Actor
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import (
    CANTONS,
    LEAD_LIFE,
    OPEN_STATES,
    STATE_LABELS,
    LeadDraft,
    clean_draft,
    draft_findings,
)
from db.crm.opportunities.actions import add_opportunity, edit_opportunity
from db.crm.opportunities.queries import opportunity_facts
from db.crm.opportunities.rules import DRAFT_FIELDS, OpportunityDraft, OpportunityState, check_opportunity
from db.kernel.findings import BadFields, Finding
from db.parties.rules import PartyKind
from db.records.columns.rules import ValueType
from db.records.custom_fields.queries import custom_fields_for

EDIT = "crm.edit_leads"
CANTON_CHOICES = tuple((code, code) for code in CANTONS)

LEAD = FormSpec(
    "lead",
    "lead",
    (
        FieldSpec(
            "name", "Nom de la piste", wide=True, required=False, hint="Vide : celui de la société ou de la personne"
        ),
        FieldSpec("company_name", "Société"),
        FieldSpec("person_name", "Personne"),
        FieldSpec("email", "E-mail"),
        FieldSpec("phone", "Téléphone"),
        FieldSpec("street", "Rue"),
        FieldSpec("house_number", "Numéro"),
        FieldSpec("postal_code", "NPA"),
        FieldSpec("city", "Localité"),
        FieldSpec("canton", "Canton", ValueType.CHOICE, CANTON_CHOICES),
        FieldSpec("source", "Source"),
        FieldSpec("expected_amount", "Montant attendu (CHF)"),
        FieldSpec("owner_id", "Responsable"),
        FieldSpec(
            "state",
            "État",
            ValueType.CHOICE,
            tuple((one.value, STATE_LABELS[one]) for one in OPEN_STATES),
            required=True,
        ),
        FieldSpec("next_step", "Prochaine étape"),
        FieldSpec("next_step_date", "Date de l’étape"),
    ),
)
LEAD_FIELDS = frozenset(one.name for one in LEAD.fields if one.name != "state")
OPPORTUNITY = FormSpec(
    "opportunity",
    "opportunity",
    (
        FieldSpec("name", "Nom de l’affaire", required=True, wide=True),
        FieldSpec("party_id", "Société ou personne"),
        FieldSpec("contact_id", "Contact"),
        FieldSpec("expected_amount", "Montant attendu (CHF)"),
        FieldSpec("expected_close", "Signature attendue le"),
        FieldSpec("owner_id", "Responsable"),
        FieldSpec("next_step", "Prochaine étape", required=True),
        FieldSpec("next_step_date", "Date de l’étape", required=True),
    ),
)


def _read_lead(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        fields = ask(by, custom_fields_for, kind=LEAD.kind, by=by)
        start = {"owner_id": by.user_id, "state": OPEN_STATES[0].value}
        return FormRecord({**start, **given}, locked={"state": "Une piste commence nouvelle."}, custom=fields)
    lead = ask(by, lead_detail, lead_id=record_id, by=by)
    values = {one.name: getattr(lead, one.name) for one in LEAD.fields}
    ways = {lead.state, *LEAD_LIFE.next(lead.state)} & set(OPEN_STATES)
    stuck = {"state": "Une piste qualifiée ne revient pas en arrière."} if len(ways) == 1 else {}
    reason = "" if lead.state in OPEN_STATES else "La piste est close ; rouvrez-la pour la modifier."
    locked = dict.fromkeys(values, reason) if reason else stuck
    record = FormRecord({**values, "state": lead.state.value}, lead.row_version, locked)
    return with_added(record, lead.custom, locked=reason)


def _create_lead(by: Actor, values: dict[str, Any]) -> UUID:
    given = {name: value for name, value in together(values).items() if name != "state"}
    made: UUID = do(by, create_lead, draft=LeadDraft(received_at=now(), **{"name": "", **given}))
    return made


def _edit_lead(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    do(by, edit_lead, lead_id=record_id, values=together(values), expected_version=version)


def _read_opportunity(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        start = {"owner_id": by.user_id, "party_id": given.get("societe"), "contact_id": given.get("personne")}
        step = {"next_step": say(by.language, FIRST_STEP), "next_step_date": proposed_step_date(by, at=now())}
        return FormRecord({**start, **step}, custom=ask(by, custom_fields_for, kind=OPPORTUNITY.kind, by=by))
    facts = ask(by, opportunity_facts, opportunity_id=record_id, by=by)
    is_open = facts.state == OpportunityState.OPEN.value
    reason = "" if is_open else "L’affaire est close ; rouvrez-la pour la modifier."
    locked = dict.fromkeys(DRAFT_FIELDS, reason) if reason else {}
    record = FormRecord({name: getattr(facts, name) for name in DRAFT_FIELDS}, facts.row_version, locked)
    return with_added(record, facts.custom, locked=reason)


def _create_opportunity(by: Actor, values: dict[str, Any]) -> UUID:
    own, added = apart(values)
    made: UUID = do(by, add_opportunity, draft=OpportunityDraft(**{"name": "", **own}), custom=added)
    return made


def _edit_opportunity(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    do(by, edit_opportunity, opportunity_id=record_id, values=together(values), expected_version=version)


def _find_party(by: Actor, field: str, text: str) -> list[tuple[str, str]]:
    return find_parties(by, text, PartyKind.PERSON if field == "contact_id" else None)


def _check_lead(values: Mapping[str, Any]) -> list[Finding]:
    known = {name: values[name] for name in values if name in LEAD_FIELDS}
    return draft_findings(clean_draft(LeadDraft(received_at=now(), **{"name": "", **known})))


def _check_opportunity(values: Mapping[str, Any]) -> list[Finding]:
    known = {name: values[name] for name in values if name in DRAFT_FIELDS}
    try:
        check_opportunity(OpportunityDraft(**{"name": "", **known}))
    except BadFields as refusal:
        return refusal.findings
    return []


register_form(
    Form(LEAD, _read_lead, _create_lead, _edit_lead, routes.lead, "Piste créée.", EDIT, check=_check_lead, group="")
)
register_form(
    Form(
        OPPORTUNITY,
        _read_opportunity,
        _create_opportunity,
        _edit_opportunity,
        routes.opportunity,
        "Affaire créée.",
        EDIT,
        _find_party,
        names_of_parties,
        _check_opportunity,
    )
)
