"""What can be done with a lead. Many at once: `intake/actions.py`, repeated here because callers look here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.bulk import update_rows
from db.access.gate import gate
from db.access.people.queries import user_names
from db.access.people.reassignment import register_belongings
from db.access.rules import Actor
from db.crm.leads.derived import derived, findable, state_order
from db.crm.leads.intake.actions import add_leads, remove_leads_of_import, update_leads
from db.crm.leads.queries import count_open_leads
from db.crm.leads.rules import (
    CLOSED_STATES,
    DRAFT_FIELDS,
    KIND,
    LEAD_LIFE,
    OPEN_STATES,
    STATE_LABELS,
    AlreadyConverted,
    BadLead,
    Finding,
    LeadClosed,
    LeadDraft,
    LeadState,
    check_draft,
)
from db.crm.leads.tables import Exchange, Lead
from db.crm.opportunities.actions import open_opportunity
from db.crm.opportunities.rules import KIND as OPPORTUNITY
from db.crm.opportunities.tables import Opportunity
from db.jobs.actions import publish
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound
from db.parties.actions import add_contact, add_party
from db.parties.queries import same_party
from db.parties.rules import Address, PartyDraft, PartyKind
from db.records.custom_fields.actions import index_values
from db.records.custom_fields.queries import custom_fields, fields_for
from db.records.custom_fields.rules import kept, read_value
from db.records.search.actions import change_search_entries
from db.records.timeline.actions import Told, add_entries, add_entry, carry_timeline

__all__ = [
    "add_leads",
    "assign_leads",
    "convert_lead",
    "create_lead",
    "edit_lead",
    "lose_lead",
    "lose_leads",
    "note_exchange",
    "reassign_leads",
    "remove_leads_of_import",
    "reopen_lead",
    "take_lead",
    "update_leads",
]

CHANNELS = {
    "call": {"out": "Appel", "in": "Appel reçu"},
    "email": {"out": "E-mail", "in": "E-mail reçu"},
    "visit": {"out": "Visite", "in": "Visite reçue"},
    "other": {"out": "Échange", "in": "Échange reçu"},
}


@gate("crm.edit_leads")
def create_lead(session: Session, *, draft: LeadDraft, by: Actor, at: datetime) -> UUID:
    """Keep a new lead; return its id.

    Raises: BadLead.
    """
    draft = _with_read_custom(session, draft, by)
    [lead_id] = add_leads(session, drafts=[draft], import_id=None, by=by, at=at)
    publish(session, "crm.lead_created", at=at, subject=lead_id)
    return lead_id


@gate("crm.edit_leads")
def edit_lead(
    session: Session,
    *,
    lead_id: UUID,
    values: Mapping[str, Any],
    expected_version: int,
    by: Actor,
    at: datetime,
) -> int:
    """Change fields of a lead (names of `LeadDraft`; `custom` is merged key by key); return the new version.

    State, closing date and reason change by their own actions (`lose_lead`, `convert_lead`, `reopen_lead`), except that
    an open lead may step to another open state here.

    Raises: NotFound, ChangedMeanwhile, BadLead, WrongStep.
    """
    lead = _locked(session, lead_id)
    if lead.row_version != expected_version:
        raise ChangedMeanwhile("Cette piste a été modifiée entre-temps ; vos valeurs n’ont pas été enregistrées.")
    _check_open_step(lead, values)

    draft = _draft(lead, values)
    draft = check_draft(_with_read_custom(session, draft, by, before=lead.custom))
    for name in DRAFT_FIELDS:
        setattr(lead, name, getattr(draft, name))
    lead.state = draft.state.value
    _refresh(session, lead, by=by, at=at)
    publish(session, "crm.lead_changed", at=at, subject=lead_id)
    return lead.row_version


@gate("crm.edit_leads")
def take_lead(session: Session, *, lead_id: UUID, by: Actor, at: datetime) -> None:
    """Make the person who does it the lead's owner.

    Raises: NotFound.
    """
    assign_leads(session, lead_ids=[lead_id], owner_id=by.user_id, by=by, at=at)


@gate("crm.edit_leads")
def assign_leads(
    session: Session,
    *,
    lead_ids: Sequence[UUID],
    owner_id: UUID | None,
    by: Actor,
    at: datetime,
) -> int:
    """Give leads to an owner (or to nobody); return how many changed hands.

    Raises: NotFound: a lead or the owner does not exist.
    """
    names = user_names(session)
    if owner_id is not None and owner_id not in names:
        raise NotFound("Cette personne n’existe pas.")
    leads = [lead for lead in _all(session, lead_ids) if lead.owner_id != owner_id]
    for lead in leads:
        lead.owner_id = owner_id
        message = "Attribuée à {owner}" if owner_id else "Sans responsable"
        params = {"owner": names.get(owner_id, "")} if owner_id else {}
        add_entry(
            session,
            kind=KIND,
            record_id=lead.id,
            icon="assigned",
            message_id=message,
            params=params,
            by=by,
            at=at,
        )
    session.flush()
    return len(leads)


@gate("crm.edit_leads")
def reassign_leads(session: Session, *, from_user: UUID, to_user: UUID, by: Actor, at: datetime) -> int:
    """Give all open leads of somebody who leaves to somebody else; return how many."""
    wanted = select(Lead).where(
        col(Lead.owner_id) == from_user,
        col(Lead.state).in_([state.value for state in OPEN_STATES]),
    )
    leads = session.scalars(wanted).all()
    done = update_rows(session, Lead, [(lead, {"owner_id": to_user}) for lead in leads])
    for lead in leads:
        session.expire(lead)
    return done


register_belongings("lead", label="pistes", count=count_open_leads, reassign=reassign_leads)


@gate("crm.edit_leads")
def lose_lead(session: Session, *, lead_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Close a lead as lost.

    Raises: NotFound, WrongStep, BadLead: without a reason.
    """
    lose_leads(session, lead_ids=[lead_id], reason=reason, by=by, at=at)


@gate("crm.edit_leads")
def lose_leads(session: Session, *, lead_ids: Sequence[UUID], reason: str, by: Actor, at: datetime) -> int:
    """Close several leads as lost for one reason; return how many. All or none.

    Raises: NotFound, WrongStep, BadLead: without a reason.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise BadLead(
            [
                Finding(
                    "lost_reason",
                    "Dites en quelques mots pourquoi la piste est perdue.",
                )
            ]
        )
    leads = _all(session, lead_ids)
    for lead in leads:
        _check_not_converted(session, lead)
        _step(lead, LeadState.LOST)
        lead.closed_at, lead.lost_reason = max(at, lead.received_at), reason
        add_entry(
            session,
            kind=KIND,
            record_id=lead.id,
            icon="lost",
            message_id="Piste perdue : {reason}",
            params={"reason": reason},
            by=by,
            at=at,
        )
        publish(session, "crm.lead_closed", at=at, subject=lead.id, won=False)
    session.flush()
    return len(leads)


@gate("crm.edit_leads")
def reopen_lead(session: Session, *, lead_id: UUID, by: Actor, at: datetime) -> None:
    """Open a lost lead again.

    Raises: NotFound, WrongStep.
    """
    lead = _locked(session, lead_id)
    to = LeadState.CONTACTED if lead.exchanges else LeadState.NEW
    _step(lead, to)
    lead.closed_at, lead.lost_reason = None, ""
    add_entry(
        session,
        kind=KIND,
        record_id=lead_id,
        icon="reopened",
        message_id="Piste rouverte",
        by=by,
        at=at,
    )
    publish(session, "crm.lead_changed", at=at, subject=lead_id)


@gate("crm.edit_leads")
def convert_lead(session: Session, *, lead_id: UUID, by: Actor, at: datetime) -> UUID:
    """Turn a lead into an opportunity with its party and contact, its story carried along; return the opportunity's id.

    Raises: NotFound, AlreadyConverted, WrongStep.
    """
    lead = _locked(session, lead_id)
    _check_not_converted(session, lead)
    LEAD_LIFE.step(LeadState(lead.state), LeadState.CONVERTED)

    party_id, contact_id = _parties_of(session, lead, by=by, at=at)
    _step(lead, LeadState.CONVERTED)
    lead.closed_at, lead.party_id = max(at, lead.received_at), party_id
    opportunity_id: UUID = open_opportunity(
        session,
        name=lead.name,
        party_id=party_id,
        contact_id=contact_id,
        lead_id=lead_id,
        owner_id=lead.owner_id or by.user_id,
        expected_amount=lead.expected_amount,
        by=by,
        at=at,
    )
    carry_timeline(
        session,
        source=(KIND, lead_id),
        target=(OPPORTUNITY, opportunity_id),
        by=by,
        at=at,
    )
    add_entry(
        session,
        kind=KIND,
        record_id=lead_id,
        icon="converted",
        message_id="Piste convertie",
        origin=(OPPORTUNITY, opportunity_id),
        by=by,
        at=at,
    )
    publish(session, "crm.lead_closed", at=at, subject=lead_id, won=True)
    return opportunity_id


@gate("crm.edit_leads")
def note_exchange(
    session: Session,
    *,
    lead_id: UUID,
    channel: str,
    direction: str,
    happened_at: datetime,
    text: str,
    by: Actor,
    at: datetime,
) -> None:
    """Note a call, an e-mail or a visit; a new lead becomes a contacted one.

    Raises: NotFound, BadInput: unknown channel or direction, or a moment yet to come.
    """
    if channel not in CHANNELS or direction not in ("in", "out"):
        raise BadInput("« {channel} » n’est pas un moyen d’échange connu.", channel=channel)
    if happened_at > at:
        raise BadInput("Un échange ne se note pas d’avance.")
    lead = _locked(session, lead_id)
    session.add(
        Exchange(
            lead_id=lead_id,
            channel=channel,
            direction=direction,
            happened_at=happened_at,
            text=text.strip(),
            by_name=by.name,
        )
    )
    lead.exchanges += 1
    lead.last_exchange_at = max(happened_at, lead.last_exchange_at or happened_at)
    if lead.state == LeadState.NEW.value:
        _step(lead, LeadState.CONTACTED)
    told = Told(KIND, lead_id, channel, CHANNELS[channel][direction], happened_at, {}, text.strip())
    add_entries(session, entries=[told], by=by, at=at)
    publish(session, "crm.lead_changed", at=at, subject=lead_id)


def _step(lead: Lead, to: LeadState) -> None:
    lead.state = LEAD_LIFE.step(LeadState(lead.state), to).value
    lead.state_order = state_order(lead.state)


def _locked(session: Session, lead_id: UUID) -> Lead:
    lead = session.get(Lead, lead_id, with_for_update=True, populate_existing=True)
    if lead is None:
        raise NotFound("Cette piste n’existe pas ou plus.")
    return lead


def _all(session: Session, lead_ids: Sequence[UUID]) -> list[Lead]:
    ids = sorted(set(lead_ids))
    leads: list[Lead] = []
    for start in range(0, len(ids), 500):
        chunk = select(Lead).where(col(Lead.id).in_(ids[start : start + 500])).order_by(col(Lead.id))
        leads += session.scalars(chunk.with_for_update())
    if len(leads) != len(ids):
        raise NotFound("Une des pistes n’existe pas ou plus.")
    return leads


def _check_not_converted(session: Session, lead: Lead) -> None:
    if lead.state != LeadState.CONVERTED.value:
        return
    became = session.scalars(select(Opportunity).where(col(Opportunity.lead_id) == lead.id)).first()
    owner = user_names(session).get(became.owner_id, "") if became and became.owner_id else ""
    if owner:
        raise AlreadyConverted(
            "« {name} » est déjà convertie ; l’affaire est chez {owner}.",
            name=lead.name,
            owner=owner,
        )
    raise AlreadyConverted("« {name} » est déjà convertie.", name=lead.name)


def _check_open_step(lead: Lead, values: Mapping[str, Any]) -> None:
    if LeadState(lead.state) in CLOSED_STATES:
        raise LeadClosed(
            "Cette piste est {state} ; rouvrez-la pour la modifier.",
            state=STATE_LABELS[LeadState(lead.state)].lower(),
        )
    wanted = LeadState(values.get("state", lead.state))
    if wanted in CLOSED_STATES:
        LEAD_LIFE.step(LeadState(lead.state), wanted)
        raise LeadClosed("Une piste se clôt par « Convertir » ou « Perdue ».")
    if wanted.value != lead.state:
        LEAD_LIFE.step(LeadState(lead.state), wanted)


def _draft(lead: Lead, values: Mapping[str, Any]) -> LeadDraft:
    now = {name: getattr(lead, name) for name in DRAFT_FIELDS}
    given = {name: value for name, value in values.items() if name not in ("closed_at", "lost_reason")}
    unknown = set(given) - set(DRAFT_FIELDS)
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown)))
    merged = {**now, **given}
    return LeadDraft(**{**merged, "state": LeadState(merged["state"])})


def _with_read_custom(
    session: Session,
    draft: LeadDraft,
    by: Actor,
    before: Mapping[str, Any] | None = None,
) -> LeadDraft:
    """Return the draft with its custom values read by their types, merged into those before.

    Raises: BadLead: a value does not fit, or the field is unknown to the actor.
    """
    readable = {field.key: field for field in fields_for(session, kind=KIND, by=by)}
    found, custom = [], dict(before or {})
    for key, given in draft.custom.items():
        if before is not None and key in before and before[key] == given:
            continue
        if key not in readable:
            found.append(Finding(f"custom.{key}", "Le champ « {key} » n’existe pas.", {"key": key}))
            continue
        try:
            custom[key] = kept(read_value(readable[key], given))
        except BadInput as problem:
            found.append(Finding(f"custom.{key}", problem.message_id, problem.params))
    if found:
        raise BadLead(found)
    return replace(draft, custom={key: value for key, value in custom.items() if value is not None})


def _refresh(session: Session, lead: Lead, *, by: Actor, at: datetime) -> None:
    """Bring orders, search text and custom index of a changed lead in step."""
    values = {name: getattr(lead, name) for name in (*DRAFT_FIELDS, "search_number")}
    for name, value in derived(values).items():
        setattr(lead, name, value)
    session.flush()
    fields = custom_fields(session, kind=KIND)
    change_search_entries(session, entries=[findable(lead.id, values, fields)], by=by, at=at)
    index_values(
        session,
        fields=fields,
        records=[(lead.id, lead.search_number, lead.custom)],
        are_new=False,
        by=by,
        at=at,
    )


def _parties_of(session: Session, lead: Lead, *, by: Actor, at: datetime) -> tuple[UUID, UUID | None]:
    """Return the company (or, without one, the person) of a lead and its contact, made where nobody knows them yet."""
    address = Address(lead.street, lead.house_number, lead.postal_code, lead.city, lead.canton)
    person_name = lead.person_name or ("" if lead.company_name else lead.name)
    person_id = company_id = None
    if lead.company_name:
        company_id = _party(
            session,
            PartyDraft(PartyKind.COMPANY, lead.company_name, address=address),
            by=by,
            at=at,
        )
    if person_name:
        at_home = Address() if company_id else address
        person = PartyDraft(
            PartyKind.PERSON,
            person_name,
            email=lead.email,
            phone=lead.phone,
            address=at_home,
        )
        person_id = _party(session, person, by=by, at=at)
    if company_id and person_id:
        add_contact(
            session,
            company_id=company_id,
            person_id=person_id,
            function="",
            by=by,
            at=at,
        )
        return company_id, person_id
    party_id = company_id or person_id
    assert party_id is not None, "a lead has a name"
    return party_id, None


def _party(session: Session, draft: PartyDraft, *, by: Actor, at: datetime) -> UUID:
    known = same_party(session, kind=draft.kind, name=draft.name, email=draft.email)
    made: UUID = known or add_party(session, draft=draft, by=by, at=at)
    return made
